using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>What all blocks of a network have in common.</summary>
/// <param name="Act">The activation where a block's string names no other.</param>
public sealed record BlockStyle(Act Act)
{
    public NormAct Norm { get; init; } = WithAct(Layers.BatchNorm);

    public ChannelGate Gate { get; init; } = MbConv.SqueezeExcite;

    /// <summary>Subsamples after the activation, in place of a stride.</summary>
    public Func<Value, int, Value>? AntiAlias { get; init; }

    public Pad Pad { get; init; }
}

/// <summary>Weighs the channels of a map; ratio is the number of squeezed channels over theirs.</summary>
public delegate Value ChannelGate(Value x, Scope s, double ratio, Act act);

/// <summary>
/// The blocks of the mobile networks, from MobileNet (arXiv:1704.04861) to EfficientNetV2 (2104.00298), and the trunk
/// made of them. timm/models/_efficientnet_blocks.py.
/// </summary>
public static class MbConv
{
    delegate Value Block(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath);

    delegate Value Convolution(Value x, Scope s, int channels, int[] k, int stride, Pad pad, int groups);

    /// <summary>All stages, with a tap before each stride and at the end.</summary>
    public static Value Trunk(Net net, Scope s, Value x, BlockStyle style, BlockSpec[][] stages)
    {
        if (stages[0][0].Stride > 1)
            net.Tap("bn1", x);
        var (block, blocks) = (0, stages.Sum(stage => stage.Length));
        foreach (var (i, stage) in stages.Index())
        {
            foreach (var (b, spec) in stage.Index())
                x = Apply(style, s[i][b], x, spec, net.DropPathRate * block++ / blocks);
            if (i + 1 == stages.Length || stages[i + 1][0].Stride > 1)
                net.Tap($"blocks.{i}", x);
        }
        return x;
    }

    /// <summary>Squeeze and excitation with the block's own activation (arXiv:1801.04381, 1905.11946).</summary>
    public static Value SqueezeExcite(Value x, Scope s, double ratio, Act act)
    {
        var squeezed = act(x.SpatialMean().Conv(s["conv_reduce"], (int)Math.Round(x.Channels * ratio), k: 1));
        return x * squeezed.Conv(s["conv_expand"], x.Channels, k: 1).Sigmoid();
    }

    static Value Apply(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath)
    {
        if (b.SpaceToDepth)
            (x, b) = SpaceToDepth(style, s, x, b);
        Block block = b.Type switch
        {
            "ir" => b.Experts > 0 ? ConditionalResidual : InvertedResidual,
            "ds" or "dsa" => DepthwiseSeparable,
            "er" => EdgeResidual,
            "cn" => ConvNormAct,
            _ => throw new InvalidOperationException($"Block string: \"{b.Type}\" is no type."),
        };
        return block(style, s, x, b, dropPath);
    }

    /// <summary>Folds 2x2 pixels into channels by a learned convolution; the block then sees half the window.</summary>
    static (Value X, BlockSpec Inner) SpaceToDepth(BlockStyle style, Scope s, Value x, BlockSpec b)
    {
        var folded = x.Conv(s["conv_s2d"], x.Channels * 4, k: 2, stride: 2, Pad.Same, bias: false);
        return (style.Norm(folded, s["bn_s2d"], b.Act ?? style.Act),
            b with { Stride = 1, Kernel = Array.ConvertAll(b.Kernel, k => (k + 1) / 2), Skip = false });
    }

    static Value ConvNormAct(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath)
    {
        var y = Spatial(style, s["conv"], s["bn1"], x, b.Channels, b, Groups(b, x.Channels, otherwise: 0));
        return b.Skip == true ? Residual(x, y, b, dropPath) : y;
    }

    /// <summary>MobileNet's block; with an activation at its end (dsa) it has no shortcut.</summary>
    static Value DepthwiseSeparable(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath)
    {
        var act = b.Type == "dsa" ? b.Act ?? style.Act : null;
        var y = Spatial(style, s["conv_dw"], s["bn1"], x, x.Channels, b, Groups(b, x.Channels, otherwise: 1));
        y = Gate(style, s["se"], y, b);
        y = style.Norm(y.MixedConv(s["conv_pw"], b.Channels, b.End, pad: style.Pad), s["bn2"], act);
        return act is null ? Residual(x, y, b, dropPath) : y;
    }

