using static OnnxTimm.Layers;
using static OnnxTimm.Models.BlockString;

namespace OnnxTimm.Models;

/// <summary>
/// EfficientNet (arXiv:1905.11946) and its kin, networks that a search or a formula found: MobileNet (1704.04861,
/// 1801.04381), MnasNet (1807.11626), FBNet-C (1812.03443), Single-Path NAS (1904.02877), CondConv (1904.04971), MixNet
/// (1907.09595), TinyNet (2010.14819), EfficientNet-X (2102.05610), EfficientNetV2 (2104.00298), and the networks for
/// Edge TPUs. timm/models/efficientnet.py.
/// </summary>
public static partial class EfficientNet
{
    /// <param name="Stages">The blocks of each stage, in the language of <see cref="BlockString"/>.</param>
    public sealed record Config(params string[] Stages)
    {
        /// <summary>From the strings' channels to the network's.</summary>
        public Func<double, int> Channels { get; init; } = Wide(1);

        /// <summary>From the strings' repeats to the network's.</summary>
        public Depth Depth { get; init; } = Deep(1);

        /// <summary>Channels of the stem.</summary>
        public int Stem { get; init; } = 32;

        /// <summary>Side of the stem's window, whose stride is 2.</summary>
        public int StemKernel { get; init; } = 3;

        /// <summary>Channels before the pooling; 0 where they are the last block's.</summary>
        public int Head { get; init; } = 1280;

        /// <summary>What all blocks have in common.</summary>
        public BlockStyle Style { get; init; } = new(Ops.Relu);

        /// <summary>1e-5, or 1e-3 for weights of TensorFlow.</summary>
        public double BatchNormEps { get; init; } = 1e-5;

        /// <summary>Name of the table of the channels that pruning left; null where all are there.</summary>
        public string? Pruned { get; init; }
    }

