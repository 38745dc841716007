using System.Numerics;

namespace OnnxTimm.Train;

/// <summary>The inverse of upper triangular matrices in ONNX's own operators, which have no triangular solve.</summary>
static class Triangular
{
    /// <summary>
    /// The inverse of a matrix [n, n], by blocks on its diagonal that double: of [P B; 0 Q] it is [P' -P'BQ'; 0 Q']
    /// with the inverses P' and Q' of the last step.
    /// </summary>
    public static Value Inverse(Value matrix)
    {
        var n = matrix.Shape[0].Size;
        var size = (long)BitOperations.RoundUpToPowerOf2((ulong)n);
        var padded = matrix.Pad([0, 0, size - n, size - n]) + Eye(matrix.Graph, size, from: n);
        var inverse = 1 / Blocks(padded, 1);
        for (var side = 2L; side <= size; side *= 2)
        {
            var half = side / 2;
            var pairs = inverse.Reshape(size / side, 2, half, half);
            var (first, second) = (Part(pairs, 0), Part(pairs, 1));
            var beside = Blocks(padded, side).Slice([1, 2], [0, half], [half, side]);
            var corner = -first.MatMul(beside).MatMul(second);
            inverse = new[]
            {
                new[] { first, corner }.Concat(2), new[] { second * 0, second }.Concat(2),
            }.Concat(1);
        }
        return inverse.Reshape(size, size).Slice([0, 1], [0, 0], [n, n]);

        Value Part(Value pairs, long which) =>
            pairs.Slice(1, which, which + 1).Reshape(pairs.Shape[0], pairs.Shape[2], pairs.Shape[3]);
    }

    /// <summary>The square blocks on the diagonal, [n / side, side, side].</summary>
    static Value Blocks(Value matrix, long side)
    {
        var count = matrix.Shape[0].Size / side;
        var chosen = Eye(matrix.Graph, count).Reshape(count, 1, count, 1);
        return (matrix.Reshape(count, side, count, side) * chosen).ReduceSum([2], keepDims: false);
    }

    /// <summary>Ones on the diagonal, from a row on.</summary>
    public static Value Eye(Graph graph, long size, long from = 0) =>
        graph.Const($"eye:{size}:{from}", () => Tensor.Of(Identity(size, 1, from), size, size));

    /// <summary>The same as numbers, times a factor.</summary>
    public static float[] Identity(long size, float factor, long from = 0)
    {
        var values = new float[size * size];
        for (var i = from; i < size; i++)
            values[i * (size + 1)] = factor;
        return values;
    }
}
