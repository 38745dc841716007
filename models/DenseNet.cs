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
        /// <summary>The first convolutions, at stride 2, to twice as many channels as the growth rate.</summary>
        public NetPart<Config> Stem { get; init; } = PlainStem;

        /// <summary>Subsamples what the stem gives, by 2.</summary>
        public Func<Value, Scope, Value> StemPool { get; init; } = (x, _) => x.MaxPool(k: 3, stride: 2);
    }

    /// <summary>timm's variants of the module <c>densenet</c>.</summary>
    public static readonly Family<Config> Family = new("densenet", Build, Facts)
    {
        { "densenet121",      new(32, 6, 12, 24, 16) },
        { "densenetblur121d", new(32, 6, 12, 24, 16) { Stem = DeepStem, StemPool = ResNet.BlurredMaxPool } },
        { "densenet169",      new(32, 6, 12, 32, 32) },
        { "densenet201",      new(32, 6, 12, 48, 32) },
        { "densenet161",      new(48, 6, 12, 36, 24) },
        { "densenet264d",     new(48, 6, 12, 64, 48) { Stem = DeepStem } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var f = s["features"];
        var x = c.StemPool(c.Stem(image, f, c, net), f["pool0"]);
        foreach (var b in net.Blocks(c.Depths))
        {
            if (b is { IsFirst: true, Stage: > 0 and var stage })
                x = Transition(net.Tap($"features.denseblock{stage}", x), f[$"transition{stage}"]);
            x = Layer(x, f[$"denseblock{b.Stage + 1}"][$"denselayer{b.Index + 1}"], c.GrowthRate, b);
        }
        return net.Head(net.Tap("features.norm5", Activated(x, f["norm5"])), new(s["classifier"]));
    }

    /// <summary>All maps so far, and those that a narrow 3x3 convolution makes of them.</summary>
    static Value Layer(Value x, Scope s, int growth, Place place)
    {
        var y = Activated(x, s["norm1"]).Conv(s["conv1"], 4 * growth, k: 1, bias: false);
        y = Activated(y, s["norm2"]).Conv(s["conv2"], growth, k: 3, bias: false);
        return new[] { x, y.Dropout(place.ProjDrop) }.Concat(1);
    }

    /// <summary>Halves the channels, then height and width.</summary>
    static Value Transition(Value x, Scope s) =>
        Activated(x, s["norm"]).Conv(s["conv"], x.Channels / 2, k: 1, bias: false).AvgPool(k: 2, stride: 2, Pad.Valid);

    static Value PlainStem(Value x, Scope s, Config c, Net net) =>
        net.Tap("features.norm0", Unit(x, s, 0, 2 * c.GrowthRate, new(7, Stride: 2)));

    static Value DeepStem(Value x, Scope s, Config c, Net net)
    {
        x = Unit(x, s, 0, c.GrowthRate, new(3, Stride: 2));
        x = Unit(x, s, 1, c.GrowthRate, new(3));
        return net.Tap("features.norm2", Unit(x, s, 2, 2 * c.GrowthRate, new(3)));
    }

    static Value Unit(Value x, Scope s, int number, int channels, Window w) =>
        x.ConvNormAct((s[$"conv{number}"], s[$"norm{number}"]), channels, w, new(Ops.Relu));

    static Value Activated(Value x, Scope s) => x.BatchNorm(s).Relu();

    static FamilyFacts Facts(Config c) => new(new(@"^features\.conv[012]|features\.norm[012]|features\.pool[012]",
        (@"^features\.denseblock(\d+)\.denselayer(\d+)", null),
        (@"^features\.transition(\d+)", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.KaimingFanIn, LinearBias = Init.Zeros },
    };
}
