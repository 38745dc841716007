using static OnnxTimm.Layers;
using static OnnxTimm.Models.BlockString;

namespace OnnxTimm.Models;

/// <summary>
/// MobileNetV3 (arXiv:1905.02244), whose last convolution reads what is pooled, and its kin: FBNetV3 (2006.02049),
/// PP-LCNet (2109.15099), MobileNetV4 (2404.10518). timm/models/mobilenetv3.py.
/// </summary>
public static partial class MobileNetV3
{
    /// <param name="Stages">The blocks of each stage, in the language of <see cref="BlockString"/>.</param>
    public sealed record Config(params string[] Stages)
    {
        /// <summary>From the strings' channels to the network's.</summary>
        public Func<double, int> Channels { get; init; } = Wide(1);

        /// <summary>From the strings' repeats to the network's.</summary>
        public Depth Depth { get; init; } = Deep(1);

        /// <summary>Channels of the stem.</summary>
        public int Stem { get; init; } = 16;

        /// <summary>Channels of the last convolution.</summary>
        public int Head { get; init; } = 1280;

        /// <summary>The last convolution, over what is pooled.</summary>
        public Func<Value, Scope, Config, Value> HeadConv { get; init; } = BiasedHead;

        /// <summary>What all blocks have in common.</summary>
        public BlockStyle Style { get; init; } = new(Activations.HardSwish);

        /// <summary>1e-5, or 1e-3 for weights of TensorFlow.</summary>
        public double BatchNormEps { get; init; } = 1e-5;
    }

    /// <summary>timm's variants of the module <c>mobilenetv3</c>.</summary>
    public static readonly Family<Config> Family = new("mobilenetv3", Build, Facts)
    {
        { "mobilenetv3_large_075",            V3(Large, 0.75) },
        { "mobilenetv3_large_100",            V3(Large, 1) },
        { "mobilenetv3_large_150d",           V3(Large, 1.5) with { Depth = Deep(1.2) } },
        { "mobilenetv3_small_050",            Smaller(V3(Small, 0.5)) },
        { "mobilenetv3_small_075",            Smaller(V3(Small, 0.75)) },
        { "mobilenetv3_small_100",            Smaller(V3(Small, 1)) },
        { "mobilenetv3_rw",                   Rw },
        { "tf_mobilenetv3_large_075",         Tf(V3(Large, 0.75)) },
        { "tf_mobilenetv3_large_100",         Tf(V3(Large, 1)) },
        { "tf_mobilenetv3_large_minimal_100", Tf(Minimal(LargeMinimal)) },
        { "tf_mobilenetv3_small_075",         Tf(Smaller(V3(Small, 0.75))) },
        { "tf_mobilenetv3_small_100",         Tf(Smaller(V3(Small, 1))) },
        { "tf_mobilenetv3_small_minimal_100", Tf(Smaller(Minimal(SmallMinimal))) },
        { "fbnetv3_b",                        FbNet(FbNetB, stem: 16) },
        { "fbnetv3_d",                        FbNet(FbNetD, stem: 24) },
        { "fbnetv3_g",                        FbNet(FbNetG, stem: 32) },
        { "lcnet_035",                        LcNet(0.35) },
        { "lcnet_050",                        LcNet(0.5) },
        { "lcnet_075",                        LcNet(0.75) },
        { "lcnet_100",                        LcNet(1) },
        { "lcnet_150",                        LcNet(1.5) },
        { "mobilenetv4_conv_small_035",       V4(ConvSmall, 0.35, stem: 32) },
        { "mobilenetv4_conv_small_050",       V4(ConvSmall, 0.5, stem: 32) },
        { "mobilenetv4_conv_small",           V4(ConvSmall, 1, stem: 32) },
        { "mobilenetv4_conv_medium",          V4(ConvMedium, 1, stem: 32) },
        { "mobilenetv4_conv_large",           V4(ConvLarge, 1, stem: 24) },
        { "mobilenetv4_hybrid_medium",        Hybrid(HybridMedium, 1, stem: 32, Ops.Relu) },
        { "mobilenetv4_hybrid_medium_075",    Hybrid(HybridMedium, 0.75, stem: 32, Ops.Relu) },
        { "mobilenetv4_hybrid_large",         Hybrid(HybridLarge, 1, stem: 24, Activations.Gelu) },
        { "mobilenetv4_hybrid_large_075",     Hybrid(HybridLarge, 0.75, stem: 24, Activations.Gelu) },
        { "mobilenetv4_conv_aa_medium",       Smooth(V4(ConvMedium, 1, stem: 32), Mean) },
        { "mobilenetv4_conv_blur_medium",     Smooth(V4(ConvMedium, 1, stem: 32), Blur) },
        { "mobilenetv4_conv_aa_large",        Smooth(V4(ConvLarge, 1, stem: 24), Mean) },
    };

