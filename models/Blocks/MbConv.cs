using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>What all blocks of a mobile network have in common.</summary>
/// <param name="Act">The activation where a block's string names no other.</param>
public sealed record BlockStyle(Act Act) : ConvStyle(Act)
{
    /// <summary>Weighs channels; squeeze and excitation by default.</summary>
    public ChannelGate Gate { get; init; } = MbConv.SqueezeExcite;

    /// <summary>
    /// Squeezed channels over those that are weighed: the share is one of what enters the block, unless a network takes
    /// it of what the block expands to.
    /// </summary>
    public Func<BlockSpec, double> Squeeze { get; init; } = b => b.Squeeze / b.Expand;

    /// <summary>
    /// Of all windows; half the window's span by default, <see cref="Pad.Same"/> for weights of TensorFlow.
    /// </summary>
    public Pad Pad { get; init; }

    /// <summary>The blocks by the type that begins their string; a family can add to them.</summary>
    public IReadOnlyDictionary<string, MbBlock> Types { get; init; } = MbConv.Types;
}

/// <summary>Weighs the channels of a map; ratio is the number of squeezed channels over theirs.</summary>
public delegate Value ChannelGate(Value x, Scope s, double ratio, Act act);

/// <summary>A block of a mobile network, by its string.</summary>
public delegate Value MbBlock(Value x, Scope s, BlockSpec b, BlockStyle style, Place place);

/// <summary>
/// The blocks of the mobile networks, from MobileNet (arXiv:1704.04861) to EfficientNetV2 (2104.00298), and the trunk
/// made of them. timm/models/_efficientnet_blocks.py.
/// </summary>
public static class MbConv
{
    /// <summary>The blocks of <c>timm/models/_efficientnet_blocks.py</c> by the type in a string.</summary>
    public static IReadOnlyDictionary<string, MbBlock> Types { get; } = new Dictionary<string, MbBlock>
    {
        { "ir", InvertedResidual },
        { "ds", DepthwiseSeparable },
        { "dsa", DepthwiseSeparable },
        { "er", EdgeResidual },
        { "cn", Convolution },
    };

    /// <summary>All stages, with a tap before each stride and at the end.</summary>
    public static Value Trunk(Value x, Scope s, BlockSpec[][] stages, BlockStyle style, Net net)
    {
        var strides = Array.ConvertAll(stages, stage => stage[0].Stride);
        if (strides[0] > 1)
            net.Tap("bn1", x);
        foreach (var b in net.Strided(Array.ConvertAll(stages, stage => stage.Length), reduction: 2, strides,
            DropPathRule.ByShare))
        {
            x = Block(x, s[b.Stage][b.Index], stages[b.Stage][b.Index] with { Stride = b.Stride }, style, b);
            if (b.IsLast && (b.Stage + 1 == stages.Length || strides[b.Stage + 1] > 1))
                net.Tap($"blocks.{b.Stage}", x);
        }
        return x;
    }

    /// <summary>Squeeze and excitation with the block's own activation (arXiv:1801.04381, 1905.11946).</summary>
    public static Value SqueezeExcite(Value x, Scope s, double ratio, Act act) =>
        SqueezeExcite(x, s, (int)Math.Round(x.Channels * ratio), act, Ops.Sigmoid);

    /// <summary>The same with so many squeezed channels and another gate.</summary>
    public static Value SqueezeExcite(Value x, Scope s, int reduced, Act act, Act gate)
    {
        var squeezed = act(x.GlobalAveragePool().Conv(s["conv_reduce"], reduced, k: 1));
        return x * gate(squeezed.Conv(s["conv_expand"], x.Channels, k: 1));
    }

    static Value Block(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        if (b.Act is { } act)
            style = style with { Act = act };
        if (b.SpaceToDepth)
            (x, b) = SpaceToDepth(x, s, b, style);
        return style.Types.TryGetValue(b.Type, out var block) ? block(x, s, b, style, place)
            : throw new InvalidOperationException($"Block string: \"{b.Type}\" is no type.");
    }

    /// <summary>Folds 2x2 pixels into channels by a learned convolution; the block then sees half the window.</summary>
    static (Value X, BlockSpec Inner) SpaceToDepth(Value x, Scope s, BlockSpec b, BlockStyle style)
    {
        var folded = x.Conv(s["conv_s2d"], x.Channels * 4, k: 2, stride: 2, Pad.Same, bias: false);
        return (style.Norm(folded, s["bn_s2d"], style.Act),
            b with { Stride = 1, Kernel = Array.ConvertAll(b.Kernel, k => (k + 1) / 2), Skip = false });
    }