    /// <summary>timm's variants of the module <c>efficientnet</c>.</summary>
    public static readonly Family<Config> Family = new("efficientnet", Build, Facts)
    {
        { "mnasnet_050",              Mnas(MnasB1, 0.5) },
        { "mnasnet_075",              Mnas(MnasB1, 0.75) },
        { "mnasnet_100",              Mnas(MnasB1, 1) },
        { "mnasnet_140",              Mnas(MnasB1, 1.4) },
        { "semnasnet_050",            Mnas(MnasA1, 0.5) },
        { "semnasnet_075",            Mnas(MnasA1, 0.75) },
        { "semnasnet_100",            Mnas(MnasA1, 1) },
        { "semnasnet_140",            Mnas(MnasA1, 1.4) },
        { "mnasnet_small",            new(MnasSmall) { Stem = 8 } },
        { "mobilenetv1_100",          MobileV1(1) },
        { "mobilenetv1_100h",         MobileV1(1) with { Head = 1024 } },
        { "mobilenetv1_125",          MobileV1(1.25) },
        { "mobilenetv2_035",          MobileV2(0.35) },
        { "mobilenetv2_050",          MobileV2(0.5) },
        { "mobilenetv2_075",          MobileV2(0.75) },
        { "mobilenetv2_100",          MobileV2(1) },
        { "mobilenetv2_140",          MobileV2(1.4) },
        { "mobilenetv2_110d",         Fixed(MobileV2Stages, 1.1, 1.2) },
        { "mobilenetv2_120d",         Fixed(MobileV2Stages, 1.2, 1.4) },
        { "fbnetc_100",               new(FbNetC) { Stem = 16, Head = 1984 } },
        { "spnasnet_100",             new(SpNas) },
        { "efficientnet_b0",          B(1, 1) },
        { "efficientnet_b1",          B(1, 1.1) },
        { "efficientnet_b2",          B(1.1, 1.2) },
        { "efficientnet_b3",          B(1.2, 1.4) },
        { "efficientnet_b4",          B(1.4, 1.8) },
        { "efficientnet_b5",          B(1.6, 2.2) },
        { "efficientnet_b6",          B(1.8, 2.6) },
        { "efficientnet_b7",          B(2, 3.1) },
        { "efficientnet_b8",          B(2.2, 3.6) },
        { "efficientnet_l2",          B(4.3, 5.3) },
        { "efficientnet_b0_gn",       Normed(B(1, 1), GroupNorm(8)) },
        { "efficientnet_b0_g8_gn",    Normed(Grouped(B(1, 1), 8), GroupNorm(8)) },
        { "efficientnet_b0_g16_evos", Grouped(B(1, 1, divisor: 16), 16) },
        { "efficientnet_b3_gn",       Normed(B(1.2, 1.4, divisor: 16), GroupNorm(16)) },
        { "efficientnet_b3_g8_gn",    Normed(Grouped(B(1.2, 1.4, divisor: 16), 8), GroupNorm(16)) },
        { "efficientnet_blur_b0",     B(1, 1) with { Style = new(Activations.Silu) { AntiAlias = Blur } } },
        { "efficientnet_es efficientnet_es_pruned", Edge(1, 1) },
        { "efficientnet_em",          Edge(1, 1.1) },
        { "efficientnet_el efficientnet_el_pruned", Edge(1.2, 1.4) },
        { "efficientnet_cc_b0_4e",    B(1, 1) with { Stages = CondConv(4) } },
        { "efficientnet_cc_b0_8e",    B(1, 1) with { Stages = CondConv(8) } },
        { "efficientnet_cc_b1_8e",    B(1, 1.1) with { Stages = CondConv(8) } },
        { "efficientnet_lite0",       Fixed(Lite, 1, 1) },
        { "efficientnet_lite1",       Fixed(Lite, 1, 1.1) },
        { "efficientnet_lite2",       Fixed(Lite, 1.1, 1.2) },
        { "efficientnet_lite3",       Fixed(Lite, 1.2, 1.4) },
        { "efficientnet_lite4",       Fixed(Lite, 1.4, 1.8) },
        { "efficientnet_b1_pruned",   Tf(B(1, 1.1)) with { Pruned = "efficientnet_b1_pruned" } },
        { "efficientnet_b2_pruned",   Tf(B(1.1, 1.2)) with { Pruned = "efficientnet_b2_pruned" } },
        { "efficientnet_b3_pruned",   Tf(B(1.2, 1.4)) with { Pruned = "efficientnet_b3_pruned" } },
        { "efficientnetv2_rw_t",      Scaled(V2S, 0.8, 0.9, stem: 24) },
        { "gc_efficientnetv2_rw_t",   Scaled(V2S, 0.8, 0.9, stem: 24) with
            { Style = new(Activations.Silu) { Gate = Context } } },
        { "efficientnetv2_rw_s",      Scaled(V2Rw, 1, 1, stem: 24, head: 1792) },
        { "efficientnetv2_rw_m",      Scaled(V2Rw, 1.2, 1.2, stem: 24, head: 1792) with
            { Depth = DeepAtEnd(1.2, 1.6) } },
        { "efficientnetv2_s",         Scaled(V2S, 1, 1, stem: 24) },
        { "efficientnetv2_m",         Scaled(V2M, 1, 1, stem: 24) },
        { "efficientnetv2_l",         Scaled(V2L, 1, 1, stem: 32) },
        { "efficientnetv2_xl",        Scaled(V2XL, 1, 1, stem: 32) },
        { "tf_efficientnet_b0",       Tf(B(1, 1)) },
        { "tf_efficientnet_b1",       Tf(B(1, 1.1)) },
        { "tf_efficientnet_b2",       Tf(B(1.1, 1.2)) },
        { "tf_efficientnet_b3",       Tf(B(1.2, 1.4)) },
        { "tf_efficientnet_b4",       Tf(B(1.4, 1.8)) },
        { "tf_efficientnet_b5",       Tf(B(1.6, 2.2)) },
        { "tf_efficientnet_b6",       Tf(B(1.8, 2.6)) },
        { "tf_efficientnet_b7",       Tf(B(2, 3.1)) },
        { "tf_efficientnet_b8",       Tf(B(2.2, 3.6)) },
        { "tf_efficientnet_l2",       Tf(B(4.3, 5.3)) },
        { "tf_efficientnet_es",       Tf(Edge(1, 1)) },
        { "tf_efficientnet_em",       Tf(Edge(1, 1.1)) },
        { "tf_efficientnet_el",       Tf(Edge(1.2, 1.4)) },
        { "tf_efficientnet_cc_b0_4e", Tf(B(1, 1)) with { Stages = CondConv(4) } },
        { "tf_efficientnet_cc_b0_8e", Tf(B(1, 1)) with { Stages = CondConv(8) } },
        { "tf_efficientnet_cc_b1_8e", Tf(B(1, 1.1)) with { Stages = CondConv(8) } },
        { "tf_efficientnet_lite0",    Tf(Fixed(Lite, 1, 1)) },
        { "tf_efficientnet_lite1",    Tf(Fixed(Lite, 1, 1.1)) },
        { "tf_efficientnet_lite2",    Tf(Fixed(Lite, 1.1, 1.2)) },
        { "tf_efficientnet_lite3",    Tf(Fixed(Lite, 1.2, 1.4)) },
        { "tf_efficientnet_lite4",    Tf(Fixed(Lite, 1.4, 1.8)) },
        { "tf_efficientnetv2_s",      Tf(Scaled(V2S, 1, 1, stem: 24)) },
        { "tf_efficientnetv2_m",      Tf(Scaled(V2M, 1, 1, stem: 24)) },
        { "tf_efficientnetv2_l",      Tf(Scaled(V2L, 1, 1, stem: 32)) },
        { "tf_efficientnetv2_xl",     Tf(Scaled(V2XL, 1, 1, stem: 32)) },
        { "tf_efficientnetv2_b0",     Tf(Scaled(V2B, 1, 1, roundLimit: 0)) },
        { "tf_efficientnetv2_b1",     Tf(Scaled(V2B, 1, 1.1, roundLimit: 0)) },
        { "tf_efficientnetv2_b2",     Tf(Scaled(V2B, 1.1, 1.2, roundLimit: 0)) },
        { "tf_efficientnetv2_b3",     Tf(Scaled(V2B, 1.2, 1.4, roundLimit: 0)) },
        { "efficientnet_x_b3",        B(1.2, 1.4) with { Stages = X(6) } },
        { "efficientnet_x_b5",        B(1.6, 2.2) with { Stages = X(6) } },
        { "efficientnet_h_b5",        B(1.92, 2.2) with { Stages = X(4) } },
        { "mixnet_s",                 Mix(MixS, 1, 1, stem: 16) },
        { "mixnet_m",                 Mix(MixM, 1, 1, stem: 24) },
        { "mixnet_l",                 Mix(MixM, 1.3, 1, stem: 24) },
        { "mixnet_xl",                Mix(MixM, 1.6, 1.2, stem: 24) },
        { "mixnet_xxl",               Mix(MixM, 2.4, 1.3, stem: 24) },
        { "tf_mixnet_s",              Tf(Mix(MixS, 1, 1, stem: 16)) },
        { "tf_mixnet_m",              Tf(Mix(MixM, 1, 1, stem: 24)) },
        { "tf_mixnet_l",              Tf(Mix(MixM, 1.3, 1, stem: 24)) },
        { "tinynet_a",                Tiny(1, 1.2) },
        { "tinynet_b",                Tiny(0.75, 1.1) },
        { "tinynet_c",                Tiny(0.54, 0.85) },
        { "tinynet_d",                Tiny(0.54, 0.695) },
        { "tinynet_e",                Tiny(0.51, 0.6) },
        { "mobilenet_edgetpu_100",    new(EdgeTpu) },
        { "mobilenet_edgetpu_v2_xs",  EdgeTpuV2([16, 32, 48, 96, 144, 160, 192]) with { Stem = 32, StemKernel = 3 } },
        { "mobilenet_edgetpu_v2_s",   EdgeTpuV2([24, 48, 64, 128, 160, 192, 256]) },
        { "mobilenet_edgetpu_v2_m",   EdgeTpuV2([32, 64, 80, 160, 192, 240, 320]) with { Head = 1344 } },
        { "mobilenet_edgetpu_v2_l",   EdgeTpuV2([32, 64, 96, 192, 240, 256, 384], group: 128) with
            { StemKernel = 7, Head = 1408 } },
        { "test_efficientnet",        Test },
        { "test_efficientnet_gn",     Normed(Test, GroupNorm(8)) },
        { "test_efficientnet_ln",     Normed(Test, WithAct(LayerNorm)) },
        { "test_efficientnet_evos",   Normed(Test, EvoNorm) },
    };

