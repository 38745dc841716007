namespace OnnxTimm.Models;

// The table of variants.
public static partial class MaxxVit
{
    /// <summary>timm's variants of the module <c>maxxvit</c>.</summary>
    public static readonly Family<Config> Family = new("maxxvit", Build, Facts)
    {
        { "coatnet_pico_rw_224",      Rw(64, [2, 3, 5, 2], 32) with { Convs = SmallConvs } },
        { "coatnet_nano_rw_224",      Rw(64, [3, 4, 6, 3], 32) with { Convs = SmallConvs with { PoolsFirst = true } } },
        { "coatnet_0_rw_224",         Coat(96, [2, 3, 7, 2], 32, Early with { PoolsFirst = true }, NoBias) },
        { "coatnet_1_rw_224",         Coat(96, [2, 6, 14, 2], 32, Early, NoBias) },
        { "coatnet_2_rw_224",         Coat(128, [2, 6, 14, 2], 64, CoatConvs with { GateAct = Activations.Silu }) },
        { "coatnet_3_rw_224",         Coat(192, [2, 6, 14, 2], 96, CoatConvs with { GateAct = Activations.Silu },
            Narrow with { LayerScale = 1e-6 }) },
        { "coatnet_bn_0_rw_224",      Coat(96, [2, 3, 7, 2], 32, Early, NoBias with { Norm = BatchNorm6 }) },
        { "coatnet_rmlp_nano_rw_224", Rw(64, [3, 4, 6, 3], 32) with
            { Convs = SmallConvs, Attention = Narrow with { Positions = MlpTable(384) } } },
        { "coatnet_rmlp_0_rw_224",    Coat(96, [2, 3, 7, 2], 32, CoatConvs, NarrowMlp) },
        { "coatnet_rmlp_1_rw_224",    Coat(96, [2, 6, 14, 2], 32, Early with { PoolsFirst = true, Pool = LargestOf3 },
            NoBias with { Positions = MlpTable(384) }) },
        { "coatnet_rmlp_1_rw2_224",   Coat(96, [2, 6, 14, 2], 32, CoatConvs, NarrowMlp) },
        { "coatnet_rmlp_2_rw_224 coatnet_rmlp_2_rw_384", Coat(128, [2, 6, 14, 2], 64,
            CoatConvs with { GateAct = Activations.Silu }, NarrowMlp with { LayerScale = 1e-6 }) },
        { "coatnet_rmlp_3_rw_224",    Coat(192, [2, 6, 14, 2], 96, CoatConvs with { GateAct = Activations.Silu },
            NarrowMlp with { LayerScale = 1e-6 }) },
        { "coatnet_nano_cc_224",      Coat(64, [3, 4, 6, 3], 32, CoatConvs with { PoolsFirst = true }) with
            { Block = [Conv, Conv, ConvFirst, ConvFirst] } },
        { "coatnext_nano_rw_224",     Next(64, [3, 4, 6, 3], 32, 1e-5) with
            { Block = [Conv, Conv, Attend, Attend], Attention = Narrow, Begin = Normal } },
        { "coatnet_0_224",            Paper([96, 192, 384, 768], [2, 3, 5, 2], 64) },
        { "coatnet_1_224",            Paper([96, 192, 384, 768], [2, 6, 14, 2], 64) },
        { "coatnet_2_224",            Paper([128, 256, 512, 1024], [2, 6, 14, 2], 128) },
        { "coatnet_3_224",            Paper([192, 384, 768, 1536], [2, 6, 14, 2], 192) },
        { "coatnet_4_224",            Paper([192, 384, 768, 1536], [2, 12, 28, 2], 192) },
        { "coatnet_5_224",            Paper([256, 512, 1280, 2048], [2, 12, 28, 2], 192) },
        { "maxvit_pico_rw_256",       Max(32, [2, 2, 5, 2], 24) },
        { "maxvit_nano_rw_256",       Max(64, [1, 2, 3, 1], 32) },
        { "maxvit_tiny_rw_224 maxvit_tiny_rw_256", Max(64, [2, 2, 5, 2], 32) },
        { "maxvit_tiny_pm_256",       Max(64, [2, 2, 5, 2], 32) with
            { Block = [Parallel, Parallel, Parallel, Parallel] } },
        { "maxvit_rmlp_pico_rw_256",  Max(32, [2, 2, 5, 2], 24) with { Attention = NarrowMlp } },
        { "maxvit_rmlp_nano_rw_256",  Max(64, [1, 2, 3, 1], 32) with { Attention = NarrowMlp } },
        { "maxvit_rmlp_tiny_rw_256",  Max(64, [2, 2, 5, 2], 32) with { Attention = NarrowMlp } },
        { "maxvit_rmlp_small_rw_224 maxvit_rmlp_small_rw_256", Max(96, [2, 2, 5, 2], 32) with
            { Attention = NarrowMlp with { LayerScale = 1e-6 } } },
        { "maxvit_rmlp_base_rw_224 maxvit_rmlp_base_rw_384", Max(96, [2, 6, 14, 2], 32) with
            { Attention = NarrowMlp, Hidden = 768 } },
        { "maxxvit_rmlp_nano_rw_256", Next(64, [1, 2, 3, 1], 32, 1e-6) with { Begin = Normal } },
        { "maxxvit_rmlp_tiny_rw_256", Next(64, [2, 2, 5, 2], 32, 1e-6) },
        { "maxxvit_rmlp_small_rw_256", Next(96, [2, 2, 5, 2], 48, 1e-6) },
        { "maxxvitv2_nano_rw_256",    V2(96, [1, 2, 3, 1], 48) with
            { Attention = Narrow with { LayerScale = 1e-6 }, Begin = Normal } },
        { "maxxvitv2_rmlp_base_rw_224 maxxvitv2_rmlp_base_rw_384", V2(128, [2, 6, 12, 2], 64) },
        { "maxxvitv2_rmlp_large_rw_224", V2(160, [2, 6, 16, 2], 80) with { Hidden = 1280 } },
        { "maxvit_tiny_tf_224 maxvit_tiny_tf_384 maxvit_tiny_tf_512",       Tf(64, [2, 2, 5, 2], 64) },
        { "maxvit_small_tf_224 maxvit_small_tf_384 maxvit_small_tf_512",    Tf(96, [2, 2, 5, 2], 64) },
        { "maxvit_base_tf_224 maxvit_base_tf_384 maxvit_base_tf_512",       Tf(96, [2, 6, 14, 2], 64) },
        { "maxvit_large_tf_224 maxvit_large_tf_384 maxvit_large_tf_512",    Tf(128, [2, 6, 14, 2], 128) },
        { "maxvit_xlarge_tf_224 maxvit_xlarge_tf_384 maxvit_xlarge_tf_512", Tf(192, [2, 6, 14, 2], 192) },
        { "test_maxvit",              new([32, 64, 96, 128], [1, 1, 1, 1], 16, 32) {
            Block = AllWindowed, Convs = MaxConvs, Attention = Narrow } },
        { "test_coatnet",             new([32, 64, 96, 128], [1, 1, 2, 1], 16, 32) {
            Convs = SmallConvs with { PoolsFirst = true }, Attention = Narrow } },
    };

