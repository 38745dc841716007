namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Conditional convolution (arXiv:1904.04971), without bias: each image is convolved with its own mixture of
    /// kernels. A convolution is linear in its kernel, so the results of all experts are mixed instead, which keeps
    /// the batch symbolic. Parameter <c>weight</c>: a row for each expert.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameter.</param>
    /// <param name="shares">What each expert counts for an image [N, experts].</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="k">Window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="pad">Padding.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    public static Value CondConv(this Value x, Scope s, Value shares, int channels, int k,
        int stride, Pad pad, int groups)
    {
        var (experts, kernel) = (shares.Dim, new long[] { channels, x.Channels / groups, k, k });
        var weight = s.Param("weight", s.Layers.Conv(groups).EachRow(kernel), experts, Shape.Of(kernel).Count.Size);
        var spec = new ConvSpec([stride, stride], pad.For(x, k, stride), [1, 1], groups);
        long[] one = [.. Enumerable.Repeat(1L, experts)];
        return weight.Split(one, axis: 0)
            .Zip(shares.Reshape(shares.Shape[0], experts, 1, 1).Split(one, axis: 1))
            .Select(e => x.Conv(e.First.Reshape(Shape.Of(kernel)), null, spec) * e.Second)
            .Aggregate((sum, y) => sum + y);
    }
}
