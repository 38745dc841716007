namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Convolution by standardized filters (arXiv:1903.10520): each has mean 0 and variance 1 over what it reads.
    /// Parameter <c>weight</c> as it is before.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="w">Window.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="eps">What is added to the variance.</param>
    public static Value StdConv(this Value x, Scope s, int channels, Window w, bool bias = false, double eps = 1e-6)
    {
        var weight = x.Filters(s, channels, w);
        var offset = bias ? s.Param("bias", s.Defaults.ConvBiasBy(FanIn(weight)), channels) : null;
        return x.Conv(Standardized(weight, eps), offset, w.Over(x));
    }

    /// <summary>
    /// The same with a learned <c>gain</c> for each filter, over the root of its fan-in (arXiv:2101.08692): without
    /// norms, activations keep their variance. The gain begins as the weight of a norm does.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="w">Window.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="gamma">What the activation before takes from the deviation.</param>
    /// <param name="eps">What is added to the variance.</param>
    public static Value ScaledStdConv(this Value x, Scope s, int channels, Window w, bool bias = true,
        double gamma = 1, double eps = 1e-6)
    {
        var weight = x.Filters(s, channels, w);
        var offset = bias ? s.Param("bias", s.Defaults.ConvBiasBy(FanIn(weight)), channels) : null;
        var gain = s.Param("gain", s.Defaults.NormWeight, channels, 1, 1, 1) * (gamma / Math.Sqrt(FanIn(weight)));
        return x.Conv(Standardized(weight, eps) * gain, offset, w.Over(x));
    }

    static Value Standardized(Value filters, double eps)
    {
        var channels = filters.Shape[0];
        return filters.Reshape(1, channels, filters.Shape.Count / channels).Standardize(eps).Reshape(filters.Shape);
    }

    static double FanIn(Value filters) => filters.Shape.Skip(1).Aggregate(1L, (product, d) => product * d.Size);
}
