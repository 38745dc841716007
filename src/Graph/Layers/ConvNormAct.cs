namespace OnnxTimm;

/// <summary>How the convolutions of a network convolve, norm, activate and subsample.</summary>
/// <param name="Act">The activation.</param>
public record ConvStyle(Act Act)
{
    /// <summary>Follows a convolution; the activation is its part, since some norms hold one.</summary>
    public NormAct Norm { get; init; } = Layers.WithAct(Layers.BatchNorm);

    /// <summary>How a map is convolved; another one may standardize its filters or choose among them.</summary>
    public ConvLayer Conv { get; init; } = Layers.Conv;

    /// <summary>Subsamples a map after the activation, in place of a stride.</summary>
    public Func<Value, int, Value>? AntiAlias { get; init; }
}

public static partial class Layers
{
    /// <summary>
    /// A convolution without bias, its norm and the activation. timm's ConvNormAct: <c>conv</c>, <c>bn</c>.
    /// </summary>
    public static Value ConvNormAct(this Value x, Scope s, int channels, Window w, ConvStyle style) =>
        x.ConvNormAct((s["conv"], s["bn"]), channels, w, style);

    /// <summary>The same with parameters wherever they are.</summary>
    public static Value ConvNormAct(this Value x, (Scope Conv, Scope Norm) s, int channels, Window w, ConvStyle style)
    {
        var smooth = w.Stride > 1 ? style.AntiAlias : null;
        var y = style.Conv(x, s.Conv, channels, smooth is null ? w : w with { Stride = 1 }, bias: false);
        y = style.Norm(y, s.Norm, style.Act);
        return smooth is null ? y : smooth(y, w.Stride);
    }

    /// <summary>A convolution without bias and its norm.</summary>
    public static Value ConvNorm(this Value x, Scope s, int channels, Window w, ConvStyle style) =>
        x.ConvNorm((s["conv"], s["bn"]), channels, w, style);

    /// <inheritdoc cref="ConvNorm(Value, Scope, int, Window, ConvStyle)"/>
    public static Value ConvNorm(this Value x, (Scope Conv, Scope Norm) s, int channels, Window w, ConvStyle style) =>
        style.Norm(style.Conv(x, s.Conv, channels, w, bias: false), s.Norm, null);

    /// <summary>
    /// A filter for each channel, a 1x1 convolution, the norm and the activation. timm's SeparableConvNormAct:
    /// <c>conv_dw</c>, <c>conv_pw</c>, <c>bn</c>.
    /// </summary>
    public static Value SeparableConvNormAct(this Value x, Scope s, int channels, Window w, ConvStyle style) => x
        .Conv(s["conv_dw"], x.Channels, w with { Groups = x.Channels }, bias: false)
        .ConvNormAct((s["conv_pw"], s["bn"]), channels, new(1), style);

    /// <summary>A convolution with a padding of its network's own.</summary>
    public static ConvLayer PaddedConv(Pad pad) =>
        (x, s, channels, w, bias) => x.Conv(s, channels, w with { Pad = pad }, bias);
}
