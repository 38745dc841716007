namespace OnnxTimm.Models;

/// <summary>
/// DenseNet (arXiv:1608.06993): a layer reads the maps of all layers before it in its block. With the deep stem
/// (1812.01187) and blurred pooling (1904.11486) of the ResNets. timm/models/densenet.py.
/// </summary>
public static class DenseNet
{
    /// <param name="GrowthRate">Channels that a layer adds to its block.</param>
    /// <param name="Depths">Layers of each block.</param>
    public sealed record Config(int GrowthRate, params int[] Depths)
    {
        public Stem Stem { get; init; } = Plain;
        public Func<Scope, Value, Value> StemPool { get; init; } = (_, x) => x.MaxPool(k: 3, stride: 2);
    }

    /// <summary>The first convolutions, at stride 2, to twice as many channels as the growth rate.</summary>
    public delegate Value Stem(Config c, Net net, Scope s, Value x);

    public static readonly Family<Config> Family = new("densenet", Build, Defaults,
        new(@"^features\.conv[012]|features\.norm[012]|features\.pool[012]",
            (@"^features\.denseblock(\d+)\.denselayer(\d+)", null),
            (@"^features\.transition(\d+)", [LayerGroups.Previous])))
    {
        { "densenet121",      new(32, 6, 12, 24, 16) },
        { "densenetblur121d", new(32, 6, 12, 24, 16) { Stem = Deep, StemPool = ResNet.BlurredMaxPool } },
        { "densenet169",      new(32, 6, 12, 32, 32) },
        { "densenet201",      new(32, 6, 12, 48, 32) },
        { "densenet161",      new(48, 6, 12, 36, 24) },
        { "densenet264d",     new(48, 6, 12, 64, 48) { Stem = Deep } },
    };

    static Value Build(Config c, Net net, Scope s, Value x)
    {
        var f = s["features"];
        x = c.StemPool(f["pool0"], c.Stem(c, net, f, x));
        foreach (var (i, depth) in c.Depths.Index())
        {
            if (i > 0)
                x = Transition(f[$"transition{i}"], net.Tap($"features.denseblock{i}", x));
            for (var layer = 1; layer <= depth; layer++)
                x = Layer(c, f[$"denseblock{i + 1}"][$"denselayer{layer}"], x, net.Options.ProjDropRate);
        }
        x = net.Tap("features.norm5", Activated(f, "norm5", x));
        return net.Head(s["classifier"], net.Unpooled(x));
    }

    /// <summary>All maps so far, and those that a narrow 3x3 convolution makes of them.</summary>
    static Value Layer(Config c, Scope s, Value x, double dropRate)
    {
        var y = Activated(s, "norm1", x).Conv(s["conv1"], 4 * c.GrowthRate, k: 1, bias: false);
        y = Activated(s, "norm2", y).Conv(s["conv2"], c.GrowthRate, k: 3, bias: false);
        return new[] { x, y.Dropout(dropRate) }.Concat(1);
    }

    /// <summary>Halves the channels, then height and width.</summary>
    static Value Transition(Scope s, Value x) =>
        Activated(s, "norm", x).Conv(s["conv"], x.Channels / 2, k: 1, bias: false).AvgPool(k: 2, stride: 2, Pad.Valid);

    static Value Plain(Config c, Net net, Scope s, Value x) =>
        net.Tap("features.norm0", Unit(s, 0, x, 2 * c.GrowthRate, k: 7, stride: 2));

    static Value Deep(Config c, Net net, Scope s, Value x)
    {
        x = Unit(s, 0, x, c.GrowthRate, k: 3, stride: 2);
        x = Unit(s, 1, x, c.GrowthRate, k: 3, stride: 1);
        return net.Tap("features.norm2", Unit(s, 2, x, 2 * c.GrowthRate, k: 3, stride: 1));
    }

    static Value Unit(Scope s, int number, Value x, int channels, int k, int stride) =>
        Activated(s, $"norm{number}", x.Conv(s[$"conv{number}"], channels, k, stride, bias: false));

    static Value Activated(Scope s, string norm, Value x) => x.BatchNorm(s[norm]).Relu();

    static LayerDefaults Defaults(Config c) => new() { Conv = _ => Init.KaimingFanIn, LinearBias = _ => Init.Zeros };
}