    /// <summary>MobileNetV2's inverted bottleneck (arXiv:1801.04381): expand, look around, gate, project.</summary>
    static Value InvertedResidual(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath) =>
        InvertedResidual(style, s, x, b, dropPath, Layers.MixedConv);

    /// <summary>The same with kernels that are mixed for each image (arXiv:1904.04971).</summary>
    static Value ConditionalResidual(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath)
    {
        var linear = Init.Uniform(1 / Math.Sqrt(x.Channels + b.Experts));
        var routing = s.Late("routing_fn").With(s.Layers with { Linear = linear });
        var shares = x.SpatialMean().Flatten().Linear(routing, b.Experts).Sigmoid();
        return InvertedResidual(style, s, x, b, dropPath, (y, t, channels, k, stride, pad, groups) =>
            y.CondConv(t, shares, channels, k[0], stride, pad, groups));
    }

    static Value InvertedResidual(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath, Convolution conv)
    {
        var hidden = MakeDivisible(x.Channels * b.Expand);
        var y = conv(x, s["conv_pw"], hidden, b.Start, stride: 1, style.Pad, groups: 1);
        y = style.Norm(y, s["bn1"], b.Act ?? style.Act);
        y = Spatial(style, s["conv_dw"], s["bn2"], y, y.Channels, b, Groups(b, y.Channels, otherwise: 1), conv);
        y = Gate(style, s["se"], y, b);
        y = style.Norm(conv(y, s["conv_pwl"], b.Channels, b.End, stride: 1, style.Pad, groups: 1), s["bn3"], null);
        return Residual(x, y, b, dropPath);
    }

    /// <summary>The fused form, whose expansion looks around by itself: EfficientNet-EdgeTPU, EfficientNetV2.</summary>
    static Value EdgeResidual(BlockStyle style, Scope s, Value x, BlockSpec b, double dropPath)
    {
        var hidden = MakeDivisible((b.ForcedIn > 0 ? b.ForcedIn : x.Channels) * b.Expand);
        var y = Spatial(style, s["conv_exp"], s["bn1"], x, hidden, b, Groups(b, hidden, otherwise: 0));
        y = Gate(style, s["se"], y, b);
        y = style.Norm(y.MixedConv(s["conv_pwl"], b.Channels, b.End, pad: style.Pad), s["bn2"], null);
        return Residual(x, y, b, dropPath);
    }

    /// <summary>The convolution that looks around and may halve the map. An even window has no middle: SAME.</summary>
    static Value Spatial(BlockStyle style, Scope conv, Scope norm, Value x, int channels, BlockSpec b, int groups,
        Convolution? by = null)
    {
        var smooth = b.Stride > 1 ? style.AntiAlias : null;
        var pad = b.Kernel[0] % 2 == 0 ? Pad.Same : style.Pad;
        var y = (by ?? Layers.MixedConv)(x, conv, channels, b.Kernel, smooth is null ? b.Stride : 1, pad, groups);
        y = style.Norm(y, norm, b.Act ?? style.Act);
        return smooth is null ? y : smooth(y, b.Stride);
    }

    /// <summary>The squeezed channels are a share of what enters the block, not of what it expands to.</summary>
    static Value Gate(BlockStyle style, Scope s, Value x, BlockSpec b) =>
        b.Squeeze == 0 ? x : style.Gate(x, s, b.Squeeze / b.Expand, b.Act ?? style.Act);

    static Value Residual(Value x, Value y, BlockSpec b, double dropPath) =>
        b.Skip != false && b.Stride == 1 && x.Channels == y.Channels ? y.DropPath(dropPath) + x : y;

    /// <summary>Groups of so many channels each; 0 stands for all in one.</summary>
    static int Groups(BlockSpec b, int channels, int otherwise) =>
        (b.GroupSize ?? otherwise) is var size && size == 0 ? 1 : channels / size;
}
