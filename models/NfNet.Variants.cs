using static OnnxTimm.Layers;
using static OnnxTimm.Models.ResNet;

namespace OnnxTimm.Models;

public static partial class NfNet
{
    /// <summary>timm's variants of the module <c>nfnet</c>.</summary>
    public static readonly Family<Config> Family = new("nfnet", Build, Facts)
    {
        { "dm_nfnet_f0",     DeepMind(F(1)) },
        { "dm_nfnet_f1",     DeepMind(F(2)) },
        { "dm_nfnet_f2",     DeepMind(F(3)) },
        { "dm_nfnet_f3",     DeepMind(F(4)) },
        { "dm_nfnet_f4",     DeepMind(F(5)) },
        { "dm_nfnet_f5",     DeepMind(F(6)) },
        { "dm_nfnet_f6",     DeepMind(F(7)) },
        { "nfnet_f0",        F(1) },
        { "nfnet_f1",        F(2) },
        { "nfnet_f2",        F(3) },
        { "nfnet_f3",        F(4) },
        { "nfnet_f4",        F(5) },
        { "nfnet_f5",        F(6) },
        { "nfnet_f6",        F(7) },
        { "nfnet_f7",        F(8) },
        { "nfnet_l0",        L(1) with { Features = 2304 } },
        { "eca_nfnet_l0",    L(1) with { Features = 2304, Gate = Eca } },
        { "eca_nfnet_l1",    L(2) with { Gate = Eca } },
        { "eca_nfnet_l2",    L(3) with { Gate = Eca } },
        { "eca_nfnet_l3",    L(4) with { Gate = Eca } },
        { "nf_regnet_b0",    B([1, 3, 6, 6], 48, 104, 208, 440) },
        { "nf_regnet_b1",    B([2, 4, 7, 7], 48, 104, 208, 440) },
        { "nf_regnet_b2",    B([2, 4, 8, 8], 56, 112, 232, 488) },
        { "nf_regnet_b3",    B([2, 5, 9, 9], 56, 128, 248, 528) },
        { "nf_regnet_b4",    B([2, 6, 11, 11], 64, 144, 288, 616) },
        { "nf_regnet_b5",    B([3, 7, 14, 14], 80, 168, 336, 704) },
        { "nf_resnet26",     R(N18) },
        { "nf_resnet50",     R(N50) },
        { "nf_resnet101",    R(N101) },
        { "nf_seresnet26",   R(N18) with { Gate = Se(1 / 16.0) } },
        { "nf_seresnet50",   R(N50) with { Gate = Se(1 / 16.0) } },
        { "nf_seresnet101",  R(N101) with { Gate = Se(1 / 16.0) } },
        { "nf_ecaresnet26",  R(N18) with { Gate = Eca } },
        { "nf_ecaresnet50",  R(N50) with { Gate = Eca } },
        { "nf_ecaresnet101", R(N101) with { Gate = Eca } },
        { "test_nfnet",      L(1) with {
            Depths = N10, Channels = [32, 64, 96, 128], GroupSize = 8, Features = 192 } },
    };

    static Config F(int depth) => new([depth, 2 * depth, 6 * depth, 3 * depth], [256, 512, 1536, 1536],
        Activations.Gelu)
    {
        Conv = Scaled(OfGelu),
        Gate = Se(0.5),
        Features = 3072,
    };

    /// <summary>The paper's own: SAME pads, scaled activations, residuals that begin at zero by a gain.</summary>
    static Config DeepMind(Config c) => c with
    {
        Act = x => x.Gelu() * OfGelu,
        Conv = Scaled(1, Pad.Same),
        Gain = s => s.Param("skipinit_gain", Init.Zeros),
    };

    /// <summary>The light ones.</summary>
    static Config L(int depth) => F(depth) with
    {
        Act = Activations.Silu,
        Conv = Scaled(OfSilu),
        Inner = (_, channels, _) => 0.25 * channels,
        GroupSize = 64,
        Gate = Se(0.25),
    };

    static Config R(int[] depths) => new(depths, [256, 512, 1024, 2048], Ops.Relu)
    {
        Conv = Scaled(OfRelu),
        Stem = PooledStem,
        Inner = (_, channels, _) => 0.25 * channels,
        GroupSize = 0,
        Middle = Once,
    };

    /// <summary>Blocks widen what they take; all channels are three quarters of those in the paper.</summary>
    static Config B(int[] depths, params int[] channels) =>
        new(depths, [.. channels.Select(ThreeQuarters)], Activations.Silu)
        {
            Conv = Scaled(OfSilu),
            Stem = StemOf(ThreeQuarters(channels[0])),
            Reduction = 2,
            Inner = (taken, _, place) => (place.Number == 0 ? 1 : 2.25) * taken,
            GroupSize = 8,
            Middle = Once,
            InnerGate = Se(0.5),
            Features = ThreeQuarters(1280 * channels[^1] / 440),
        };

    static int ThreeQuarters(int channels) => MakeDivisible(0.75 * channels);
}
