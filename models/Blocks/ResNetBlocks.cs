using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>What the residual blocks of a ResNet have in common.</summary>
public record ResNetStyle() : ConvStyle(Ops.Relu)
{
    /// <summary>Groups of a bottleneck's window: ResNeXt's cardinality.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of a bottleneck's group, for each 64 planes.</summary>
    public int BaseWidth { get; init; } = 64;

    /// <summary>By what the first convolution of a block is narrower than the second.</summary>
    public int ReduceFirst { get; init; } = 1;

    /// <summary>Weighs the channels of a residual; the number is theirs before any pruning.</summary>
    public Func<Value, Scope, int, Value> Gate { get; init; } = (x, _, _) => x;

    /// <summary>Brings the identity to the shape of the residual.</summary>
    public ConvBlock<ResNetStyle> Shortcut { get; init; } = ResNetBlocks.Projection;
}

/// <summary>The residual blocks of ResNet v1.5 (arXiv:1512.03385) and its kin. timm/models/resnet.py.</summary>
public static class ResNetBlocks
{
    /// <summary>Two 3x3 windows, the first with the stride; the second norm begins at 0.</summary>
    public static Value Basic(Value x, Scope s, int planes, ResNetStyle style, Place place)
    {
        var y = x.ConvNormAct((s["conv1"], s["bn1"].Dropping(place)), planes / style.ReduceFirst, First(place),
            style);
        y = y.ConvNorm((s["conv2"], s["bn2"].ZeroNorm()), planes, new(3, Dilation: place.Dilation), style);
        return Residual(x, style.Gate(y, s["se"], planes).DropPath(place.DropPath), s, planes, style, place);
    }

    /// <summary>Four times as many channels as planes.</summary>
    public static Value Bottleneck(Value x, Scope s, int planes, ResNetStyle style, Place place)
    {
        var width = planes * style.BaseWidth / 64 * style.Groups;
        var y = x.ConvNormAct((s["conv1"], s["bn1"]), width / style.ReduceFirst, new(1), style);
        y = y.ConvNormAct((s["conv2"], s["bn2"].Dropping(place)), width, First(place) with { Groups = style.Groups },
            style);
        y = y.ConvNorm((s["conv3"], s["bn3"].ZeroNorm()), planes * 4, new(1), style);
        return Residual(x, style.Gate(y, s["se"], planes * 4).DropPath(place.DropPath), s, planes * 4, style, place);
    }

    /// <summary>A residual and its identity, which a shortcut brings to the same shape.</summary>
    public static Value Residual(Value x, Value y, Scope s, int channels, ResNetStyle style, Place place) =>
        style.Act(y + (x.Shape.Equals(y.Shape) ? x : style.Shortcut(x, s["downsample"], channels, style, place)));

    /// <summary>A 1x1 convolution with the stride, and its norm; parameters <c>0</c> and <c>1</c>.</summary>
    public static Value Projection(Value x, Scope s, int channels, ResNetStyle style, Place place) =>
        x.ConvNorm((s[0], s[1]), channels, new(1, place.Stride), style);

    /// <summary>SE-Net's: a 3x3 window where the map is halved.</summary>
    public static Value WideProjection(Value x, Scope s, int channels, ResNetStyle style, Place place) =>
        x.ConvNorm((s[0], s[1]), channels, place is { Stride: 1, Dilation: 1 } ? new(1) : First(place), style);

    /// <summary>ResNet-D's: averages before it projects, so that no pixel is lost.</summary>
    public static Value PooledProjection(Value x, Scope s, int channels, ResNetStyle style, Place place) =>
        x.MeanBefore(place).ConvNorm((s[1], s[2]), channels, new(1), style);

    /// <summary>The place of a norm behind which blocks of the map are dropped, in stages where they are.</summary>
    public static Scope Dropping(this Scope s, Place place) => place.DropBlock is not { } drop ? s
        : s.With(d => d with { NormDrop = x => x.DropBlock(drop.Rate, drop.Size, drop.Scale) });

    /// <summary>The mean of 2x2 pixels at the stride of a place; of its dilation, where it dilates instead.</summary>
    public static Value MeanBefore(this Value x, Place place) => place switch
    {
        { Stride: 1, Dilation: 1 } => x,
        // What timm pads with counts.
        { Dilation: > 1 } => x.AvgPool(k: 2, stride: 1, Pad.Same, countPads: true),
        _ => x.AvgPool(k: 2, place.Stride, Pad.Valid, ceil: true, countPads: false),
    };

    /// <summary>A group norm of 32 groups, then the activation.</summary>
    public static NormAct GroupNorm32 => WithAct((x, s) => x.GroupNorm(s, groups: 32));

    /// <summary>Squeeze and excitation through a sixteenth of the channels, a multiple of 8.</summary>
    public static Value Se(Value x, Scope s, int width) =>
        x.SqueezeExcite(s, MakeDivisible(width / 16.0, roundLimit: 0));

    /// <summary>Squeeze and excitation through a quarter of the channels, a multiple of 8.</summary>
    public static Value SeWide(Value x, Scope s, int width) =>
        x.SqueezeExcite(s, MakeDivisible(width / 4.0, roundLimit: 0));

    /// <summary>The more channels, the wider the view (equation 12 of arXiv:1910.03151).</summary>
    public static Value Eca(Value x, Scope s, int width)
    {
        var k = (int)((Math.Log2(width) + 1) / 2);
        return x.EfficientChannelAttention(s, Math.Max(k % 2 == 1 ? k : k + 1, 3));
    }

    /// <summary>The 3x3 window that looks around and, at the head of a stage, halves the map.</summary>
    static Window First(Place place) => new(3, place.Stride, place.FirstDilation);
}
