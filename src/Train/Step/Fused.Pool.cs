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
        var rank = kernel.Length;
        var (strides, pads, dilations, _) = ConvSpec.Of(n);
        // Windows that hang over the end, by ceil_mode, are cut off; rows that no window reached are added.
        long[] over = [.. kernel.Select((k, i) => strides[i] * (dy.Shape[i + 2].Size - 1) + dilations[i] * (k - 1) + 1
            - (x.Shape[i + 2].Size + pads[i] + pads[i + rank]))];
        long[] crop = [.. pads.Take(rank), .. pads.Skip(rank).Zip(over, (pad, o) => pad + Math.Max(0, o))];
        var taps = kernel.Aggregate((count, k) => count * k);
        var ones = x.Graph.Const(Tensor.Of([.. Enumerable.Repeat(1f, (int)(x.Channels * taps))],
            [x.Channels, 1, .. kernel]));
        var spec = new ConvSpec(strides, crop, dilations, x.Channels);
        return [(dy * Weights(n, dy)).ConvTranspose(ones, null, spec, [.. over.Select(o => Math.Max(0, -o))])];
    }

    static Value Weights(Node n, Value dy)
    {
        var map = AverageWeights(n);
        return map.Distinct().Count() == 1 ? dy.Graph.Scalar(map[0])
            : dy.Graph.Const(Tensor.Of(map, [.. dy.Shape.Skip(2).Select(d => d.Size)]));
    }

    /// <summary>
    /// One over the number of elements that each window of an AveragePoolGrad averaged: [oH, oW] for images.
    /// </summary>
    internal static float[] AverageWeights(Node n)
    {
        long[] counts = [1];
        for (var axis = 0; axis < n[0].Shape.Rank - 2; axis++)
        {
            var along = Counts(n, axis);
            counts = [.. counts.SelectMany(outer => along.Select(inner => outer * inner))];
        }
        return [.. counts.Select(count => 1f / count)];
    }

    /// <summary>How many taps of each window lie inside, along one spatial axis.</summary>
    static long[] Counts(Node n, int axis)
    {
        var kernel = n.Ints("kernel_shape")!;
        var (strides, pads, dilations, _) = ConvSpec.Of(n);
        var size = n[1].Shape[axis + 2].Size;
        var (low, high) = n.Int("count_include_pad") == 1
            ? (-pads[axis], size + pads[axis + kernel.Length])
            : (0, size);
        return [.. Enumerable.Range(0, (int)n[0].Shape[axis + 2].Size).Select(window =>
        {
            var start = window * strides[axis] - pads[axis];
            return (long)Enumerable.Range(0, (int)kernel[axis]).Select(tap => start + tap * dilations[axis])
                .Count(at => at >= low && at < high);
        })];
    }
}
