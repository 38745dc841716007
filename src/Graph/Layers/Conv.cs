namespace OnnxTimm;

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
    /// <param name="dilation">Distance of the window's taps.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <param name="bias">Whether there is a bias; none before a batch norm.</param>
    public static Value Conv(this Value x, Scope s, int channels, int k, int stride = 1, Pad pad = default,
        int dilation = 1, int groups = 1, bool bias = true) =>
        x.Conv(s, channels, (k, k), stride, pad, dilation, groups, bias);

    /// <summary>The same with a window of another height than width.</summary>
    public static Value Conv(this Value x, Scope s, int channels, (int H, int W) k, int stride = 1, Pad pad = default,
        int dilation = 1, int groups = 1, bool bias = true)
    {
        channels = s.Layers.Pruned.GetValueOrDefault(s.Prefix, channels);
        if (x.Channels % groups != 0 || channels % groups != 0)
            throw new InvalidOperationException($"{s.Prefix}: {x.Channels} -> {channels} channels in {groups} groups.");
        var fanIn = x.Channels / groups * k.H * k.W;
        var weight = s.Param("weight", s.Layers.Conv(groups), channels, x.Channels / groups, k.H, k.W);
        var offset = bias ? s.Param("bias", s.Layers.ConvBias(fanIn), channels) : null;
        return x.Conv(weight, offset,
            new([stride, stride], pad.For(x, k, stride, dilation), [dilation, dilation], groups));
    }

    /// <summary>One filter a channel.</summary>
    public static Value DepthwiseConv(this Value x, Scope s, int k, int stride = 1, Pad pad = default,
        int dilation = 1, bool bias = true) =>
        x.Conv(s, x.Channels, k, stride, pad, dilation, groups: x.Channels, bias);

    /// <summary>A fully connected layer on the last axis; weight [out, in].</summary>
    public static Value Linear(this Value x, Scope s, int width, bool bias = true)
    {
        var weight = s.Param("weight", s.Layers.Linear, width, x.Dim);
        var offset = bias ? s.Param("bias", s.Layers.LinearBias(x.Dim), width) : null;
        return x.Linear(weight, offset);
    }

    /// <summary>x W' + b on the last axis, by given weights [out, in].</summary>
    public static Value Linear(this Value x, Value weight, Value? bias = null)
    {
        if (x.Shape.Rank == 2)
            return x.Gemm(weight, bias, transB: true);
        var y = x.MatMul(weight.Transpose(1, 0));
        return bias is null ? y : y + bias;
    }

    /// <summary>The mean over height and width: [N, C, H, W] to [N, C, 1, 1].</summary>
    public static Value SpatialMean(this Value x) => x.GlobalAveragePool();

    public static Value MaxPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false) =>
        x.MaxPool([k, k], [stride, stride], pad.For(x, k, stride), ceil);

    public static Value AvgPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false,
        bool countPads = true) =>
        x.AveragePool([k, k], [stride, stride], pad.For(x, k, stride), ceil, countPads);
}
