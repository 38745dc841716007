namespace OnnxTimm.Train;

/// <summary>
/// Gradients of pooling, with the attributes of the pooling: MaxPoolGrad(dy, x, indices), AveragePoolGrad(dy, x).
/// </summary>
public static partial class Fused
{
    /// <summary>Each maximum's gradient goes to where it was found.</summary>
    static Value[] DefineMaxPoolGrad(Node n, Value?[] inputs)
    {
        var (dy, x, indices) = (inputs[0]!, inputs[1]!, inputs[2]!);
        var zeros = x.ShapeOf().ConstantOfShape().Reshape(x.Shape.Count);
        var flat = zeros.ScatterElements(indices.Reshape(dy.Shape.Count), dy.Reshape(dy.Shape.Count), 0, "add");
        return [flat.Reshape(x.Shape)];
    }

    /// <summary>Each average's gradient is spread evenly over its window: a transposed convolution by ones.</summary>
    static Value[] DefineAveragePoolGrad(Node n, Value?[] inputs)
    {
        var (dy, x, kernel) = (inputs[0]!, inputs[1]!, n.Ints("kernel_shape")!);
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

    static Value Weights(Node n, Value dy)
    {
        var map = AverageWeights(n);
        return map.Distinct().Count() == 1 ? dy.Graph.Scalar(map[0])
            : dy.Graph.Const(Tensor.Of(map, dy.Height, dy.Width));
    }

    /// <summary>One over the number of elements that each window of an AveragePoolGrad averaged: [oH, oW].</summary>
    internal static float[] AverageWeights(Node n)
    {
        var (rows, columns) = (Counts(n, 0), Counts(n, 1));
        return [.. rows.SelectMany(r => columns.Select(c => 1f / (r * c)))];
    }

    static long[] Counts(Node n, int axis)
    {
        var (stride, kernel, pads) =
            (n.Ints("strides", 2, 1)[axis], n.Ints("kernel_shape")![axis], n.Ints("pads", 4, 0));
        var size = n[1].Shape[axis + 2].Size;
        var (low, high) = n.Int("count_include_pad") == 1 ? (-pads[axis], size + pads[axis + 2]) : (0, size);
        return [.. Enumerable.Range(0, (int)n[0].Shape[axis + 2].Size).Select(o =>
        {
            var start = o * stride - pads[axis];
            return Math.Min(start + kernel, high) - Math.Max(start, low);
        })];
    }
}