    static ConvBlock<Config>[] AllWindowed => [WindowsAndGrid, WindowsAndGrid, WindowsAndGrid, WindowsAndGrid];

    static ConvBlock<Config>[] AllGrid => [GridAlone, GridAlone, GridAlone, GridAlone];

    /// <summary>timm's own: hidden channels by those that come in.</summary>
    static ConvFacts MaxConvs => new(Activations.Silu)
    {
        Bias = (false, false),
        Base = (channels, _) => channels,
        Squeezed = (_, hidden) => hidden / 16.0,
    };

    static ConvFacts SmallConvs => MaxConvs with { Bias = (false, true), Squeezed = (_, hidden) => hidden / 4.0 };

    static ConvFacts CoatConvs => MaxConvs with
    {
        Before = Activations.Silu,
        Squeezed = (_, hidden) => hidden / 4.0,
        GateAct = Ops.Relu,
    };

    static ConvFacts Early => CoatConvs with { NormGate = GateThenNorm };

    static AttentionFacts Narrow => new(Activations.Gelu) { Width = (channels, _) => channels };

    static AttentionFacts NarrowMlp => Narrow with { Positions = MlpTable(512) };

    static AttentionFacts NoBias => Narrow with { ShortcutBias = false };

    static (Func<int, Init>, Init, Init) Normal => (_ => Init.Normal(0.02), Init.Normal(0.02), Init.Zeros);

    static Value BatchNorm6(Value x, Scope s) => x.BatchNorm(s.With(d => d with { BatchNormEps = 1e-6 }));

    static Value ConvFirst(Value x, Scope s, int channels, Config c, Place place) =>
        place.IsFirst ? Conv(x, s, channels, c, place) : Attend(x, s, channels, c, place);

    static int[] Doubling(int dim) => [dim, 2 * dim, 4 * dim, 8 * dim];

    static Config Rw(int dim, int[] depths, int stem) => new(Doubling(dim), depths, stem, Wide(dim, stem))
    {
        Attention = Narrow,
    };

    /// <summary>Channels of the stem's second convolution.</summary>
    static int Wide(int dim, int stem) => stem == 24 ? 32 : 2 * stem;

    static Config Coat(int dim, int[] depths, int stem, ConvFacts convs, AttentionFacts? attention = null) =>
        Rw(dim, depths, stem) with { Convs = convs, Attention = attention ?? Narrow };

    static Config Max(int dim, int[] depths, int stem) => Rw(dim, depths, stem) with
    {
        Block = AllWindowed,
        Convs = MaxConvs,
    };

    static Config Next(int dim, int[] depths, int stem, double layerScale) => Rw(dim, depths, stem) with
    {
        Block = AllWindowed,
        Convs = new(Activations.Gelu)
        {
            Block = ConvNeXt,
            Norm = Layers.WithAct(Layers.LayerNorm2d),
            LayerScale = layerScale,
        },
        Attention = NarrowMlp with { LayerScale = layerScale },
    };

    static Config V2(int dim, int[] depths, int stem) => Next(dim, depths, stem, 1e-6) with { Block = AllGrid };

    static Config Paper(int[] dims, int[] depths, int stem) => new(dims, depths, stem) { Hidden = dims[3] };

    static Config Tf(int dim, int[] depths, int stem) => new(Doubling(dim), depths, stem)
    {
        Block = AllWindowed,
        Convs = new(Activations.GeluTanh)
        {
            Pad = Pad.Same,
            Bias = (true, true),
            Pool = (x, _) => x.AvgPool(k: 2, stride: 2, Pad.Same),
        },
        Attention = new(Activations.GeluTanh) { Split = PartsFirst, Positions = TableOfHeads },
        BatchNormEps = 1e-3,
        LayerNormEps = 1e-5,
        Hidden = 8 * dim,
    };
}
