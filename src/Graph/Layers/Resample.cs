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
