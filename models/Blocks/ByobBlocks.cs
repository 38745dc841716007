using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>What the blocks of a network by timm's ByobNet have in common.</summary>
/// <param name="Act">The activation.</param>
public record ByobStyle(Act Act) : ConvStyle(Act)
{
    /// <summary>What a block's ratio is a share of, by the channels that it takes and gives.</summary>
    public Func<int, int, int> Base { get; init; } = (_, given) => given;

    /// <summary>Brings the identity to the shape of the residual; where it is null, so is the identity.</summary>
    public ConvBlock<ByobStyle>? Shortcut { get; init; } = ByobBlocks.Projection;

    /// <summary>Follows the sum of a block.</summary>
    public Act End { get; init; } = Act;

    /// <summary>Weighs the channels of a residual.</summary>
    public Func<Value, Scope, Value> Gate { get; init; } = (x, _) => x;
}

/// <summary>A stage of equal blocks.</summary>
/// <param name="Block">The block.</param>
/// <param name="Depth">Number of blocks.</param>
/// <param name="Channels">Channels of the stage.</param>
/// <param name="Ratio">Inner channels of a block by its others.</param>
/// <param name="GroupSize">Channels of a group of its windows; 0 for one group.</param>
public sealed record ByobStage(ByobBlock Block, int Depth, int Channels, double Ratio = 1, int GroupSize = 0)
{
    /// <summary>Of the first block; what the stage divides the map by.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>The window over inner channels.</summary>
    public Window Around(int inner, int stride, int dilation) =>
        new(3, stride, dilation, GroupSize == 0 ? 1 : inner / GroupSize);
}

/// <summary>A block over a map.</summary>
public delegate Value ByobBlock(Value x, Scope s, ByobStage stage, ByobStyle style, Place place);

/// <summary>
/// Residual blocks that may be stacked at will: those of ResNet, DarkNet and GENet (arXiv:2006.14090), and blocks with
/// self-attention between convolutions (2101.11605). timm/models/byobnet.py.
/// </summary>
public static class ByobBlocks
{
    /// <summary>Two 3x3 windows, the first with the stride, the second in groups; the gate comes last.</summary>
    public static Value Basic(Value x, Scope s, ByobStage stage, ByobStyle style, Place place)
    {
        var inner = Inner(x, stage, style);
        return Residual(x, s, stage, style, place, y => GateLast(y
            .ConvNormAct(s["conv1_kxk"], inner, new(3, place.Stride, place.FirstDilation), style)
            .Last(s["conv2_kxk"].Dropping(place), x, stage, style, place,
                stage.Around(inner, 1, place.Dilation)), s, style));
    }

    /// <summary>A window between 1x1 convolutions; the gate weighs the narrow channels.</summary>
    public static Value Bottleneck(Value x, Scope s, ByobStage stage, ByobStyle style, Place place) =>
        Residual(x, s, stage, style, place, y => style.Gate(Narrow(y, s, stage, style, place), s["attn"])
            .Last(s["conv3_1x1"], x, stage, style, place, new(1)));

    /// <summary>With a second window.</summary>
    public static Value DoubleBottleneck(Value x, Scope s, ByobStage stage, ByobStyle style, Place place) =>
        Residual(x, s, stage, style, place, y =>
        {
            y = Narrow(y, s, stage, style, place);
            y = y.ConvNormAct(s["conv2b_kxk"], y.Channels, stage.Around(y.Channels, 1, place.Dilation), style);
            return style.Gate(y, s["attn"]).Last(s["conv3_1x1"], x, stage, style, place, new(1));
        });

    /// <summary>
    /// DarkNet's (arXiv:1804.02767): a 1x1 convolution to the inner channels, then the window; the gate comes last.
    /// </summary>
    public static Value Dark(Value x, Scope s, ByobStage stage, ByobStyle style, Place place)
    {
        var inner = Inner(x, stage, style);
        return Residual(x, s, stage, style, place, y => GateLast(y
            .ConvNormAct(s["conv1_1x1"], inner, new(1), style)
            .Last(s["conv2_kxk"].Dropping(place), x, stage, style, place,
                stage.Around(inner, place.Stride, place.FirstDilation)), s, style));
    }

