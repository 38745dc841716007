namespace OnnxTimm.Models;

/// <summary>
/// LowFormer (arXiv:2409.03460, 2603.26551): operators chosen by their speed, dense bottlenecks while maps are thin,
/// and attention over a smaller map that a transposed convolution enlarges. timm/models/lowformer.py.
/// </summary>
public static class LowFormer
{
    /// <param name="Widths">Channels of the stem and of each stage.</param>
    /// <param name="Depths">Blocks of the stem and of each stage.</param>
    /// <param name="HeadWidths">Channels of the last convolution and of the hidden layer before the classifier.</param>
    public sealed record Config(int[] Widths, int[] Depths, params int[] HeadWidths) : ConvStyle(Activations.HardSwish)
    {
        /// <summary>Width of a block that halves the map between its layers over that of what it reads.</summary>
        public int DownRatio { get; init; } = 6;

        /// <summary>What stands before the local part of a late block.</summary>
        public TokenBlock<Config> Context { get; init; } = AttentionAndMlp;
    }

    /// <summary>timm's variants of the module <c>lowformer</c>.</summary>
    public static readonly Family<Config> Family = new("lowformer", Build, Facts)
    {
        { "lowformer_b0",  new([16, 32, 64, 128, 256], [0, 1, 1, 3, 4], 1536, 1600) { DownRatio = 4 } },
        { "lowformer_b1",  new([16, 32, 64, 128, 256], [0, 1, 1, 5, 5], 1536, 1600) },
        { "lowformer_b15", new([20, 40, 80, 160, 320], [0, 1, 1, 6, 6], 2304, 2560) },
        { "lowformer_b2",  new([24, 48, 96, 192, 384], [0, 1, 1, 6, 6], 2304, 2560) },
        { "lowformer_b3",  new([32, 64, 128, 256, 512], [1, 2, 3, 6, 6], 1536, 1600) },
        { "lowformer_e1",  new([20, 40, 80, 160, 320], [0, 1, 1, 4, 4], 2304, 2560) { Context = Nothing } },
        { "lowformer_e2",  new([32, 64, 128, 256, 512], [1, 2, 3, 4, 4], 1536, 1600) { Context = Nothing } },
        { "lowformer_e3",  new([32, 64, 128, 256, 512], [1, 2, 3, 6, 6], 1536, 1600) { Context = Attention } },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Unit(x, s["stem"][0], c.Widths[0], new(3, Stride: 2), c);
        foreach (var b in net.Blocks(c.Depths))
        {
            x = b.Stage == 0 ? Residual(x, s["stem"][b.Index + 1], c, b)
                : b.Stage < 3 ? EarlyBlock(x, s["stages"][b.Stage - 1][b.Index], c, b)
                : LateBlock(x, s["stages"][b.Stage - 1], c, b);
            if (b is { IsLast: true, Stage: > 0 })
                net.Tap($"stages.{b.Stage - 1}", x);
        }
        return net.Head(x, HeadedMaps.TwoLayerHead(s["classifier"], s["in_conv"],
            (s["pre_classifier"][0], s["pre_classifier"][1]), c.HeadWidths, "avg", "max", "avgmax"));
    }

    static Value EarlyBlock(Value x, Scope s, Config c, Place b) =>
        b.IsFirst ? Downsample(x, s, c, b) : Residual(x, s, c, b);

    /// <summary>What halves the map stands before the blocks and is none of them.</summary>
    static Value LateBlock(Value x, Scope s, Config c, Place b)
    {
        x = b.IsFirst ? Downsample(x, s[0], c, b) : x;
        var block = s[b.Index + 1];
        x = c.Context(x, block, c, b);
        var local = block["local"]["main"];
        var y = x.Channels < 256 ? Fused(x, local, x.Channels, 4, c, bias: true) : Inverted(x, local, c);
        return x + y.DropPath(b.DropPath);
    }

    static Value Nothing(Value x, Scope s, Config c, Place place) => x;

    static Value Attention(Value x, Scope s, Config c, Place place) =>
        x + Attend(x, s["attn"]["main"], c, place).DropPath(place.DropPath);

    static Value AttentionAndMlp(Value x, Scope s, Config c, Place place)
    {
        var attn = s["attn"]["main"];
        x += Attend(x.GroupNorm(attn[0], groups: 1), attn[1], c, place).DropPath(place.DropPath);
        return x + x.MapMlp(s["mlp"]["main"], place).DropPath(place.DropPath);
    }

    /// <summary>In the third stage over every second row and column.</summary>
    static Value Attend(Value x, Scope s, Config c, Place place)
    {
        var (k, stride) = place.Stage == 3 ? (5, 2) : (3, 1);
        var y = x.ConvNorm((s["conv_proj"]["conv"], s["conv_proj"]["norm"]), x.Channels,
            new(k, stride, Groups: x.Channels), c).AttendAtHalfWidth(s);
        return y.ConvTranspose(s["upsampling"], x.Channels, stride == 2 ? 4 : 3, stride, pad: 1)
            .CropMap(x.Height, x.Width);
    }

    static Value Residual(Value x, Scope s, Config c, Place place) =>
        x + Fused(x, s["main"], x.Channels, 4, c).DropPath(place.DropPath);

    static Value Downsample(Value x, Scope s, Config c, Place b) =>
        Fused(x, s["main"], c.Widths[b.Stage], c.DownRatio, c, stride: 2);

    static Value Fused(Value x, Scope s, int channels, int ratio, Config c, int stride = 1, bool bias = false)
    {
        var spatial = s["spatial_conv"];
        x = c.Act(x.Conv(spatial["conv"], ratio * x.Channels, new Window(3, stride), bias).BatchNorm(spatial["norm"]));
        return x.ConvNorm((s["point_conv"]["conv"], s["point_conv"]["norm"]), channels, new(1), c);
    }

    /// <summary>With a norm at its end alone.</summary>
    static Value Inverted(Value x, Scope s, Config c)
    {
        var y = c.Act(x.Conv(s["inverted_conv"]["conv"], 4 * x.Channels, k: 1));
        y = c.Act(y.DepthwiseConv(s["depth_conv"]["conv"], k: 3));
        return y.ConvNorm((s["point_conv"]["conv"], s["point_conv"]["norm"]), x.Channels, new(1), c);
    }

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        x.ConvNormAct((s["conv"], s["norm"]), channels, w, c);

    static FamilyFacts Facts(Config c) => new(new(@"^stem\.\d+", (@"^stages\.(\d+)\.(\d+)", null)))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
    };
}
