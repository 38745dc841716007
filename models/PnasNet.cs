namespace OnnxTimm.Models;

/// <summary>
/// PNASNet-5 (arXiv:1712.00559): one cell that a progressive search has found, over what the two cells before it gave.
/// timm/models/pnasnet.py.
/// </summary>
public static class PnasNet
{
    /// <param name="Channels">Of the first cells; twice as many from each reduction on.</param>
    /// <param name="Repeats">Cells between the reductions.</param>
    /// <param name="Stem">Channels of the first convolution.</param>
    public sealed record Config(int Channels, int Repeats, int Stem);

    /// <summary>timm's variants of the module <c>pnasnet</c>.</summary>
    public static readonly Family<Config> Family = new("pnasnet", Build, Facts)
    {
        { "pnasnet5large", new(216, 3, 96) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var first = image.Conv(s["conv_0"]["conv"], c.Stem, k: 3, stride: 2, Pad.Valid, bias: false)
            .BatchNorm(s["conv_0"]["bn"]);
        net.Tap("conv_0", first);
        var before = StemCell(first, s["cell_stem_0"], c.Channels / 4);
        net.Tap("cell_stem_1.conv_1x1.act", before, y => y.Relu());
        var x = Cell(first, before, s["cell_stem_1"], c.Channels / 2, stride: 2);
        // The first cells of the later stages are the reductions.
        for (var i = 0; i < 3 * c.Repeats + 3; i++)
        {
            var stage = i / (c.Repeats + 1);
            var isReduction = i % (c.Repeats + 1) == 0 && stage > 0;
            if (isReduction)
                net.Tap($"cell_{i}.conv_1x1.act", x, y => y.Relu());
            (before, x) = (x, Cell(before, x, s[$"cell_{i}"], c.Channels << stage, isReduction ? 2 : 1));
        }
        x = net.Tap("act", x.Relu());
        return net.Head(x, new(s["last_linear"]));
    }

    static Value StemCell(Value image, Scope s, int channels)
    {
        var x = image.ActConvNorm(s["conv_1x1"], channels);
        var pooled = s["comb_iter_0_right"];
        return Combine(image, x, s, channels, stride: 2, () => image.Largest(stride: 2)
            .Conv(pooled["conv"], channels, k: 1, bias: false).BatchNorm(pooled["bn"]));
    }

    /// <param name="before">What the cell before the last one gave; a larger map is halved.</param>
    /// <param name="x">What the last one gave.</param>
    /// <param name="s">Scope of the cell.</param>
    /// <param name="channels">A fifth of those of the result.</param>
    /// <param name="stride">By what it divides the map.</param>
    static Value Cell(Value before, Value x, Scope s, int channels, int stride)
    {
        var previous = before.Height == x.Height
            ? before.ActConvNorm(s["conv_prev_1x1"], channels)
            : before.FactorizedReduction(s["conv_prev_1x1"], channels);
        x = x.ActConvNorm(s["conv_1x1"], channels);
        return Combine(previous, x, s, channels, stride, () => previous.Largest(stride));
    }

    static Value Combine(Value previous, Value x, Scope s, int channels, int stride, Func<Value> pooled)
    {
        var largest = x.Largest(stride);
        var a = previous.Separable(s["comb_iter_0_left"], channels, 5, stride) + pooled();
        var b = x.Separable(s["comb_iter_1_left"], channels, 7, stride) + largest;
        var c = x.Separable(s["comb_iter_2_left"], channels, 5, stride)
            + x.Separable(s["comb_iter_2_right"], channels, 3, stride);
        var d = c.Separable(s["comb_iter_3_left"], channels, 3) + largest;
        var e = previous.Separable(s["comb_iter_4_left"], channels, 3, stride);
        e += stride == 1 ? x : x.ActConvNorm(s["comb_iter_4_right"], channels, stride);
        return new[] { a, b, c, d, e }.Concat(1);
    }

    static FamilyFacts Facts(Config c) => new(new("^conv_0|cell_stem_[01]", (@"^cell_(\d+)", null)))
    {
        Layers = new() { BatchNormEps = 1e-3 },
    };
}
