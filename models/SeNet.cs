namespace OnnxTimm.Models;

/// <summary>
/// The first SE-Nets (arXiv:1709.01507), as they were before ResNet.cs took them in: other names, a pool without
/// padding, strides elsewhere. timm/models/senet.py.
/// </summary>
public static class SeNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Block">The residual block.</param>
    public sealed record Config(int[] Depths, ConvBlock<SeNet.Config> Block) : ConvStyle(Ops.Relu)
    {
        /// <summary>Groups of a bottleneck's window.</summary>
        public int Groups { get; init; } = 1;

        /// <summary>The first convolutions, at stride 2.</summary>
        public NetPart<Config> Stem { get; init; } = PlainStem;

        /// <summary>The window of a shortcut where the map is halved.</summary>
        public int Shortcut { get; init; } = 1;
    }

    /// <summary>timm's variants of the module <c>senet</c>.</summary>
    public static readonly Family<Config> Family = new("senet", Build, Facts)
    {
        { "legacy_seresnet18",         new(ResNet.N18, Basic) },
        { "legacy_seresnet34",         new(ResNet.N50, Basic) },
        { "legacy_seresnet50",         new(ResNet.N50, Bottleneck) },
        { "legacy_seresnet101",        new(ResNet.N101, Bottleneck) },
        { "legacy_seresnet152",        new(ResNet.N152, Bottleneck) },
        { "legacy_senet154",           new(ResNet.N152, Wide) { Groups = 64, Stem = DeepStem, Shortcut = 3 } },
        { "legacy_seresnext26_32x4d",  new(ResNet.N18, Next) { Groups = 32 } },
        { "legacy_seresnext50_32x4d",  new(ResNet.N50, Next) { Groups = 32 } },
        { "legacy_seresnext101_32x4d", new(ResNet.N101, Next) { Groups = 32 } },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = net.Tap("layer0", c.Stem(x, s["layer0"], c, net)).MaxPool(k: 3, stride: 2, Pad.Valid, ceil: true);
        foreach (var b in net.Blocks(c.Depths))
        {
            var name = $"layer{b.Stage + 1}";
            x = c.Block(x, s[name][b.Index], 64 << b.Stage, c, b with { Stride = b.IsFirst && b.Stage > 0 ? 2 : 1 });
            if (b.IsLast)
                net.Tap(name, x);
        }
        return net.Head(x, new(s["last_linear"]));
    }

    static Value PlainStem(Value x, Scope s, Config c, Net net) =>
        x.ConvNormAct((s["conv1"], s["bn1"]), 64, new(7, Stride: 2), c);

    static Value DeepStem(Value x, Scope s, Config c, Net net) => x
        .ConvNormAct((s["conv1"], s["bn1"]), 64, new(3, Stride: 2), c)
        .ConvNormAct((s["conv2"], s["bn2"]), 64, new(3), c)
        .ConvNormAct((s["conv3"], s["bn3"]), 128, new(3), c);

    static Value Basic(Value x, Scope s, int planes, Config c, Place place)
    {
        var y = x.ConvNormAct((s["conv1"], s["bn1"]), planes, new(3, place.Stride), c)
            .ConvNormAct((s["conv2"], s["bn2"]), planes, new(3), c);
        return Residual(x, y, s, c, place);
    }

    /// <summary>Halves the map in its first convolution.</summary>
    static Value Bottleneck(Value x, Scope s, int planes, Config c, Place place) =>
        Bottleneck(x, s, planes, c, place, (planes, new(1, place.Stride)), (planes, new(3)));

    static Value Wide(Value x, Scope s, int planes, Config c, Place place) =>
        Bottleneck(x, s, planes, c, place, (planes * 2, new(1)),
            (planes * 4, new(3, place.Stride, Groups: c.Groups)));

    static Value Next(Value x, Scope s, int planes, Config c, Place place) =>
        Bottleneck(x, s, planes, c, place, (planes / 16 * c.Groups, new(1)),
            (planes / 16 * c.Groups, new(3, place.Stride, Groups: c.Groups)));

    static Value Bottleneck(Value x, Scope s, int planes, Config c, Place place, (int Channels, Window W) first,
        (int Channels, Window W) second)
    {
        var y = x.ConvNormAct((s["conv1"], s["bn1"]), first.Channels, first.W, c)
            .ConvNormAct((s["conv2"], s["bn2"]), second.Channels, second.W, c)
            .ConvNorm((s["conv3"], s["bn3"]), planes * 4, new(1), c);
        return Residual(x, y, s, c, place);
    }

    static Value Residual(Value x, Value y, Scope s, Config c, Place place)
    {
        var residual = y.SqueezeExcite(s["se_module"], y.Channels / 16);
        return c.Act(residual + (x.Shape.Equals(y.Shape) ? x : Shortcut(x, s["downsample"], y.Channels, c, place)));
    }

    static Value Shortcut(Value x, Scope s, int channels, Config c, Place place) =>
        x.ConvNorm((s[0], s[1]), channels, new(place.Stride == 1 ? 1 : c.Shortcut, place.Stride), c);

    static FamilyFacts Facts(Config c) => new(new("^layer0", (@"^layer(\d+)\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
    };
}
