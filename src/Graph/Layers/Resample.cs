namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Resizes a map [N, C, H, W] by a constant matrix on each side, which every runtime computes alike and which has a
    /// gradient. Adaptive pools are of this kind too.
    /// </summary>
    public static Value Resample(this Value map, int height, int width, Resampling by)
    {
        var (rows, columns) = (map.Height, map.Width);
        if (rows != height)
            map = ResamplingMatrix(map.Graph, by, rows, height, transposed: false).MatMul(map);
        return columns == width ? map
            : map.MatMul(ResamplingMatrix(map.Graph, by, columns, width, transposed: true));
    }

    /// <summary>
    /// The weights by which the samples of an axis make new ones, antialiased, where sizes are known only when a graph
    /// runs: a kernel that widens when the axis shrinks, its sum 1 (PyTorch and Pillow).
    /// </summary>
    /// <param name="samples">Numbers of the samples, 0, 1, ..., along the last axis.</param>
    /// <param name="centers">Where the new samples lie among the old, whose middles are at 0.5, 1.5, ...</param>
    /// <param name="scale">The old size over the new one.</param>
    /// <param name="isCubic">The cubic kernel with a = -1/2, else the linear one.</param>
    public static Value WidenedWeights(Value samples, Value centers, Value scale, bool isCubic)
    {
        var distances = ((samples + 0.5 - centers) / scale.Max(1)).Abs();
        var weights = isCubic ? Cubic(distances) : (1 - distances).Max(0);
        return weights / weights.ReduceSum([-1]);
    }

    /// <summary>The cubic convolution kernel (Keys 1981) with a = -1/2.</summary>
    static Value Cubic(Value x)
    {
        var near = (x * 1.5 - 2.5) * x * x + 1;
        var far = ((x * -0.5 + 2.5) * x - 4) * x + 2;
        return x.Less(1).Where(near, x.Less(2).Where(far, x.Graph.Scalar(0)));
    }

    static Value ResamplingMatrix(Graph graph, Resampling by, int from, int to, bool transposed)
    {
        var (rows, columns) = transposed ? (from, to) : (to, from);
        return graph.Const($"resample_{by.Name}_{from}_{to}{(transposed ? "_transposed" : "")}", () => Tensor.Lazy(() =>
        {
            var matrix = by.Matrix(from, to);
            return (from i in Enumerable.Range(0, rows)
                    from j in Enumerable.Range(0, columns)
                    select (float)(transposed ? matrix[j, i] : matrix[i, j])).ToArray();
        }, rows, columns));
    }
}
