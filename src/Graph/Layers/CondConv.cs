namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Conditional convolution (arXiv:1904.04971), without bias: each image is convolved with its own mixture of
    /// kernels. A convolution is linear in its kernel, so the results of all experts are mixed instead, which keeps
    /// the batch symbolic. Parameter <c>weight</c>: a row for each expert.
    /// </summary>
    /// <param name="shares">What each expert counts for an image [N, experts].</param>
    public static ConvLayer CondConv(Value shares) => (x, s, channels, w, bias) =>
    {
        if (bias)
            throw new InvalidOperationException($"{s.Prefix}: a conditional convolution has no bias here.");
        var (experts, kernel) = (shares.Features, new long[] { channels, x.Channels / w.Groups, w.K, w.Width });
        var init = s.Defaults.ConvBy(w.Groups).EachRow(kernel);
        var weight = s.Param("weight", init, experts, Shape.Of(kernel).Count.Size);
        long[] one = [.. Enumerable.Repeat(1L, experts)];
        return weight.Split(one, axis: 0)
            .Zip(shares.Reshape(shares.Shape[0], experts, 1, 1).Split(one, axis: 1))
            .Select(e => x.Conv(e.First.Reshape(Shape.Of(kernel)), null, w.Over(x)) * e.Second)
            .Aggregate((sum, y) => sum + y);
    };
}