    /// <summary>With the paper's gates: of what a block expands to, ReLU inside, a hard sigmoid at the end.</summary>
    internal static Config Plain(string[] stages) => new(stages)
    {
        Style = Gated((x, s, ratio, _) => MbConv.SqueezeExcite(x, s, MakeDivisible(x.Channels * ratio), Ops.Relu,
            Activations.HardSigmoid)),
    };

    static Config V3(string[] stages, double width) =>
        Plain(stages) with { Channels = Wide(width), Stem = width < 0.75 ? 16 : Wide(width)(16) };

    static Config Smaller(Config c) => c with { Head = 1024 };

    /// <summary>Without gates, hard activations and wide windows.</summary>
    static Config Minimal(string[] stages) => new(stages) { Style = new(Ops.Relu) };

    /// <summary>As it was read from the paper before the official code.</summary>
    static Config Rw => new(["ds_r1_k3_s1_e1_c16_nre_noskip", .. Large[1..]])
    {
        HeadConv = UnbiasedHead,
        BatchNormEps = 1e-3,
        Style = Gated((x, s, ratio, act) =>
            MbConv.SqueezeExcite(x, s, (int)Math.Round(x.Channels * ratio), act, Activations.HardSigmoid)),
    };

    static Config FbNet(string[] stages, int stem) => new(stages)
    {
        Channels = Wide(1, roundLimit: 0.95),
        Stem = stem,
        Head = 1984,
        HeadConv = UnbiasedHead,
        Style = new(Activations.HardSwish)
        {
            Gate = (x, s, ratio, act) => MbConv.SqueezeExcite(x, s,
            MakeDivisible(x.Channels * ratio, roundLimit: 0.95), act, Activations.HardSigmoid)
        },
    };

    static Config LcNet(double width) => new(LcNetStages)
    {
        Channels = Wide(width),
        Stem = Wide(width)(16),
        Style = Gated((x, s, ratio, _) =>
            MbConv.SqueezeExcite(x, s, (int)Math.Round(x.Channels * ratio), Ops.Relu, Activations.HardSigmoid)),
    };

    static BlockStyle Gated(ChannelGate gate) =>
        new(Activations.HardSwish) { Gate = gate, Squeeze = b => b.Squeeze };

    static Config V4(string[] stages, double width, int stem) => new(stages)
    {
        Channels = Wide(width),
        Stem = stem,
        HeadConv = NormedHead,
        Style = new(Ops.Relu) { Types = UniversalBlocks.Types() },
    };

    static Config Hybrid(string[] stages, double width, int stem, Act act) =>
        V4(stages, width, stem) with { Style = new(act) { Types = UniversalBlocks.Types(layerScale: 1e-5) } };

    static Config Smooth(Config c, Func<Value, int, Value> filter) =>
        c with { Style = c.Style with { AntiAlias = filter } };

    static Value Mean(Value x, int stride) => x.AvgPool(stride, stride, Pad.Valid);

    static Value Blur(Value x, int stride) => x.BlurPool(stride, edges: "constant");

    /// <summary>As TensorFlow has it: SAME padding and a larger epsilon.</summary>
    static Config Tf(Config c) => c with { BatchNormEps = 1e-3, Style = c.Style with { Pad = Pad.Same } };

    internal static Value Build(Value image, Scope s, Config c, Net net)
    {
        var stem = new Window(3, Stride: 2) { Pad = c.Style.Pad };
        var x = image.ConvNormAct((s["conv_stem"], s["bn1"]), c.Stem, stem, c.Style with { AntiAlias = null });
        x = MbConv.Trunk(x, s["blocks"], Stages(c.Stages, c.Depth, c.Channels), c.Style, net);
        return net.Head(x, new(s["classifier"]) { Pooled = y => c.HeadConv(y, s, c) });
    }

    static Value BiasedHead(Value x, Scope s, Config c) => c.Style.Act(x.Conv(s["conv_head"], c.Head, k: 1));

    static Value UnbiasedHead(Value x, Scope s, Config c) =>
        c.Style.Act(x.Conv(s["conv_head"], c.Head, k: 1, bias: false));

    static Value NormedHead(Value x, Scope s, Config c) =>
        x.ConvNormAct((s["conv_head"], s["norm_head"]), c.Head, new(1), c.Style);

    internal static FamilyFacts Facts(Config c) => new(new("^conv_stem|bn1", (@"^blocks\.(\d+)\.(\d+)", null)))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.UniformFanOut,
            LinearBias = Init.Zeros,
            BatchNormEps = c.BatchNormEps,
        },
    };
}
