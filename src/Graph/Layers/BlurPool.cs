namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Anti-aliased subsampling (arXiv:1904.11486): the binomial filter [1 2 1], reflected edges, one filter a channel.
    /// </summary>
    public static Value BlurPool(this Value x, int stride = 2)
    {
        float[] row = [0.25f, 0.5f, 0.25f];
        var filter = from _ in Enumerable.Range(0, x.Channels) from a in row from b in row select a * b;
        var weight = x.Graph.Const(Tensor.Of<float>([.. filter], x.Channels, 1, 3, 3));
        return x.Pad([0, 0, 1, 1, 0, 0, 1, 1], "reflect")
            .Conv(weight, null, new([stride, stride], [0, 0, 0, 0], [1, 1], x.Channels));
    }
}
