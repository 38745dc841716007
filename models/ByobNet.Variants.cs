using static OnnxTimm.Layers;
using static OnnxTimm.Models.ByobBlocks;
using static OnnxTimm.Models.RepBlocks;

namespace OnnxTimm.Models;

public static partial class ByobNet
{
    /// <summary>timm's variants of the module <c>byobnet</c>.</summary>
    public static readonly Family<Config> Family = new("byobnet", Build, Facts)
    {
        { "gernet_l",          Ge(32, 2560, new(Basic, 1, 128), new(Basic, 2, 192), new(Bottleneck, 6, 640, 0.25),
            new(Bottleneck, 5, 640, 3, 1), new(Bottleneck, 4, 640, 3, 1) { Stride = 1 }) },
        { "gernet_m",          Ge(32, 2560, new(Basic, 1, 128), new(Basic, 2, 192), new(Bottleneck, 6, 640, 0.25),
            new(Bottleneck, 4, 640, 3, 1), new(Bottleneck, 1, 640, 3, 1) { Stride = 1 }) },
        { "gernet_s",          Ge(13, 1920, new(Basic, 1, 48), new(Basic, 3, 48), new(Bottleneck, 7, 384, 0.25),
            new(Bottleneck, 2, 560, 3, 1), new(Bottleneck, 1, 256, 3, 1) { Stride = 1 }) },
        { "repvgg_a0",         RepVgg([2, 4, 14, 1], 48, 0.75, 2.5) },
        { "repvgg_a1",         RepVgg([2, 4, 14, 1], 64, 1, 2.5) },
        { "repvgg_a2",         RepVgg([2, 4, 14, 1], 64, 1.5, 2.75) },
        { "repvgg_b0",         RepVgg([4, 6, 16, 1], 64, 1, 2.5) },
        { "repvgg_b1",         RepVgg([4, 6, 16, 1], 64, 2, 4) },
        { "repvgg_b1g4",       RepVgg([4, 6, 16, 1], 64, 2, 4, groups: 4) },
        { "repvgg_b2",         RepVgg([4, 6, 16, 1], 64, 2.5, 5) },
        { "repvgg_b2g4",       RepVgg([4, 6, 16, 1], 64, 2.5, 5, groups: 4) },
        { "repvgg_b3",         RepVgg([4, 6, 16, 1], 64, 3, 5) },
        { "repvgg_b3g4",       RepVgg([4, 6, 16, 1], 64, 3, 5, groups: 4) },
        { "repvgg_d2se",       RepVgg([8, 14, 24, 1], 64, 2.5, 5) with { Gate = Se(1 / 16.0, divisor: 1) } },
        { "resnet51q",         new(Activations.Silu, new(Bottleneck, 2, 256, 0.25, 32) { Stride = 1 },
            new(Bottleneck, 4, 512, 0.25, 32), new(Bottleneck, 6, 1536, 0.25, 32), new(Bottleneck, 4, 1536, 1, 1)) {
            Stem = BareQuad, Features = 2048 } },
        { "resnet61q",         new(Activations.Silu, new(Edge, 1, 256) { Stride = 1 },
            new(DoubleBottleneck, 4, 512, 0.25, 32), new(DoubleBottleneck, 6, 1536, 0.25, 32),
            new(DoubleBottleneck, 4, 1536, 1, 1)) { Stem = Quad, Features = 2048 } },
        { "resnext26ts",       Next26() },
        { "gcresnext26ts",     Next26() with { Gate = GlobalContext } },
        { "seresnext26ts",     Next26() with { Gate = Se(1 / 16.0) } },
        { "eca_resnext26ts",   Next26() with { Gate = Eca } },
        { "bat_resnext26ts",   Next26() with { Gate = (x, s) => x.BilinearAttention(s, block: 8) } },
        { "resnet32ts",        Res33() with { Features = 0 } },
        { "resnet33ts",        Res33() },
        { "gcresnet33ts",      Res33() with { Gate = GlobalContext } },
        { "seresnet33ts",      Res33() with { Gate = Se(1 / 16.0) } },
        { "eca_resnet33ts",    Res33() with { Gate = Eca } },
        { "gcresnet50t",       new(Ops.Relu, Stages(ResNet.N50, 1, 0)) { Gate = GlobalContext } },
        { "gcresnext50ts",     new(Activations.Silu, Stages(ResNet.N50, 1, 32)) {
            Stem = PooledTiered, Gate = GlobalContext } },
        { "regnetz_b16",       ZSmall(3) },
        { "regnetz_c16",       ZSmall(4) },
        { "regnetz_d32",       Z(1792, [3, 6, 12, 3], 32, 64, 128, 256, 384) },
        { "regnetz_d8",        Z(1792, [3, 6, 12, 3], 8, 64, 128, 256, 384) },
        { "regnetz_e8",        Z(2048, [3, 8, 16, 3], 8, 96, 192, 384, 512) },
        { "regnetz_b16_evos",  ZSmall(3) with { Norm = EvoNorm } },
        { "regnetz_c16_evos",  ZSmall(4) with { Norm = EvoNorm } },
        { "regnetz_d8_evos",   Z(1792, [3, 6, 12, 3], 8, 64, 128, 256, 384) with { Stem = Deep, Norm = EvoNorm } },
        { "mobileone_s0",      MobileOne(48, 4, 48, 128, 256, 1024) },
        { "mobileone_s1",      MobileOne(64, 1, 96, 192, 512, 1280) },
        { "mobileone_s2",      MobileOne(64, 1, 96, 256, 640, 2048) },
        { "mobileone_s3",      MobileOne(64, 1, 128, 320, 768, 2048) },
        { "mobileone_s4",      new(Ops.Relu, new(One(1), 4, 192), new(One(1), 16, 448), new(One(1, gated: 5), 20, 896),
            new(One(1, gated: 1), 2, 2048)) { Stem = OneStem(64), Reduction = 2, Gate = Se(1 / 16.0) } },
        { "resnet50_clip",        Clip(ResNet.N50, 1) },
        { "resnet101_clip",       Clip(ResNet.N101, 1) },
        { "resnet50x4_clip",      Clip([4, 6, 10, 6], 1.25) },
        { "resnet50x16_clip",     Clip([6, 8, 18, 8], 1.5) },
        { "resnet50x64_clip",     Clip([3, 15, 36, 10], 2) },
        { "resnet50_clip_gap",    Pooled(Clip(ResNet.N50, 1)) },
        { "resnet101_clip_gap",   Pooled(Clip(ResNet.N101, 1)) },
        { "resnet50x4_clip_gap",  Pooled(Clip([4, 6, 10, 6], 1.25)) },
        { "resnet50x16_clip_gap", Pooled(Clip([6, 8, 18, 8], 1.5)) },
        { "resnet50x64_clip_gap", Pooled(Clip([3, 15, 36, 10], 2)) },
        { "resnet50_mlp",         Clip(ResNet.N50, 1) with { Head = MlpHead } },
        { "test_byobnet",      new(Ops.Relu, new(Edge, 1, 32, 0.5), new(Dark, 1, 64, 0.5), new(Basic, 1, 128, 0.25, 32),
            new(Bottleneck, 1, 256, 0.25, 64)) {
            Stem = Plain(24), Reduction = 2, Shortcut = PooledProjection, Gate = Se(0.25) } },
    };

