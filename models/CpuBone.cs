namespace OnnxTimm.Models;

/// <summary>
/// CPUBone: LowFormer's order (arXiv:2409.03460) for devices that compute little at once, with grouped convolutions and
/// windows of 2x2. timm/models/cpubone.py.
/// </summary>
public static class CpuBone
{
    /// <summary>Groups of the channels that a block widens.</summary>
    const int Groups = 2;

    /// <param name="Widths">Channels of the stem and of each stage.</param>
    /// <param name="Depths">Blocks of the stem and of each stage.</param>
    public sealed record Config(int[] Widths, params int[] Depths) : ConvStyle(Activations.HardSwish)
    {
        /// <summary>Channels of the last convolution and of the hidden layer before the classifier.</summary>
        public int[] HeadWidths { get; init; } = [1536, 1600];

        /// <summary>Width of a block that halves the map between its layers over that of what it reads.</summary>
        public int DownRatio { get; init; } = 6;

        /// <summary>Layers of a late inverted bottleneck, from the last on, that have a norm and not a bias.</summary>
        public int Normed { get; init; } = 1;

        /// <summary>Stochastic depth of the last block where nobody asks for another.</summary>
        public double DropPathRate { get; init; }
    }

    /// <summary>timm's variants of the module <c>cpubone</c>.</summary>
    public static readonly Family<Config> Family = new("cpubone", Build, Facts)
    {
        { "cpubone_nano", new([12, 24, 48, 96, 192], 0, 1, 1, 1, 2) { DownRatio = 4 } },
        { "cpubone_t0", new([12, 24, 48, 96, 192], 0, 1, 1, 2, 3) { DownRatio = 4 } },
        { "cpubone_s0", new([14, 28, 56, 112, 224], 0, 1, 1, 2, 3) { DownRatio = 4 } },
        { "cpubone_b0_bfrobust", new([16, 32, 64, 128, 256], 0, 1, 1, 3, 4) { DownRatio = 4, Normed = 3 } },
        { "cpubone_b1_bfrobust", B1 with { Normed = 3 } },
        { "cpubone_b1_dwnorm", B1 with { Normed = 2 } },
        { "cpubone_b2_bfrobust", new([20, 40, 80, 160, 320], 0, 1, 1, 6, 6) {
            HeadWidths = [2304, 2560], Normed = 3, DropPathRate = 0.1 } },
        { "cpubone_b2pt5_dwnorm", new([24, 48, 96, 192, 384], 0, 1, 1, 6, 6) {
            HeadWidths = [2304, 2560], Normed = 2 } },
        { "cpubone_b3", new([32, 64, 128, 256, 512], 1, 2, 3, 6, 6) },
    };

    static Config B1 => new([16, 32, 64, 128, 256], 0, 1, 1, 5, 5);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Unit(x, s["stem"][0], c.Widths[0], new(3, Stride: 2), c.Act);
        foreach (var b in net.Blocks(c.Depths))
        {
            x = b.Stage == 0 ? Residual(x, s["stem"][b.Index + 1], c, b)
                : b.Stage < 3 ? EarlyBlock(x, s["stages"][b.Stage - 1][b.Index], c, b)
                : LateBlock(x, s["stages"][b.Stage - 1], c, b);
            if (b is { IsLast: true, Stage: > 0 })
                net.Tap($"stages.{b.Stage - 1}", x);
        }
        var head = s["head"];
        return net.Head(x, HeadedMaps.TwoLayerHead(head["classifier"]["linear"], head["in_conv"],
            (head["pre_classifier"]["linear"], head["pre_classifier"]["norm"]), c.HeadWidths, "avg"));
    }

    static Value EarlyBlock(Value x, Scope s, Config c, Place b) =>
        b.IsFirst ? Downsample(x, s, c, b) : Residual(x, s, c, b);

    /// <summary>What halves the map stands before the blocks and is none of them.</summary>
    static Value LateBlock(Value x, Scope s, Config c, Place b)
    {
        x = b.IsFirst ? Downsample(x, s[0], c, b) : x;
        var (context, local) = (s[b.Index + 1]["total"][0], s[b.Index + 1]["total"][1]["main"]);
        var attn = context[0]["main"];
        x += Attend(x.GroupNorm(attn[0], groups: 1), attn[1], b).DropPath(b.DropPath);
        x += x.MapMlp(context[1]["main"], b).DropPath(b.DropPath);
        var y = x.Channels < 256 ? Fused(x, local, x.Channels, 4 * x.Channels, new(2, Groups: Groups), c, bias: true)
            : Inverted(x, local, c);
        return x + y.DropPath(b.DropPath);
    }

    /// <summary>In the third stage over means of 2x2 pixels with learned weights, repeated afterwards.</summary>
    static Value Attend(Value x, Scope s, Place place)
    {
        var stride = place.Stage == 3 ? 2 : 1;
        var y = Unit(x, s["conv_proj"], x.Channels, new(2, stride, Groups: x.Channels), act: null)
            .AttendAtHalfWidth(s).Conv(s["upsampling"][0], x.Channels, k: 1);
        return y.ResizeNearest(stride, stride).CropMap(x.Height, x.Width);
    }

    static Value Residual(Value x, Scope s, Config c, Place place) => x + Fused(
        x, s["main"], x.Channels, 4 * x.Channels, new(3, Groups: Groups), c).DropPath(place.DropPath);

    static Value Downsample(Value x, Scope s, Config c, Place b) => Fused(
        x, s["main"], c.Widths[b.Stage], c.DownRatio * x.Channels, new(3, Stride: 2, Groups: Groups), c);

    static Value Fused(Value x, Scope s, int channels, int hidden, Window w, Config c, bool bias = false) => Unit(
        Unit(x, s["spatial_conv"], hidden, w, c.Act, bias), s["point_conv"], channels, new(1), act: null);

    static Value Inverted(Value x, Scope s, Config c)
    {
        var hidden = 4 * x.Channels;
        var y = Layer(x, s["inverted_conv"], hidden, new(1, Groups: Groups), isNormed: c.Normed > 2);
        y = Layer(y, s["depth_conv"], hidden, new(2, Groups: hidden), isNormed: c.Normed > 1);
        return Unit(y, s["point_conv"], x.Channels, new(1), act: null);

        Value Layer(Value z, Scope at, int channels, Window w, bool isNormed) =>
            isNormed ? Unit(z, at, channels, w, c.Act) : c.Act(Conv(z, at, channels, w, bias: true));
    }

    static Value Unit(Value x, Scope s, int channels, Window w, Act? act, bool bias = false)
    {
        var y = Conv(x, s, channels, w, bias).BatchNorm(s["norm"]);
        return act is null ? y : act(y);
    }

    /// <summary>A window of 2x2 that keeps the map's size is padded by a layer of its own, the first of two.</summary>
    static Value Conv(Value x, Scope s, int channels, Window w, bool bias) => w switch
    {
        { K: 2, Stride: 1 } => x.Conv(s["conv"][1], channels, w with { Pad = Pad.Before }, bias),
        { K: 2 } => x.Conv(s["conv"], channels, w with { Pad = Pad.Same }, bias),
        _ => x.Conv(s["conv"], channels, w, bias),
    };

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)", null)))
    {
        Layers = new() { LayerNormEps = 1e-5 },
        DropPathRate = c.DropPathRate,
    };
}
