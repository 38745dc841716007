namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>Each maximum's gradient goes to where it was found; the second output says where.</summary>
    static Value?[] MaxPool(Node n, Value?[] dy)
    {
        var x = n[0];
        var zeros = x.ShapeOf().ConstantOfShape().Reshape(x.Shape.Count);
        var flat = zeros.ScatterElements(n.Outs[1].Reshape(n.Out.Shape.Count), dy[0]!.Reshape(n.Out.Shape.Count), 0, "add");
        return [flat.Reshape(x.Shape)];
    }

    /// <summary>Each average's gradient is spread evenly over its window: a transposed convolution by ones.</summary>
    static Value?[] AveragePool(Node n, Value dy)
    {
        var (x, kernel) = (n[0], n.Ints("kernel_shape")!);
        var (strides, pads) = (n.Ints("strides", 2, 1), n.Ints("pads", 4, 0));
        // Windows that hang over the end, by ceil_mode, are cut off; rows that no window reached are added.
        var over = new[] { 0, 1 }.Select(i => strides[i] * (dy.Shape[i + 2].Size - 1) + kernel[i]
            - (x.Shape[i + 2].Size + pads[i] + pads[i + 2])).ToArray();
        long[] crop = [pads[0], pads[1], pads[2] + Math.Max(0, over[0]), pads[3] + Math.Max(0, over[1])];
        var ones = x.Graph.Const(Tensor.Of([.. Enumerable.Repeat(1f, x.Channels * (int)(kernel[0] * kernel[1]))],
            x.Channels, 1, kernel[0], kernel[1]));
        var spec = new ConvSpec(strides, crop, [1, 1], x.Channels);
        return [(dy * Weights(n, dy)).ConvTranspose(ones, null, spec, [.. over.Select(o => Math.Max(0, -o))])];
    }

    /// <summary>One over the number of elements that each window averages: [oH, oW], or a scalar when all are full.</summary>
    static Value Weights(Node n, Value dy)
    {
        var kernel = n.Ints("kernel_shape")!;
        var counts = Enumerable.Range(0, 2).Select(i => Counts(n, i, kernel[i], dy.Shape[i + 2].Size)).ToArray();
        if (counts.All(axis => axis.Distinct().Count() == 1))
            return n.Graph.Scalar(1.0 / (counts[0][0] * counts[1][0]));
        var map = counts[0].SelectMany(rows => counts[1].Select(columns => 1f / (rows * columns))).ToArray();
        return n.Graph.Const(Tensor.Of(map, counts[0].Length, counts[1].Length));
    }

    static long[] Counts(Node n, int axis, long kernel, long windows)
    {
        var (stride, pads, size) = (n.Ints("strides", 2, 1)[axis], n.Ints("pads", 4, 0), n[0].Shape[axis + 2].Size);
        var (low, high) = n.Int("count_include_pad") == 1 ? (-pads[axis], size + pads[axis + 2]) : (0, size);
        return [.. Enumerable.Range(0, (int)windows).Select(o =>
        {
            var start = o * stride - pads[axis];
            return Math.Min(start + kernel, high) - Math.Max(start, low);
        })];
    }
}