    static Value Convolution(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var groups = Groups(b, x.Channels, otherwise: 0);
        var y = Spatial(x, (s["conv"], s["bn1"]), b.Channels, groups, b, style, place);
        return b.Skip == true ? Residual(x, y, b, place) : y;
    }

    /// <summary>MobileNet's block; with an activation at its end (dsa) it has no shortcut.</summary>
    static Value DepthwiseSeparable(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var act = b.Type == "dsa" ? style.Act : null;
        var groups = Groups(b, x.Channels, otherwise: 1);
        var y = Spatial(x, (s["conv_dw"], s["bn1"]), x.Channels, groups, b, style, place);
        y = style.Norm(Pointwise(Gate(y, s["se"], b, style), s["conv_pw"], b.Channels, b.End, style), s["bn2"], act);
        return act is null ? Residual(x, y, b, place) : y;
    }

    /// <summary>
    /// MobileNetV2's inverted bottleneck (arXiv:1801.04381): expand, look around, gate, project; with experts by
    /// kernels that are mixed for each image (1904.04971).
    /// </summary>
    static Value InvertedResidual(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var conv = b.Experts > 0 ? Mixture(x, s, b) : MixedConv;
        var y = conv(b.Start)(x, s["conv_pw"], MakeDivisible(x.Channels * b.Expand), One(b.Start, style), bias: false);
        y = style.Norm(y, s["bn1"], style.Act);
        var groups = Groups(b, y.Channels, otherwise: 1);
        y = Spatial(y, (s["conv_dw"], s["bn2"]), y.Channels, groups, b, style with { Conv = conv(b.Kernel) }, place);
        y = Gate(y, s["se"], b, style);
        y = style.Norm(conv(b.End)(y, s["conv_pwl"], b.Channels, One(b.End, style), bias: false), s["bn3"], null);
        return Residual(x, y, b, place);
    }

    /// <summary>The fused form, whose expansion looks around by itself: EfficientNet-EdgeTPU, EfficientNetV2.</summary>
    static Value EdgeResidual(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var hidden = MakeDivisible((b.ForcedIn > 0 ? b.ForcedIn : x.Channels) * b.Expand);
        var groups = Groups(b, hidden, otherwise: 0);
        var y = Spatial(x, (s["conv_exp"], s["bn1"]), hidden, groups, b, style, place);
        y = style.Norm(Pointwise(Gate(y, s["se"], b, style), s["conv_pwl"], b.Channels, b.End, style), s["bn2"], null);
        return Residual(x, y, b, place);
    }

    /// <summary>Conditional convolutions whose experts an image weighs by its mean.</summary>
    static Func<int[], ConvLayer> Mixture(Value x, Scope s, BlockSpec b)
    {
        var linear = Init.Uniform(1 / Math.Sqrt(x.Channels + b.Experts));
        var routing = s.Late("routing_fn").With(d => d with { Linear = linear });
        var shares = x.GlobalAveragePool().Flatten().Linear(routing, b.Experts).Sigmoid();
        return _ => CondConv(shares);
    }

    /// <summary>The convolution that looks around and may halve the map. An even window has no middle: SAME.</summary>
    public static Value Spatial(Value x, (Scope Conv, Scope Norm) s, int channels, int groups, BlockSpec b,
        BlockStyle style, Place place)
    {
        var pad = b.Kernel[0] % 2 == 0 ? Pad.Same : style.Pad;
        var w = new Window(b.Kernel[0], b.Stride, place.FirstDilation, groups) { Pad = pad };
        return x.ConvNormAct(s, channels, w, b.Kernel.Length > 1 ? style with { Conv = MixedConv(b.Kernel) } : style);
    }

    static Value Pointwise(Value x, Scope s, int channels, int[] k, BlockStyle style) =>
        MixedConv(k)(x, s, channels, One(k, style), bias: false);

    static Window One(int[] k, BlockStyle style) => new(k[0]) { Pad = style.Pad };

    /// <summary>Weighs the channels where the block's string asks for it.</summary>
    public static Value Gate(Value x, Scope s, BlockSpec b, BlockStyle style) =>
        b.Squeeze == 0 ? x : style.Gate(x, s, style.Squeeze(b), style.Act);

    /// <summary>
    /// Adds what enters the block, unless its string says noskip, its stride is not 1, or the channels differ.
    /// </summary>
    public static Value Residual(Value x, Value y, BlockSpec b, Place place) =>
        b.Skip != false && b.Stride == 1 && x.Channels == y.Channels ? y.DropPath(place.DropPath) + x : y;

    /// <summary>Groups of so many channels each; 0 stands for all in one.</summary>
    public static int Groups(BlockSpec b, int channels, int otherwise) =>
        (b.GroupSize ?? otherwise) is var size && size == 0 ? 1 : channels / size;
}
