namespace OnnxTimm.Models;

/// <summary>
/// CSPNeXt, the backbone of RTMDet (arXiv:2212.07784): cross-stage partial stages whose blocks look around in large
/// windows, one filter a channel, and weigh their channels. timm/models/cspnext.py.
/// </summary>
public static class CspNext
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Channels">Channels of the first stage; each has twice those before it.</param>
    public sealed record Config(int[] Depths, int Channels) : ConvStyle(Activations.Silu);

    /// <summary>timm's variants of the module <c>cspnext</c>.</summary>
    public static readonly Family<Config> Family = new("cspnext", Build, Facts)
    {
        { "cspnext_tiny", new([1, 1, 1, 1], 48) },
        { "cspnext_s",    new([1, 2, 2, 1], 64) },
        { "cspnext_m",    new([2, 4, 4, 2], 96) },
        { "cspnext_l",    new([3, 6, 6, 3], 128) },
        { "cspnext_x",    new([4, 8, 8, 4], 160) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var (stem, half) = (s["stem"], c.Channels / 4);
        x = x.ConvNormAct(stem[0], half, new(3, Stride: 2), c).ConvNormAct(stem[1], half, new(3), c);
        x = net.Tap("stem", x.ConvNormAct(stem[2], c.Channels / 2, new(3), c));
        foreach (var stage in net.Strided(c.Depths, reduction: 2, [2, 2, 2, 2], DropPath(c)).GroupBy(b => b.Stage))
            x = net.Tap($"stages.{stage.Key}", Stage(x, s["stages"][stage.Key], c, [.. stage]));
        return net.Head(x, new(s["head"]["fc"]));
    }

    /// <summary>Linear over the blocks that have an identity, those of the first three stages.</summary>
    static Func<double, Place, double> DropPath(Config c) => (rate, place) => place.Stage == 3 ? 0
        : rate * place.Number / Math.Max(1, place.Blocks - c.Depths[3] - 1);

    static Value Stage(Value x, Scope s, Config c, Place[] places)
    {
        var first = places[0];
        x = x.ConvNormAct(s[0], c.Channels << first.Stage, new(3, first.Stride, first.FirstDilation), c);
        return first.Stage < 3 ? Cross(x, s[1], c, places, ResidualBlock)
            : Cross(SpatialPyramid(x, s[1], c), s[2], c, places, Block);
    }

    /// <summary>The largest of three sizes of window beside the map itself.</summary>
    static Value SpatialPyramid(Value x, Scope s, Config c)
    {
        var y = x.ConvNormAct(s["conv1"], x.Channels / 2, new(1), c);
        return new[] { y, y.MaxPool(k: 5, stride: 1), y.MaxPool(k: 9, stride: 1), y.MaxPool(k: 13, stride: 1) }
            .Concat(1).ConvNormAct(s["conv2"], x.Channels, new(1), c);
    }

    static Value Cross(Value x, Scope s, Config c, Place[] places, ConvBlock<Config> block)
    {
        var (channels, half) = (x.Channels, x.Channels / 2);
        var passed = x.ConvNormAct(s["short_conv"], half, new(1), c);
        var main = places.Aggregate(x.ConvNormAct(s["main_conv"], half, new(1), c),
            (y, b) => block(y, s["blocks"][b.Index], half, c, b));
        return new[] { main, passed }.Concat(1).EffectiveSqueezeExcite(s["attention"])
            .ConvNormAct(s["final_conv"], channels, new(1), c);
    }

    static Value ResidualBlock(Value x, Scope s, int channels, Config c, Place place) =>
        x + Block(x, s, channels, c, place).DropPath(place.DropPath);

    static Value Block(Value x, Scope s, int channels, Config c, Place place)
    {
        var conv2 = s["conv2"];
        return x.ConvNormAct(s["conv1"], channels, new(3, Dilation: place.Dilation), c)
            .ConvNormAct(conv2["depthwise_conv"], channels, new(5, 1, place.Dilation, channels), c)
            .ConvNormAct(conv2["pointwise_conv"], channels, new(1), c);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.\d+\.blocks\.(\d+)", null),
        (@"^stages\.(\d+)\.\d+\.(?:attention|final_conv)", [LayerGroups.Previous]), (@"^stages\.(\d+)", [0])))
    {
        Dilates = true,
    };
}
