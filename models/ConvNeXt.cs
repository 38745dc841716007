using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ConvNeXt (arXiv:2201.03545): a ResNet in the manner of a transformer, with wide windows for each channel and an MLP
/// for each pixel; ConvNeXt V2 (2301.00808) with global response norms. timm/models/convnext.py.
/// </summary>
public static class ConvNeXt
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims)
    {
        /// <summary>From the image to a map of a quarter of its size.</summary>
        public NetPart<Config> Stem { get; init; } = PatchStem;

        /// <summary>The last norm, the pool and the classifier.</summary>
        public NetPart<Config> Head { get; init; } = NormLast;

        /// <summary>Norm, MLP and whatever layout they want.</summary>
        public ConvBlock<Config> Mlp { get; init; } = LinearMlp;

        /// <summary>The norm over channels that lie last; it norms maps with their channels first, too.</summary>
        public Norm Norm { get; init; } = Layers.LayerNorm;

        /// <summary>Epsilon of all norms.</summary>
        public double NormEps { get; init; } = 1e-6;

        /// <summary>Between the layers of an MLP, and between the convolutions of a stem that has several.</summary>
        public Act Act { get; init; } = Activations.Gelu;

        /// <summary>Windows of each stage.</summary>
        public int[] Kernels { get; init; } = [7, 7, 7, 7];

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; } = 1e-6;

        /// <summary>What stands between the layers of an MLP.</summary>
        public Func<Value, Scope, Value> Response { get; init; } = (x, _) => x;

        /// <summary>What stands between the last norm and the classifier.</summary>
        public Func<Value, Scope, Value> Hidden { get; init; } = (x, _) => x;
    }

    /// <summary>timm's variants of the module <c>convnext</c>.</summary>
    public static readonly Family<Config> Family = new("convnext", Build, Facts)
    {
        { "convnext_zepto_rms",     Conv([2, 2, 4, 2], 32) with { Norm = Layers.SimpleNorm } },
        { "convnext_zepto_rms_ols", Conv([2, 2, 4, 2], 32) with { Norm = Layers.SimpleNorm, Stem = ActiveStem } },
        { "convnext_atto",          Conv([2, 2, 6, 2], 40) },
        { "convnext_atto_ols",      Conv([2, 2, 6, 2], 40) with { Stem = TieredStem } },
        { "convnext_atto_rms",      Conv([2, 2, 6, 2], 40) with { Norm = Layers.RmsNorm } },
        { "convnext_femto",         Conv([2, 2, 6, 2], 48) },
        { "convnext_femto_ols",     Conv([2, 2, 6, 2], 48) with { Stem = TieredStem } },
        { "convnext_pico",          Conv([2, 2, 6, 2], 64) },
        { "convnext_pico_ols",      Conv([2, 2, 6, 2], 64) with { Stem = TieredStem } },
        { "convnext_nano",          Conv([2, 2, 8, 2], 80) },
        { "convnext_nano_ols",      Conv([2, 2, 8, 2], 80) with { Stem = OverlappingStem } },
        { "convnext_tiny_hnf",      Conv([3, 3, 9, 3], 96) with { Head = NormFirst } },
        { "convnext_tiny",          Plain([3, 3, 9, 3], 96) },
        { "convnext_small",         Plain([3, 3, 27, 3], 96) },
        { "convnext_base",          Plain([3, 3, 27, 3], 128) },
        { "convnext_large",         Plain([3, 3, 27, 3], 192) },
        { "convnext_large_mlp",     Plain([3, 3, 27, 3], 192) with { Hidden = ActiveLayer } },
        { "convnext_xlarge",        Plain([3, 3, 27, 3], 256) },
        { "convnext_xxlarge",       Plain([3, 4, 30, 3], 384) with { NormEps = 1e-5 } },
        { "convnextv2_atto",        V2(Conv([2, 2, 6, 2], 40)) },
        { "convnextv2_femto",       V2(Conv([2, 2, 6, 2], 48)) },
        { "convnextv2_pico",        V2(Conv([2, 2, 6, 2], 64)) },
        { "convnextv2_nano",        V2(Conv([2, 2, 8, 2], 80)) },
        { "convnextv2_tiny",        V2(Plain([3, 3, 9, 3], 96)) },
        { "convnextv2_small",       V2(Plain([3, 3, 27, 3], 96)) },
        { "convnextv2_base",        V2(Plain([3, 3, 27, 3], 128)) },
        { "convnextv2_large",       V2(Plain([3, 3, 27, 3], 192)) },
        { "convnextv2_huge",        V2(Plain([3, 3, 27, 3], 352)) },
        { "test_convnext",          new([1, 2, 4, 2], [24, 32, 48, 64]) {
            NormEps = 1e-5, Act = Activations.GeluTanh } },
        { "test_convnext2",         new([1, 1, 1, 1], [32, 64, 96, 128]) {
            NormEps = 1e-5, Act = Activations.GeluTanh } },
        { "test_convnext3",         new([1, 1, 1, 1], [32, 64, 96, 128]) {
            NormEps = 1e-5, Act = Activations.Silu, Kernels = [7, 5, 5, 3] } },
    };

    static Config Plain(int[] depths, int dim) => new(depths, [dim, 2 * dim, 4 * dim, 8 * dim]);

    /// <summary>The MLP as 1x1 convolutions, which spares small networks two transposes a block.</summary>
    static Config Conv(int[] depths, int dim) => Plain(depths, dim) with { Mlp = ConvMlp };

    static Config V2(Config c) => c with { LayerScale = null, Response = (x, s) => x.GlobalResponseNorm(s["grn"]) };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.Stem(x, s["stem"], c, net);
        foreach (var b in net.Strided(c.Depths, reduction: 4))
        {
            var stage = s["stages"][b.Stage];
            if (b.IsFirst && b.Stage > 0)
                x = Downsample(x, stage["downsample"], c, b);
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return c.Head(x, s, c, net);
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var y = x.DepthwiseConv(s["conv_dw"], c.Kernels[place.Stage], dilation: place.Dilation);
        y = c.Mlp(y, s, 4 * x.Channels, c, place).LayerScale2d(s, c.LayerScale);
        return y.DropPath(place.DropPath) + x;
    }

    static Value LinearMlp(Value x, Scope s, int hidden, Config c, Place place)
    {
        var y = c.Act(c.Norm(x.ChannelsLast(), s["norm"]).Linear(s["mlp"]["fc1"], hidden));
        return c.Response(y, s["mlp"]).Linear(s["mlp"]["fc2"], x.Channels).ChannelsFirst();
    }

    static Value ConvMlp(Value x, Scope s, int hidden, Config c, Place place)
    {
        var y = c.Act(Norm2d(x, s["norm"], c).Conv(s["mlp"]["fc1"], hidden, k: 1));
        return c.Response(y, s["mlp"]).Conv(s["mlp"]["fc2"], x.Channels, k: 1);
    }

    static Value Downsample(Value x, Scope s, Config c, Place place) => Norm2d(x, s[0], c).Conv(s[1],
        c.Dims[place.Stage], new Window(2, place.Stride, place.FirstDilation)
        { Pad = place.Dilation > 1 ? Pad.Same : Pad.Valid });

    static Value Norm2d(Value x, Scope s, Config c) => c.Norm(x.ChannelsLast(), s).ChannelsFirst();

    static Value PatchStem(Value x, Scope s, Config c, Net net) =>
        Norm2d(x.Conv(s[0], c.Dims[0], k: 4, stride: 4, Pad.Valid), s[1], c);

    static Value OverlappingStem(Value x, Scope s, Config c, Net net) => Overlapping(x, s, c.Dims[0], c);

    /// <summary>It widens in two steps.</summary>
    static Value TieredStem(Value x, Scope s, Config c, Net net) =>
        Overlapping(x, s, MakeDivisible(c.Dims[0] / 2), c);

    static Value Overlapping(Value x, Scope s, int middle, Config c) => Norm2d(
        x.Conv(s[0], middle, k: 3, stride: 2).Conv(s[1], c.Dims[0], k: 3, stride: 2), s[2], c);

    static Value ActiveStem(Value x, Scope s, Config c, Net net) => Norm2d(
        c.Act(x.Conv(s[0], c.Dims[0], k: 3, stride: 2)).Conv(s[2], c.Dims[0], k: 3, stride: 2), s[3], c);

    static Value NormLast(Value x, Scope s, Config c, Net net) => net.Head(x, new(s["head"]["fc"])
    {
        Norm = y => c.Norm(y, s["head"]["norm"]),
        Hidden = y => c.Hidden(y, s["head"]["pre_logits"]),
    });

    static Value NormFirst(Value x, Scope s, Config c, Net net) =>
        net.Head(Norm2d(x, s["norm_pre"], c), new(s["head"]["fc"]));

    static Value ActiveLayer(Value x, Scope s) => x.Linear(s["fc"], x.Features).Gelu();

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^norm_pre", [LayerGroups.Previous])))
    {
        Layers = LayerDefaults.TruncNormal with { LayerNormEps = c.NormEps },
        Dilates = true,
    };
}
