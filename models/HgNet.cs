namespace OnnxTimm.Models;

/// <summary>
/// PP-HGNet and its second version (PaddleClas): blocks that join the maps of all their layers, small windows that a
/// GPU likes, learned affine activations. timm/models/hgnet.py.
/// </summary>
public static class HgNet
{
    /// <param name="Stages">Inner and outer channels and blocks of each stage.</param>
    /// <param name="Layers">Layers of a block.</param>
    public sealed record Config((int Inner, int Outer, int Depth)[] Stages, int Layers) : ConvStyle(Ops.Relu)
    {
        /// <summary>From the image to a map of a quarter of its size.</summary>
        public NetPart<Config> Stem { get; init; } = StemV1(64, 64, 128);

        /// <summary>A layer of a block, with norm and activation.</summary>
        public ConvBlock<Config> Layer { get; init; } = PlainLayer;

        /// <summary>Joins the maps of a block.</summary>
        public ConvBlock<Config> Aggregate { get; init; } = Gated;

        /// <summary>What follows an activation.</summary>
        public Func<Value, Scope, Value> Affine { get; init; } = (x, _) => x;
    }

    /// <summary>timm's variants of the module <c>hgnet</c>.</summary>
    public static readonly Family<Config> Family = new("hgnet", Build, Facts)
    {
        { "hgnet_tiny",  new([(96, 224, 1), (128, 448, 1), (160, 512, 2), (192, 768, 1)], 5) {
            Stem = StemV1(48, 48, 96) } },
        { "hgnet_small", new([(128, 256, 1), (160, 512, 1), (192, 768, 2), (224, 1024, 1)], 6) },
        { "hgnet_base",  new([(192, 320, 1), (224, 640, 2), (256, 960, 3), (288, 1280, 2)], 7) {
            Stem = StemV1(96, 96, 160) } },
        { "hgnetv2_b0",  V2(16, 16, 3, (16, 64, 1), (32, 256, 1), (64, 512, 2), (128, 1024, 1)) with {
            Affine = Learned } },
        { "hgnetv2_b1",  V2(24, 32, 3, (32, 64, 1), (48, 256, 1), (96, 512, 2), (192, 1024, 1)) with {
            Affine = Learned } },
        { "hgnetv2_b2",  V2(24, 32, 4, (32, 96, 1), (64, 384, 1), (128, 768, 3), (256, 1536, 1)) with {
            Affine = Learned } },
        { "hgnetv2_b3",  V2(24, 32, 5, (32, 128, 1), (64, 512, 1), (128, 1024, 3), (256, 2048, 1)) with {
            Affine = Learned } },
        { "hgnetv2_b4",  V2(32, 48, 6, (48, 128, 1), (96, 512, 1), (192, 1024, 3), (384, 2048, 1)) },
        { "hgnetv2_b5",  V2(32, 64, 6, (64, 128, 1), (128, 512, 2), (256, 1024, 5), (512, 2048, 2)) },
        { "hgnetv2_b6",  V2(48, 96, 6, (96, 192, 2), (192, 512, 3), (384, 1024, 6), (768, 2048, 3)) },
    };

    static Config V2(int inner, int outer, int layers, params (int, int, int)[] stages) => new(stages, layers)
    {
        Stem = StemV2(inner, outer),
        Layer = LightLater,
        Aggregate = Squeezed,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.Stem(x, s["stem"], c, net);
        foreach (var b in net.Blocks([.. c.Stages.Select(stage => stage.Depth)]))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.ConvNorm(stage["downsample"], x.Channels, new(3, Stride: 2, Groups: x.Channels), c);
            x = Block(x, stage["blocks"][b.Index], c.Stages[b.Stage].Outer, c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        var head = s["head"];
        return net.Head(x, new(head["fc"])
        {
            Pooled = y => c.Affine(c.Act(y.Conv(head["last_conv"][0], 2048, k: 1, bias: false)), head["last_conv"][2]),
        });
    }

    static Value Block(Value x, Scope s, int channels, Config c, Place place)
    {
        var maps = new List<Value> { x };
        for (var i = 0; i < c.Layers; i++)
            maps.Add(c.Layer(maps[^1], s["layers"][i], c.Stages[place.Stage].Inner, c, place));
        var y = c.Aggregate(maps.Concat(1), s["aggregation"], channels, c, place);
        return place.IsFirst ? y : y.DropPath(place.DropPath) + x;
    }

    static Value PlainLayer(Value x, Scope s, int channels, Config c, Place place) => Unit(x, s, channels, new(3), c);

    /// <summary>In the last two stages a 1x1 convolution and a wide window for each channel.</summary>
    static Value LightLater(Value x, Scope s, int channels, Config c, Place place) => place.Stage < 2
        ? PlainLayer(x, s, channels, c, place)
        : Unit(x.ConvNorm(s["conv1"], channels, new(1), c), s["conv2"], channels, new(5, Groups: channels), c);

    /// <summary>One convolution and an effective gate.</summary>
    static Value Gated(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Unit(x, s[0], channels, new(1), c);
        return y * y.GlobalAveragePool().Conv(s[1]["conv"], channels, k: 1).Sigmoid();
    }

    static Value Squeezed(Value x, Scope s, int channels, Config c, Place place) =>
        Unit(Unit(x, s[0], channels / 2, new(1), c), s[1], channels, new(1), c);

    static NetPart<Config> StemV1(params int[] channels) => (x, s, c, _) =>
    {
        foreach (var (i, width) in channels.Index())
            x = Unit(x, s["stem"][i], width, new(3, i == 0 ? 2 : 1), c);
        return x.MaxPool(k: 3, stride: 2);
    };

    static NetPart<Config> StemV2(int inner, int outer) => (x, s, c, _) =>
    {
        x = PadEnd(Unit(x, s["stem1"], inner, new(3, Stride: 2), c));
        var y = PadEnd(Unit(x, s["stem2a"], inner / 2, new(2), c));
        y = Unit(y, s["stem2b"], inner, new(2), c);
        x = new[] { x.MaxPool(k: 2, stride: 1, Pad.Valid, ceil: true), y }.Concat(1);
        return Unit(Unit(x, s["stem3"], inner, new(3, Stride: 2), c), s["stem4"], outer, new(1), c);
    };

    static Value PadEnd(Value x) => x.Pad([0, 0, 0, 0, 0, 0, 1, 1]);

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        c.Affine(x.ConvNormAct(s, channels, w, c), s["lab"]);

    static Value Learned(Value x, Scope s) => s.Param("scale", Init.Ones, 1) * x + s.Param("bias", Init.Zeros, 1);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut(), LinearBias = Init.Zeros },
    };
}
