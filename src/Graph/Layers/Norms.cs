namespace OnnxTimm;

/// <summary>A norm of a map [N, C, H, W] or of tokens [N, L, D], with its parameters at a scope.</summary>
public delegate Value Norm(Value x, Scope s);

/// <summary>A norm with the activation that follows it, if any: some norms are both in one.</summary>
public delegate Value NormAct(Value x, Scope s, Act? act);

public static partial class Layers
{
    /// <summary>
    /// Batch norm over a map or rows [N, D]; parameters weight, bias and the statistics running_mean, running_var.
    /// </summary>
    public static Value BatchNorm(this Value x, Scope s)
    {
        var c = x.ChannelsOf(s);
        return x.BatchNormalization(
            s.Param("weight", s.Defaults.NormWeight, c), s.Param("bias", s.Defaults.BatchNormBias, c),
            s.Stat("running_mean", Init.Zeros, c), s.Stat("running_var", Init.Ones, c),
            s.Defaults.BatchNormEps, 1 - s.Defaults.BatchNormMomentum);
    }

    /// <summary>Layer norm over the last axis.</summary>
    public static Value LayerNorm(this Value x, Scope s) => x.LayerNormalization(
        s.Param("weight", s.Defaults.NormWeight, x.Features), s.Param("bias", Init.Zeros, x.Features),
        s.Defaults.LayerNormEps);

    /// <summary>Layer norm over the last axis that does not move its mean.</summary>
    public static Value LayerNormWithoutBias(this Value x, Scope s) =>
        x.LayerNormalization(s.Param("weight", s.Defaults.NormWeight, x.Features), null, s.Defaults.LayerNormEps);

    /// <summary>Layer norm over the channels of each pixel of a map.</summary>
    public static Value LayerNorm2d(this Value x, Scope s) =>
        x.ChannelsLast().LayerNorm(s).ChannelsFirst();

    /// <summary>x less its mean, over its deviation, along the last axis.</summary>
    public static Value LayerNormalize(this Value x, double eps) => x.LayerNormalization(
        x.Graph.Const($"ones_{x.Features}", () => Tensor.Filled(1, x.Features)), null, eps);

    /// <summary>Root-mean-square norm over the last axis (arXiv:1910.07467).</summary>
    public static Value RmsNorm(this Value x, Scope s) =>
        x.RmsNormalize(s.Defaults.LayerNormEps) * s.Param("weight", s.Defaults.NormWeight, x.Features);

    /// <summary>x over its root mean square along the last axis.</summary>
    public static Value RmsNormalize(this Value x, double eps) =>
        x * ((x * x).ReduceMean([-1]) + eps).Sqrt().Reciprocal();

    /// <summary>Root-mean-square norm over the channels of each pixel of a map.</summary>
    public static Value RmsNorm2d(this Value x, Scope s) => x.ChannelsLast().RmsNorm(s).ChannelsFirst();

    /// <summary>
    /// x over its deviation along the last axis, without taking off the mean, in the unbiased form. timm's SimpleNorm.
    /// </summary>
    public static Value SimpleNorm(this Value x, Scope s)
    {
        var centred = x - x.ReduceMean([-1]);
        var variance = (centred * centred).ReduceMean([-1]) * (x.Features / (x.Features - 1.0));
        return x * (variance + s.Defaults.LayerNormEps).Sqrt().Reciprocal()
            * s.Param("weight", s.Defaults.NormWeight, x.Features);
    }

    /// <summary>The same over the channels of each pixel of a map.</summary>
    public static Value SimpleNorm2d(this Value x, Scope s) => x.ChannelsLast().SimpleNorm(s).ChannelsFirst();

    /// <summary>
    /// Global response norm (arXiv:2301.00808) of a map of either layout: each channel counts by its norm over the
    /// pixels, compared with the other channels'.
    /// </summary>
    public static Value GlobalResponseNorm(this Value x, Scope s, double eps = 1e-6)
    {
        var norm = x.ReduceL2(x.SpatialAxes());
        var share = norm / (norm.ReduceMean([x.Layout == Layout.ChannelsLast ? 3 : 1]) + eps);
        var weight = s.Param("weight", Init.Zeros, x.Channels).MeetChannels(x);
        var bias = s.Param("bias", Init.Zeros, x.Channels).MeetChannels(x);
        return x + (bias + weight * (x * share));
    }

    /// <summary>Group norm of a map (arXiv:1803.08494): each group of channels is normalized over its pixels.</summary>
    public static Value GroupNorm(this Value x, Scope s, int groups, double eps = 1e-5) =>
        x.Standardize(groups, eps).Affine(s);

