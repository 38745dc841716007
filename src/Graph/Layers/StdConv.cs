namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Convolution, without bias, by standardized filters (arXiv:1903.10520): each has mean 0 and variance 1 over what
    /// it reads. Parameter <c>weight</c> as it is before.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameter.</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="k">Window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="pad">Padding.</param>
    /// <param name="eps">What is added to the variance.</param>
    public static Value StdConv(this Value x, Scope s, int channels, int k, int stride = 1, Pad pad = default,
        double eps = 1e-6)
    {
        var weight = s.Param("weight", s.Layers.Conv(1), channels, x.Channels, k, k);
        var standardized = weight.Reshape(1, channels, x.Channels * k * k).Standardize(eps).Reshape(weight.Shape);
        return x.Conv(standardized, null, new([stride, stride], pad.For(x, k, stride), [1, 1]));
    }
}
