namespace OnnxTimm.Models;

/// <summary>
/// VoVNet (arXiv:1904.09730) and VoVNetV2 (1911.06667): all maps of a block are joined once, at its end, with an
/// identity and an effective gate in the second version. timm/models/vovnet.py.
/// </summary>
public static class VovNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Layers">Convolutions of a block.</param>
    public sealed record Config(int[] Depths, int Layers) : ConvStyle(Ops.Relu)
    {
        /// <summary>Channels that the stem gives.</summary>
        public int Stem { get; init; } = 128;

        /// <summary>Channels of a block's convolutions in each stage.</summary>
        public int[] Inner { get; init; } = [128, 160, 192, 224];

        /// <summary>Channels that the blocks of each stage give.</summary>
        public int[] Outer { get; init; } = [256, 512, 768, 1024];

        /// <summary>A convolution of a block, with norm and activation.</summary>
        public ConvBlock<Config> Layer { get; init; } = PlainLayer;

        /// <summary>Brings what a block takes to the width of its layers.</summary>
        public ConvBlock<Config> Reduce { get; init; } = (x, _, _, _, _) => x;

        /// <summary>Weighs the channels of a stage's last block.</summary>
        public Func<Value, Scope, Value> Gate { get; init; } = (x, s) => x.EffectiveSqueezeExcite(s);

        /// <summary>From what a block computes and what it took to what it gives.</summary>
        public Func<Value, Value, Value> Join { get; init; } = (y, x) => y + x;
    }

    /// <summary>timm's variants of the module <c>vovnet</c>.</summary>
    public static readonly Family<Config> Family = new("vovnet", Build, Facts)
    {
        { "vovnet39a",            new([1, 1, 2, 2], 5) { Gate = NoGate, Join = WithoutIdentity } },
        { "vovnet57a",            new([1, 1, 4, 3], 5) { Gate = NoGate, Join = WithoutIdentity } },
        { "ese_vovnet19b_slim_dw", Depthwise(Slim(new([1, 1, 1, 1], 3))) },
        { "ese_vovnet19b_dw",     Depthwise(new([1, 1, 1, 1], 3)) },
        { "ese_vovnet19b_slim",   Slim(new([1, 1, 1, 1], 3)) },
        { "ese_vovnet39b",        new([1, 1, 2, 2], 5) },
        { "ese_vovnet57b",        new([1, 1, 4, 3], 5) },
        { "ese_vovnet99b",        new([1, 3, 9, 3], 5) },
        { "eca_vovnet39b",        new([1, 1, 2, 2], 5) { Gate = (x, s) => ResNetBlocks.Eca(x, s, x.Channels) } },
        { "ese_vovnet39b_evos",   new([1, 1, 2, 2], 5) { Norm = (x, s, act) => x.EvoNormS0(s, groups: 32) } },
    };

    static Config Slim(Config c) => c with { Inner = [64, 80, 96, 112], Outer = [112, 256, 384, 512] };

    static Config Depthwise(Config c) => c with { Stem = 64, Layer = SeparableLayer, Reduce = Reduced };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["stem"];
        x = x.ConvNormAct(stem[0], 64, new(3, Stride: 2), c);
        x = net.Tap("stem.1", c.Layer(x, stem[1], 64, c, new(0, 0, 0) { Stride = 1 }));
        x = c.Layer(x, stem[2], c.Stem, c, new(0, 0, 0) { Stride = 2 });
        foreach (var b in net.Blocks(c.Depths))
        {
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.MaxPool(k: 3, stride: 2, Pad.Valid, ceil: true);
            x = Block(x, s["stages"][b.Stage]["blocks"][b.Index], c.Outer[b.Stage], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["fc"]));
    }

    /// <summary>One-shot aggregation: all maps on the way are joined by one convolution.</summary>
    static Value Block(Value x, Scope s, int channels, Config c, Place place)
    {
        var inner = c.Inner[place.Stage];
        var maps = new List<Value> { x };
        var y = c.Reduce(x, s["conv_reduction"], inner, c, place);
        for (var i = 0; i < c.Layers; i++)
            maps.Add(y = c.Layer(y, s["conv_mid"][i], inner, c, place));
        y = maps.Concat(1).ConvNormAct(s["conv_concat"], channels, new(1), c);
        y = (place.IsLast ? c.Gate(y, s["attn"]) : y).DropPath(place.DropPath);
        return place.IsFirst ? y : c.Join(y, x);
    }

    static Value PlainLayer(Value x, Scope s, int channels, Config c, Place place) =>
        x.ConvNormAct(s, channels, new(3, place.Stride), c);

    static Value SeparableLayer(Value x, Scope s, int channels, Config c, Place place) =>
        x.SeparableConvNormAct(s, channels, new(3, place.Stride), c);

    static Value Reduced(Value x, Scope s, int channels, Config c, Place place) =>
        x.Channels == channels ? x : x.ConvNormAct(s, channels, new(1), c);

    static Value NoGate(Value x, Scope s) => x;

    static Value WithoutIdentity(Value y, Value x) => y;

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+).blocks\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut(), LinearBias = Init.Zeros },
    };
}