    static Config Scaled(string[] stages, double width, double depth, int stem = 32, int head = 1280,
        int divisor = 8, double roundLimit = 0.9)
    {
        var channels = Wide(width, divisor, roundLimit);
        return new(stages)
        {
            Channels = channels,
            Depth = Deep(depth),
            Stem = channels(stem),
            Head = channels(head),
            Style = new(Activations.Silu),
        };
    }

    static Config B(double width, double depth, int divisor = 8) =>
        Scaled(BStages, width, depth, divisor: divisor);

    static Config Test => Scaled(TestStages, 1, 1, stem: 24, head: 256, roundLimit: 0);

    static Config Edge(double width, double depth) =>
        Scaled(EdgeStages, width, depth) with { Style = new(Ops.Relu) };

    static Config Mnas(string[] stages, double width) =>
        new(stages) { Channels = Wide(width), Stem = Wide(width)(32) };

    static Config MobileV1(double width) =>
        Mnas(MobileV1Stages, width) with { Head = 0, Style = new(Activations.Relu6) };

    static Config MobileV2(double width) =>
        MobileV1(width) with { Stages = MobileV2Stages, Head = Math.Max(1280, Wide(width)(1280)) };

    /// <summary>Neither stem nor head nor the stages beside them grow.</summary>
    static Config Fixed(string[] stages, double width, double depth) =>
        new(stages) { Channels = Wide(width), Depth = DeepInside(depth), Style = new(Activations.Relu6) };

