using static OnnxTimm.Layers;
using static OnnxTimm.Models.BlockString;

namespace OnnxTimm.Models;

/// <summary>
/// MobileNetV5, the image tower of Gemma 3n (Google, 2025): MobileNetV4's blocks with root-mean-square norms, whose
/// last two maps are fused into one of a fixed size. timm/models/mobilenetv5.py.
/// </summary>
public static class MobileNetV5
{
    /// <summary>Height and width of the fused map, and its channels.</summary>
    const int Resolution = 16, Fused = 2048;

    /// <param name="Stages">The blocks of each stage, in the language of <see cref="BlockString"/>.</param>
    public sealed record Config(params string[] Stages)
    {
        /// <summary>The pool where no other is asked for; none for an encoder.</summary>
        public string Pool { get; init; } = "avg";

        /// <summary>How layers are told apart; timm's encoder has no group_matcher.</summary>
        public LayerGroups Groups { get; init; } = new("^conv_stem|bn1", (@"^blocks\.(\d+)\.(\d+)", null));

        /// <summary>What all blocks have in common.</summary>
        public BlockStyle Style { get; init; } = new(Activations.GeluTanh)
        {
            Norm = WithAct(Layers.RmsNorm2d),
            Types = UniversalBlocks.Types(layerScale: 1e-5),
        };
    }

    /// <summary>timm's variants of the module <c>mobilenetv5</c>.</summary>
    public static readonly Family<Config> Family = new("mobilenetv5", Build, Facts)
    {
        { "mobilenetv5_300m",     new(Large) },
        { "mobilenetv5_300m_enc", Encoder(new(Large)) },
        { "mobilenetv5_base",     new(Base) },
    };

    static string[] Early =>
    [
        "er_r1_k3_s2_e4_c128 er_r2_k3_s1_e4_c128",
        "uir_r1_a3_k5_s2_e6_c256 uir_r1_a5_k0_s1_e4_c256 uir_r1_a3_k0_s1_e4_c256 uir_r1_a5_k0_s1_e4_c256 "
            + "uir_r1_a3_k0_s1_e4_c256",
    ];

    static string[] Base =>
    [
        .. Early,
        "uir_r1_a5_k5_s2_e6_c512 uir_r2_a5_k0_s1_e4_c512 uir_r1_a0_k0_s1_e1_c512"
            + Pairs(6, "mqa_r1_k3_h8_s1_d64_c512 uir_r1_a0_k0_s1_e2_c512"),
        "uir_r1_a5_k5_s2_e6_c1024" + Pairs(7, "mqa_r1_k3_h16_s1_d64_c1024 uir_r1_a0_k0_s1_e2_c1024"),
    ];

    static string[] Large =>
    [
        .. Early,
        "uir_r1_a5_k5_s2_e6_c640 uir_r7_a5_k0_s1_e4_c640 uir_r1_a0_k0_s1_e1_c640"
            + Pairs(14, "mqa_r1_k3_h12_v2_s1_d64_c640 uir_r1_a0_k0_s1_e2_c640"),
        "uir_r1_a5_k5_s2_e6_c1280" + Pairs(19, "mqa_r1_k3_h16_s1_d96_c1280 uir_r1_a0_k0_s1_e2_c1280"),
    ];

    /// <summary>An attention and a bottleneck, so many times.</summary>
    static string Pairs(int count, string pair) => string.Concat(Enumerable.Repeat($" {pair}", count));

    /// <summary>Gives the fused map itself, and pads as TensorFlow does.</summary>
    static Config Encoder(Config c) => c with
    {
        Pool = "",
        Style = c.Style with { Pad = Pad.Same },
        Groups = LayerGroups.Counted,
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (stem, w) = (s["conv_stem"], new Window(3, Stride: 2) { Pad = c.Style.Pad });
        var x = c.Style.Norm(image.Conv(stem["conv"], 64, w), stem["bn"], c.Style.Act);
        MbConv.Trunk(x, s["blocks"], Stages(c.Stages, Deep(1), Wide(1)), c.Style, net);
        x = Fuse([net.Taps[^2].Map, net.Taps[^1].Map], s["msfa"], c);
        return net.Head(x, new(s["classifier"]) { Pool = c.Pool });
    }

    /// <summary>Joins maps at the size of the first, and brings what a bottleneck makes of them to one size.</summary>
    static Value Fuse(Value[] maps, Scope s, Config c)
    {
        var (height, width) = (maps[0].Height, maps[0].Width);
        var joined = maps.Select(map => map.Resample(height, width, Resampling.Nearest)).ToArray().Concat(1);
        var block = new BlockSpec("uir") { Start = [0], Kernel = [0], Expand = 2, Channels = Fused };
        var y = UniversalBlocks.Inverted(joined, s["ffn"], block, c.Style with { Pad = Pad.Half }, default);
        return ToResolution(y).RmsNorm2d(s["norm"]);
    }

    static Value ToResolution(Value x) => x.Height % Resolution == 0 && x.Width % Resolution == 0
        ? x.Resample(Resolution, Resolution, Resampling.AdaptiveMean)
        : x.Resample(Resolution, Resolution, Resampling.Bilinear);

    static FamilyFacts Facts(Config c) => new(c.Groups)
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.UniformFanOut,
            LinearBias = Init.Zeros,
        },
    };
}
