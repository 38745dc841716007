namespace OnnxTimm;

/// <summary>The geometry of a convolution; its window is square unless a width says otherwise.</summary>
/// <param name="K">Height of the window.</param>
/// <param name="Stride">Step of the window.</param>
/// <param name="Dilation">Distance of the window's taps.</param>
/// <param name="Groups">Groups of channels that do not mix.</param>
public readonly record struct Window(int K, int Stride = 1, int Dilation = 1, int Groups = 1)
{
    /// <summary>Width of the window.</summary>
    public int Width { get; init; } = K;

    /// <summary>Half the window's span by default.</summary>
    public Pad Pad { get; init; }

    /// <summary>What the operator is told over a map.</summary>
    internal ConvSpec Over(Value x) =>
        new([Stride, Stride], Pad.For(x, (K, Width), Stride, Dilation), [Dilation, Dilation], Groups);
}

/// <summary>A convolution of a map to so many channels, with its parameters at a scope.</summary>
public delegate Value ConvLayer(Value x, Scope s, int channels, Window w, bool bias);

/// <summary>
/// Layers: chains of operators with parameters, as extension methods that take the scope of their parameters.
/// The only place that declares parameters, beside <see cref="Scope.Param"/> in a family's own file.
/// </summary>
public static partial class Layers
{
    /// <summary>
    /// Convolution of a map [N, C, H, W] with a square window; parameters <c>weight</c> and, if asked for, <c>bias</c>.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="k">Window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="pad">Padding; half the window's span by default.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <param name="bias">Whether there is a bias; none before a batch norm.</param>
    public static Value Conv(this Value x, Scope s, int channels, int k, int stride = 1, Pad pad = default,
        int groups = 1, bool bias = true) =>
        x.Conv(s, channels, new Window(k, stride, Groups: groups) { Pad = pad }, bias);

    /// <summary>The same with every freedom of a window: flat, dilated.</summary>
    public static Value Conv(this Value x, Scope s, int channels, Window w, bool bias = true)
    {
        channels = s.Defaults.Pruned.GetValueOrDefault(s.Prefix, channels);
        var fanIn = x.ChannelsOf(s) / w.Groups * w.K * w.Width;
        var weight = x.Filters(s, channels, w);
        var offset = bias ? s.Param("bias", s.Defaults.ConvBiasBy(fanIn), channels) : null;
        return x.Conv(weight, offset, w.Over(x));
    }

    /// <summary>One filter a channel.</summary>
    public static Value DepthwiseConv(this Value x, Scope s, int k, int stride = 1, Pad pad = default,
        int dilation = 1, bool bias = true) =>
        x.Conv(s, x.Channels, new Window(k, stride, dilation, x.Channels) { Pad = pad }, bias);

    /// <summary>
    /// The transpose of a convolution, which enlarges a map by its stride; parameters <c>weight</c> [in, out, k, k] and
    /// <c>bias</c>.
    /// </summary>
    public static Value ConvTranspose(this Value x, Scope s, int channels, int k, int stride, int pad)
    {
        var weight = s.Param("weight", s.Defaults.ConvBy(1), x.ChannelsOf(s), channels, k, k);
        var offset = s.Param("bias", s.Defaults.ConvBiasBy(channels * k * k), channels);
        return x.ConvTranspose(weight, offset, new([stride, stride], [pad, pad, pad, pad], [1, 1]), [0, 0]);
    }

    /// <summary>The weight of a convolution.</summary>
    static Value Filters(this Value x, Scope s, int channels, Window w) =>
        x.Channels % w.Groups == 0 && channels % w.Groups == 0
            ? s.Param("weight", s.Defaults.ConvBy(w.Groups), channels, x.Channels / w.Groups, w.K, w.Width)
            : throw new InvalidOperationException(
                $"{s.Prefix}: {x.Channels} -> {channels} channels in {w.Groups} groups.");

    /// <summary>The channels of a map, for a layer that reads them first.</summary>
    static int ChannelsOf(this Value x, Scope s) => x.Layout != Layout.ChannelsLast ? x.Channels
        : throw new InvalidOperationException($"{s.Prefix} reads channels first, and {x} has them last: "
            + "ChannelsFirst() before it, or OverRows for tokens.");
}