    /// <summary>The same without an offset.</summary>
    public static Value GroupNormWithoutBias(this Value x, Scope s, int groups, double eps = 1e-5) =>
        x.Standardize(groups, eps) * s.Param("weight", s.Defaults.NormWeight, x.Channels).PerChannel();

    static Value Standardize(this Value x, int groups, double eps) => x
        .Reshape(x.Shape[0], groups, new Shape(x.Shape.Skip(1)).Count / groups).Standardize(eps).Reshape(x.Shape);

    /// <summary>Each row of [N, C, L] less its mean, over its deviation.</summary>
    static Value Standardize(this Value x, double eps)
    {
        var ones = x.Graph.Const(Tensor.Of([.. Enumerable.Repeat(1f, x.Channels)], x.Channels));
        var zeros = x.Graph.Const(Tensor.Of(new float[x.Channels], x.Channels));
        return x.InstanceNormalization(ones, zeros, eps);
    }

    /// <summary>A norm and, after it, an activation.</summary>
    public static NormAct WithAct(Norm norm) => (x, s, act) =>
    {
        var y = norm(x, s);
        y = s.Defaults.NormDrop?.Invoke(y) ?? y;
        return act is null ? y : act(y);
    };

    /// <summary>
    /// EvoNorm-S0 (arXiv:2004.02967), norm and activation in one: x * sigmoid(v x) over the standard deviation of x in
    /// its group of channels.
    /// </summary>
    public static Value EvoNormS0(this Value x, Scope s, int groups, double eps = 1e-5)
    {
        var (weight, bias) = (s.Param("weight", Init.Ones, x.Channels), s.Param("bias", Init.Zeros, x.Channels));
        return x.Gated(s).OverDeviationOf(x, groups, eps) * weight.PerChannel() + bias.PerChannel();
    }

    /// <summary>
    /// The same as timm's S0a, which divides where there is no activation too; without one there is no <c>v</c>.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="act">Any, for the norm has its own, or none.</param>
    /// <param name="groupSize">Channels of a group.</param>
    public static Value EvoNormS0a(this Value x, Scope s, Act? act, int groupSize)
    {
        var weight = s.Param("weight", s.Defaults.NormWeight, x.Channels);
        var bias = s.Param("bias", Init.Zeros, x.Channels);
        return (act is null ? x : x.Gated(s)).OverDeviationOf(x, x.Channels / groupSize, eps: 1e-3)
            * weight.PerChannel() + bias.PerChannel();
    }

    static Value Gated(this Value x, Scope s) =>
        x * (x * s.Param("v", Init.Ones, x.Channels).PerChannel()).Sigmoid();

    /// <summary>A map over the deviation of another, in each group of channels.</summary>
    static Value OverDeviationOf(this Value y, Value x, int groups, double eps)
    {
        var grouped = x.Reshape(x.Shape[0], groups, new Shape(x.Shape.Skip(1)).Count / groups);
        var centred = grouped - grouped.ReduceMean([2]);
        var deviation = ((centred * centred).ReduceMean([2]) + eps).Sqrt();
        return (y.Reshape(grouped.Shape) / deviation).Reshape(x.Shape);
    }

    /// <summary>
    /// Filter response norm with its thresholded activation (arXiv:1911.09737): each channel over its root mean square,
    /// scaled and moved, at least tau.
    /// </summary>
    public static Value FilterResponseNormTlu(this Value x, Scope s, double eps = 1e-5)
    {
        var y = (x / ((x * x).ReduceMean([2, 3]) + eps).Sqrt()).Affine(s);
        return y.Max(s.Param("tau", Init.Zeros, x.Channels).PerChannel());
    }

    /// <summary>A scale and an offset for each channel of a map.</summary>
    public static Value Affine(this Value x, Scope s) =>
        x * s.Param("weight", s.Defaults.NormWeight, x.Channels).PerChannel()
        + s.Param("bias", Init.Zeros, x.Channels).PerChannel();

    /// <summary>
    /// The last norm of a residual block: it begins at zero, so that the block begins as the identity.
    /// </summary>
    public static Scope ZeroNorm(this Scope s) => s.With(d => d with { NormWeight = Init.Zeros });

    /// <summary>The place with another epsilon for its layer or root-mean-square norm.</summary>
    public static Scope NormEps(this Scope s, double eps) => s.With(d => d with { LayerNormEps = eps });

    /// <summary>[C] as [C, 1, 1], to meet a map.</summary>
    public static Value PerChannel(this Value x) => x.Reshape(x.Shape[0], 1, 1);
}
