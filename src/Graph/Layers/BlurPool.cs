namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Anti-aliased subsampling (arXiv:1904.11486): the binomial filter [1 2 1], one filter a channel.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="stride">Step of the filter.</param>
    /// <param name="edges">
    /// What lies beyond the map, in the terms of ONNX's Pad: "reflect", "constant" for zeros.
    /// </param>
    public static Value BlurPool(this Value x, int stride = 2, string edges = "reflect")
    {
        float[] row = [0.25f, 0.5f, 0.25f];
        var filter = from _ in Enumerable.Range(0, x.Channels) from a in row from b in row select a * b;
        var weight = x.Graph.Const(Tensor.Of<float>([.. filter], x.Channels, 1, 3, 3));
        return x.Pad([0, 0, 1, 1, 0, 0, 1, 1], edges)
            .Conv(weight, null, new([stride, stride], [0, 0, 0, 0], [1, 1], x.Channels));
    }
}
