namespace OnnxTimm.Models;

/// <summary>
/// NASNet-A (arXiv:1707.07012): two cells that a search has found, each over what the two cells before it gave.
/// timm/models/nasnet.py.
/// </summary>
public static class NasNet
{
    /// <param name="Channels">Of the first cells; twice as many behind each reduction.</param>
    /// <param name="Repeats">Cells between the reductions.</param>
    /// <param name="Stem">Channels of the first convolution.</param>
    public sealed record Config(int Channels, int Repeats, int Stem);

    /// <summary>timm's variants of the module <c>nasnet</c>.</summary>
    public static readonly Family<Config> Family = new("nasnet", Build, Facts)
    {
        { "nasnetalarge", new(168, 6, 96) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var first = image.Conv(s["conv0"]["conv"], c.Stem, k: 3, stride: 2, Pad.Valid, bias: false)
            .BatchNorm(s["conv0"]["bn"]);
        net.Tap("conv0", first);
        var before = StemCell(first, s["cell_stem_0"], c.Channels / 4);
        net.Tap("cell_stem_1.conv_1x1.act", before, y => y.Relu());
        var x = SecondStemCell(before, first, s["cell_stem_1"], c.Channels / 2);
        for (var i = 0; i < 3 * c.Repeats; i++)
        {
            var channels = c.Channels << (i / c.Repeats);
            if (i > 0 && i % c.Repeats == 0)
            {
                var name = $"reduction_cell_{i / c.Repeats - 1}";
                net.Tap($"{name}.conv_1x1.act", x, y => y.Relu());
                // The next cell sees what stood before the cell that was reduced.
                x = ReductionCell(x, before, s[name], channels);
            }
            (x, before) = (NormalCell(x, before, s[$"cell_{i}"], channels), x);
        }
        x = net.Tap("act", x.Relu());
        return net.Head(x, new(s["last_linear"]));
    }

    static Value StemCell(Value x, Scope s, int channels) =>
        Reduce(x.ActConvNorm(s["conv_1x1"], channels), x, s, channels);

    static Value SecondStemCell(Value x, Value before, Scope s, int channels)
    {
        var current = x.ActConvNorm(s["conv_1x1"], channels);
        return Reduce(current, before.FactorizedReduction(s, channels), s, channels);
    }

    static Value ReductionCell(Value x, Value before, Scope s, int channels)
    {
        var previous = before.ActConvNorm(s["conv_prev_1x1"], channels);
        return Reduce(x.ActConvNorm(s["conv_1x1"], channels), previous, s, channels);
    }

    /// <summary>A cell; where what came before is a larger map still, that is reduced.</summary>
    static Value NormalCell(Value x, Value before, Scope s, int channels)
    {
        if (before.Height == x.Height)
        {
            var previous = before.ActConvNorm(s["conv_prev_1x1"], channels);
            return Combine(x.ActConvNorm(s["conv_1x1"], channels), previous, s, channels);
        }
        var current = x.ActConvNorm(s["conv_1x1"], channels);
        return Combine(current, before.FactorizedReduction(s, channels), s, channels);
    }

    /// <summary>Keeps the size of the map.</summary>
    static Value Combine(Value current, Value previous, Scope s, int channels)
    {
        var mean = previous.MeanAround();
        return new[]
        {
            previous,
            current.Separable(s["comb_iter_0_left"], channels, 5)
                + previous.Separable(s["comb_iter_0_right"], channels, 3),
            previous.Separable(s["comb_iter_1_left"], channels, 5)
                + previous.Separable(s["comb_iter_1_right"], channels, 3),
            current.MeanAround() + previous,
            mean + mean,
            current.Separable(s["comb_iter_4_left"], channels, 3) + current,
        }.Concat(1);
    }

    /// <summary>Halves the map.</summary>
    static Value Reduce(Value current, Value previous, Scope s, int channels)
    {
        var a = current.Separable(s["comb_iter_0_left"], channels, 5, stride: 2)
            + previous.Separable(s["comb_iter_0_right"], channels, 7, stride: 2);
        var largest = current.Largest(stride: 2);
        var b = largest + previous.Separable(s["comb_iter_1_right"], channels, 7, stride: 2);
        var c = current.HalvingMean() + previous.Separable(s["comb_iter_2_right"], channels, 5, stride: 2);
        var e = a.Separable(s["comb_iter_4_left"], channels, 3) + largest;
        return new[] { b, c, a.MeanAround() + b, e }.Concat(1);
    }

    static FamilyFacts Facts(Config c) => new(new("^conv0|cell_stem_[01]", (@"^cell_(\d+)", null),
        ("^reduction_cell_0", [c.Repeats]), ("^reduction_cell_1", [2 * c.Repeats])))
    {
        Layers = new() { BatchNormEps = 1e-3 },
    };
}