    static Config Ge(int stem, int features, params ByobStage[] stages) =>
        new(Ops.Relu, stages) { Stem = Plain(stem), Reduction = 2, Features = features };

    static Config RepVgg(int[] depths, int stem, double width, double last, int groups = 1) => new(Ops.Relu,
        [.. depths.Select((d, i) => new ByobStage(Rep(groups), d, (int)((64 << i) * (i == 3 ? last : width))))])
    {
        Stem = RepStem(stem),
        Reduction = 2,
    };

    /// <summary>The stages of a ResNet, which are wider by a factor.</summary>
    internal static ByobStage[] Stages(int[] depths, double width, int groupSize) =>
    [
        .. depths.Select((depth, i) =>
            new ByobStage(Bottleneck, depth, MakeDivisible((256 << i) * width), 0.25, groupSize)
            { Stride = i == 0 ? 1 : 2 }),
    ];

    static Config Next26() => new(Activations.Silu, Stages(ResNet.N18, 1, 32)) { Stem = PooledTiered };

    static Config Res33() => new(Activations.Silu, new(Bottleneck, 2, 256, 0.25) { Stride = 1 },
        new(Bottleneck, 3, 512, 0.25), new(Bottleneck, 3, 1536, 0.25), new(Bottleneck, 2, 1536, 0.25))
    {
        Features = 1280,
    };

    /// <summary>RegNet Z: blocks that widen what they take, and no identity where the map changes.</summary>
    internal static Config Inverted(Config c) => c with
    {
        Base = (taken, _) => taken,
        Shortcut = null,
        End = Activations.Identity,
        Gate = Se(0.25),
    };

    static Config ZSmall(int ratio) => Inverted(new(Activations.Silu, new(Bottleneck, 2, 48, ratio, 16),
        new(Bottleneck, 6, 96, ratio, 16), new(Bottleneck, 12, 192, ratio, 16), new(Bottleneck, 2, 288, ratio, 16))
    {
        Stem = Plain(32),
        Reduction = 2,
        Features = 1536,
    });

    static Config Z(int features, int[] depths, int groupSize, params int[] channels) => Inverted(new(Activations.Silu,
        [.. depths.Select((depth, i) => new ByobStage(Bottleneck, depth, channels[i], 4, groupSize)
            { Stride = i == 0 ? 1 : 2 })])
    {
        Features = features,
    });

    static Value EvoNorm(Value x, Scope s, Act? act) => x.EvoNormS0a(s, act, groupSize: 16);

    static Config MobileOne(int stem, int branches, params int[] channels) => new(Ops.Relu,
        [.. new[] { 4, 16, 20, 2 }.Select((depth, i) => new ByobStage(One(branches), depth, channels[i]))])
    {
        Stem = OneStem(stem),
        Reduction = 2,
    };

    static Config Clip(int[] depths, double width) => new(Ops.Relu, Stages(depths, width, 0))
    {
        Stem = ClipStem((int)(32 * width), (int)(64 * width)),
        AntiAlias = (x, stride) => x.AvgPool(k: stride, stride, Pad.Valid),
        Shortcut = PooledProjection,
        Head = AttentionHead,
    };

    static Config Pooled(Config c) => c with { Head = (x, s, _, net) => net.Head(x, new(s["fc"])) };
}
