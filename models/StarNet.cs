namespace OnnxTimm.Models;

/// <summary>
/// StarNet (arXiv:2403.19967): blocks that multiply two layers' results by each other. timm/models/starnet.py.
/// </summary>
public static class StarNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Width">Channels of the first stage; each has twice those before it.</param>
    /// <param name="Ratio">Hidden channels of a block over its own.</param>
    public sealed record Config(int[] Depths, int Width, int Ratio = 4);

    /// <summary>timm's variants of the module <c>starnet</c>.</summary>
    public static readonly Family<Config> Family = new("starnet", Build, Facts)
    {
        { "starnet_s1",   new([2, 2, 8, 3], 24) },
        { "starnet_s2",   new([1, 2, 6, 2], 32) },
        { "starnet_s3",   new([2, 2, 8, 4], 32) },
        { "starnet_s4",   new([3, 3, 12, 5], 32) },
        { "starnet_s050", new([1, 1, 3, 1], 16, Ratio: 3) },
        { "starnet_s100", new([1, 2, 4, 1], 20) },
        { "starnet_s150", new([1, 2, 4, 2], 24, Ratio: 3) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Unit(x, s["stem"][0], 32, new(3, Stride: 2)).Relu6();
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b.IsFirst)
                x = Unit(x, stage[0], c.Width << b.Stage, new(3, Stride: 2));
            x = Block(x, stage[b.Index + 1], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x.BatchNorm(s["norm"]), new(s["head"]));
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var hidden = c.Ratio * x.Channels;
        var y = Unit(x, s["dwconv"], x.Channels, new(7, Groups: x.Channels));
        y = y.Conv(s["f1"]["conv"], hidden, k: 1).Relu6() * y.Conv(s["f2"]["conv"], hidden, k: 1);
        y = Unit(y, s["g"], x.Channels, new(1)).DepthwiseConv(s["dwconv2"]["conv"], k: 7);
        return x + y.DropPath(place.DropPath);
    }

    /// <summary>A convolution, which has a bias, and its norm.</summary>
    static Value Unit(Value x, Scope s, int channels, Window w) => x.Conv(s["conv"], channels, w).BatchNorm(s["bn"]);

    static FamilyFacts Facts(Config c) => new(new(@"^stem\.\d+",
        (@"^stages\.(\d+)\.(\d+)", null), ("norm", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.TruncNormal(), Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
    };
}