    static Config EdgeTpuV2(int[] channels, int group = 64) =>
        new(EdgeTpuV2Stages(channels, group)) { Stem = 64, StemKernel = 5 };

    static Config Mix(string[] stages, double width, double depth, int stem) =>
        new(stages) { Channels = Wide(width), Depth = Near(depth), Stem = Wide(width)(stem), Head = 1536 };

    static Config Tiny(double width, double depth) =>
        new(BStages) { Channels = Wide(width), Depth = Near(depth), Style = new(Activations.Silu) };

    /// <summary>As TensorFlow has it: SAME padding and a larger epsilon.</summary>
    static Config Tf(Config c) => c with { BatchNormEps = 1e-3, Style = c.Style with { Pad = Pad.Same } };

    static Config Grouped(Config c, int size) =>
        c with { Stages = Array.ConvertAll(c.Stages, stage => $"{stage}_gs{size}") };

    static Config Normed(Config c, NormAct norm) => c with { Style = c.Style with { Norm = norm } };

    static Depth DeepAtEnd(double first, double last) => (blocks, stage, stages) =>
        (int)Math.Ceiling(blocks * (stage < stages - 2 ? first : last));

    static Depth DeepInside(double factor) => (blocks, stage, stages) =>
        stage == 0 || stage == stages - 1 ? blocks : (int)Math.Ceiling(blocks * factor);

    static Depth Near(double factor) => (blocks, _, _) => Math.Max(1, (int)Math.Round(blocks * factor));

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var stem = new Window(c.StemKernel, Stride: 2) { Pad = c.Style.Pad };
        var x = image.ConvNormAct((s["conv_stem"], s["bn1"]), c.Stem, stem, c.Style with { AntiAlias = null });
        x = MbConv.Trunk(x, s["blocks"], Stages(c.Stages, c.Depth, c.Channels), c.Style, net);
        if (c.Head > 0)
            x = x.ConvNormAct((s["conv_head"], s["bn2"]), c.Head, new(1), c.Style);
        return net.Head(x, new(s["classifier"]));
    }

    static NormAct GroupNorm(int size) => WithAct((x, s) => x.GroupNorm(s, x.Channels / size));

    static Value LayerNorm(Value x, Scope s) => x.LayerNorm2d(s.NormEps(1e-5));

    static Value EvoNorm(Value x, Scope s, Act? act) => act is null ? x.Affine(s) : x.EvoNormS0(s, x.Channels / 8);

    static Value Blur(Value x, int stride) => x.BlurPool(stride, edges: "constant");

    static Value Context(Value x, Scope s, double ratio, Act act) =>
        x.GlobalContext(s, MakeDivisible(x.Channels * ratio, divisor: 1, roundLimit: 0), act);

    static FamilyFacts Facts(Config c) => new(new("^conv_stem|bn1", (@"^blocks\.(\d+)\.(\d+)", null),
        ("conv_head|bn2", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.UniformFanOut,
            LinearBias = Init.Zeros,
            BatchNormEps = c.BatchNormEps,
            Pruned = Resources.Pruned(c.Pruned),
        },
        Dilates = true,
    };
}
