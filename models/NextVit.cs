using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// Next-ViT (arXiv:2207.05501): blocks of grouped convolutions, and at the end of a row one whose channels mostly
/// attend, over fewer keys, while the rest convolves. timm/models/nextvit.py.
/// </summary>
public static class NextVit
{
    /// <summary>Channels of a head and of a group.</summary>
    const int HeadWidth = 32;

    /// <param name="Rows">Rows of four convolutional blocks and one that attends, in the third stage.</param>
    /// <param name="DropPathRate">Stochastic depth of its own.</param>
    public sealed record Config(int Rows, double DropPathRate);

    /// <summary>timm's variants of the module <c>nextvit</c>.</summary>
    public static readonly Family<Config> Family = new("nextvit", Build, Facts)
    {
        { "nextvit_small", new(2, 0.1) },
        { "nextvit_base",  new(4, 0.2) },
        { "nextvit_large", new(6, 0.2) },
    };

    static ConvStyle Style => new(Ops.Relu);

    /// <summary>Channels of the blocks that convolve and of those that attend, of each stage.</summary>
    static (int Conv, int Attend)[] Dims => [(96, 0), (192, 256), (384, 512), (768, 1024)];

    static int[] Reductions => [8, 4, 2, 1];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        foreach (var (i, (channels, stride)) in new[] { (64, 2), (32, 1), (64, 1), (64, 2) }.Index())
            x = x.ConvNormAct(Named(s["stem"][i]), channels, new(3, stride), Style);
        foreach (var b in net.Blocks([3, 4, 5 * c.Rows, 3]))
        {
            var block = s["stages"][b.Stage]["blocks"][b.Index];
            var place = b with { Stride = b is { IsFirst: true, Stage: > 0 } ? 2 : 1 };
            x = Attends(b) ? AttendingBlock(x, block, Dims[b.Stage].Attend, place)
                : ConvBlock(x, block, Dims[b.Stage].Conv, place);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x.BatchNorm(s["norm"]), new(s["head"]["fc"]));
    }

    static bool Attends(Place b) => b.Stage == 2 ? b.Index % 5 == 4 : b is { IsLast: true, Stage: > 0 };

    static (Scope Conv, Scope Norm) Named(Scope s) => (s["conv"], s["norm"]);

    static Value ConvBlock(Value x, Scope s, int channels, Place place)
    {
        x = Embed(x, s["patch_embed"], channels, place.Stride);
        x += ConvAttention(x, s["mhca"]).DropPath(place.DropPath);
        return x + Mlp(x.BatchNorm(s["norm"]), s["mlp"], 3, place);
    }

    /// <summary>Three quarters of the channels attend; the rest is made of them by convolutions.</summary>
    static Value AttendingBlock(Value x, Scope s, int channels, Place place)
    {
        const double share = 0.75;
        var attended = MakeDivisible((int)(channels * share), HeadWidth);
        x = Embed(x, s["patch_embed"], attended, place.Stride);
        var y = Attention(x.BatchNorm(s["norm1"]).ToTokens(), s["e_mhsa"], place).ToMap(x.Height, x.Width);
        x += y.DropPath(place.DropPath * share);
        y = Embed(x, s["projection"], channels - attended, stride: 1);
        y += ConvAttention(y, s["mhca"]).DropPath(place.DropPath * (1 - share));
        x = new[] { x, y }.Concat(1);
        return x + Mlp(x.BatchNorm(s["norm2"]), s["mlp"], 2, place);
    }

    /// <summary>Halves the map by means and changes the channels; what is right already stays.</summary>
    static Value Embed(Value x, Scope s, int channels, int stride)
    {
        if (stride == 1 && x.Channels == channels)
            return x;
        var y = stride == 1 ? x : x.AvgPool(k: 2, stride: 2, Pad.Valid, ceil: true, countPads: false);
        return y.ConvNorm(Named(s), channels, new(1), Style);
    }

    static Value ConvAttention(Value x, Scope s) => x
        .ConvNormAct((s["group_conv3x3"], s["norm"]), x.Channels, new(3, Groups: x.Channels / HeadWidth), Style)
        .Conv(s["projection"], x.Channels, k: 1, bias: false);

    static Value Mlp(Value x, Scope s, int expand, Place place) => x.Conv(s["fc1"], expand * x.Channels, k: 1).Relu()
        .Dropout(place.ProjDrop).Conv(s["fc2"], x.Channels, k: 1).DropPath(place.DropPath);

    /// <summary>Keys and values are of means over tokens in a row.</summary>
    static Value Attention(Value x, Scope s, Place place)
    {
        var (dim, ratio) = (x.Features, Reductions[place.Stage] * Reductions[place.Stage]);
        var q = x.Linear(s["q"], dim);
        var seen = ratio == 1 ? x : MeanOf(x, ratio).OverRows(y => y.BatchNorm(s.Late("norm")));
        return Qkv.Of(q, seen.Linear(s["k"], dim), seen.Linear(s["v"], dim), dim / HeadWidth)
            .Attend(dropout: place.AttnDrop).MergeHeads().Linear(s["proj"], dim).Dropout(place.ProjDrop);
    }

    static Value MeanOf(Value x, int count)
    {
        var length = x.Shape[1].Size / count;
        return x.Slice(1, 0, length * count).Reshape(x.Shape[0], length, count, x.Features)
            .ReduceMean([2], keepDims: false);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = LayerDefaults.TruncNormal,
        DropPathRate = c.DropPathRate,
    };
}