    /// <summary>A window with the stride to the inner channels, the gate, then a 1x1 convolution.</summary>
    public static Value Edge(Value x, Scope s, ByobStage stage, ByobStyle style, Place place)
    {
        var inner = Inner(x, stage, style);
        return Residual(x, s, stage, style, place, y => style.Gate(y.ConvNormAct(
                s["conv1_kxk"].Dropping(place), inner, stage.Around(inner, place.Stride, place.FirstDilation), style),
                s["attn"])
            .Last(s["conv2_1x1"], x, stage, style, place, new(1)));
    }

    /// <summary>A bottleneck around self-attention, which brings the map to the place's stride.</summary>
    /// <param name="attention">From the map and the stride.</param>
    public static ByobBlock Attended(Func<Value, Scope, int, Value> attention) => (x, s, stage, style, place) =>
        Residual(x, s, stage, style, place, y =>
        {
            y = y.ConvNormAct(s["conv1_1x1"], Inner(x, stage, style), new(1), style);
            y = style.Norm(attention(y, s["self_attn"], place.Stride), s["post_attn"], style.Act);
            return y.Last(s["conv3_1x1"], x, stage, style, place, new(1));
        });

    /// <summary>Bottlenecks, but at some places in the stage another block.</summary>
    public static ByobBlock At(ByobBlock other, params int[] places) => (x, s, stage, style, place) =>
        (places.Contains(place.Index) ? other : Bottleneck)(x, s, stage, style, place);

    static Value Narrow(Value x, Scope s, ByobStage stage, ByobStyle style, Place place)
    {
        var inner = Inner(x, stage, style);
        return x.ConvNormAct(s["conv1_1x1"], inner, new(1), style)
            .ConvNormAct(s["conv2_kxk"].Dropping(place), inner,
                stage.Around(inner, place.Stride, place.FirstDilation), style);
    }

    static int Inner(Value x, ByobStage stage, ByobStyle style) =>
        MakeDivisible(style.Base(x.Channels, stage.Channels) * stage.Ratio);

    static Value GateLast(Value x, Scope s, ByobStyle style) => style.Gate(x, s["attn_last"]);

    /// <summary>The last convolution, whose norm begins at zero where there is an identity.</summary>
    static Value Last(this Value y, Scope s, Value x, ByobStage stage, ByobStyle style, Place place, Window w) =>
        y.ConvNorm((s["conv"], style.Shortcut is null && !IsSame(x, stage.Channels, place) ? s["bn"]
            : s["bn"].ZeroNorm()), stage.Channels, w, style);

    static Value Residual(Value x, Scope s, ByobStage stage, ByobStyle style, Place place, Func<Value, Value> residual)
    {
        var identity = IsSame(x, stage.Channels, place) ? x
            : style.Shortcut?.Invoke(x, s["shortcut"], stage.Channels, style, place);
        var y = residual(x).DropPath(place.DropPath);
        return style.End(identity is null ? y : y + identity);
    }

    internal static bool IsSame(Value x, int channels, Place place) =>
        x.Channels == channels && place.Stride == 1 && place.FirstDilation == place.Dilation;

    /// <summary>A 1x1 convolution with the stride, and its norm.</summary>
    public static Value Projection(Value x, Scope s, int channels, ByobStyle style, Place place) =>
        x.ConvNorm(s, channels, new(1, place.Stride), style);

    /// <summary>
    /// The mean of 2x2 pixels in place of the stride, then a 1x1 convolution and its norm: ResNet-D's.
    /// </summary>
    public static Value PooledProjection(Value x, Scope s, int channels, ByobStyle style, Place place) =>
        x.MeanBefore(place with { Dilation = place.FirstDilation }).ConvNorm(s["conv"], channels, new(1), style);

    /// <summary>Squeeze and excitation by a share of the channels.</summary>
    public static Func<Value, Scope, Value> Se(double ratio, int divisor = 8) =>
        (x, s) => x.SqueezeExcite(s, MakeDivisible(x.Channels * ratio, divisor, roundLimit: 0));

    /// <summary>Efficient channel attention (arXiv:1910.03151) over all channels of the map.</summary>
    public static Value Eca(Value x, Scope s) => ResNetBlocks.Eca(x, s, x.Channels);

    /// <summary>
    /// Global context (arXiv:1904.11492) that is added, with an eighth of the channels between its layers.
    /// </summary>
    public static Value GlobalContext(Value x, Scope s) =>
        x.GlobalContextSum(s, MakeDivisible(x.Channels / 8.0, divisor: 1, roundLimit: 0), Ops.Relu);
}
