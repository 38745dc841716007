using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Matrices as ONNX Runtime's MatMulNBits has them, in codes of 4 bits; other weights in 8 bits.</summary>
sealed class NibblePlacement(Graph graph, Recipe recipe, Predicate<Node> isExcluded) : IPlacement
{
    readonly HashSet<Node> nodes = [.. graph.Nodes.Where(n => DynamicPlacement.IsProduct(n) && !isExcluded(n))];

    /// <inheritdoc/>
    public IEnumerable<Node> Nodes => nodes.Concat(new WeightPlacement(graph, recipe, isExcluded).Nodes).Distinct();

    /// <inheritdoc/>
    public IEnumerable<Value> Measured => [];

    /// <inheritdoc/>
    public Graph Write(Measurements numbers)
    {
        var written = Rewrite.Apply(Rewrite.Apply(graph,
            (n, to) => nodes.Contains(n) ? [Product(n, numbers, to)] : null));
        return new WeightPlacement(written, recipe, isExcluded).Write(numbers);
    }

    static Value Product(Node n, Measurements numbers, Rewrite to)
    {
        var (matrix, shape) = Matrix.Of(n);
        var blocks = NibbleBlocks.Of(matrix, (int)shape[0], (int)shape[1]);
        numbers.Weights[n[1].Name] = Decibels.Of(matrix, blocks.Values((int)shape[0], (int)shape[1]));
        var codes = Stored.New(to, $"{n[1].Name}:codes",
            Tensor.Of(blocks.Codes, shape[1], blocks.Count, NibbleBlocks.Size / 2));
        var scales = Stored.New(to, $"{n[1].Name}:scale", Tensor.Of(blocks.Scales, blocks.Scales.Length));
        var y = to[n[0]].MatMulNBits(codes, scales, shape[0], NibbleBlocks.Size);
        if (n.Has(2))
            y = y.Add(to[n[2]]);
        to.Keep(n.Out, y);
        return y;
    }
}

/// <summary>
/// A matrix [K, N] in blocks of rows: (code - 8) * scale, of which the largest number of a block, with its sign, is the
/// code 0.
/// </summary>
/// <param name="Codes">[N, blocks, bytes]: two codes a byte, the first in the low half.</param>
/// <param name="Scales">[N, blocks].</param>
/// <param name="Count">Blocks of a column.</param>
public sealed record NibbleBlocks(byte[] Codes, float[] Scales, int Count)
{
    /// <summary>Rows that share a step.</summary>
    public const int Size = 32;

    const int Zero = 8;

    /// <summary>Codes of a matrix; what a last block lacks are zeros.</summary>
    public static NibbleBlocks Of(float[] matrix, int k, int n)
    {
        var count = (k + Size - 1) / Size;
        var blocks = new NibbleBlocks(new byte[n * count * Size / 2], new float[n * count], count);
        Parallel.For(0, n, column =>
        {
            Span<float> block = stackalloc float[Size];
            for (var b = 0; b < count; b++)
            {
                for (var i = 0; i < Size; i++)
                    block[i] = b * Size + i < k ? matrix[(b * Size + i) * n + column] : 0;
                blocks.Fill(block, column * count + b);
            }
        });
        return blocks;
    }

    /// <summary>The numbers of a matrix [K, N] that the codes mean.</summary>
    public float[] Values(int k, int n)
    {
        var matrix = new float[k * n];
        for (var column = 0; column < n; column++)
            for (var row = 0; row < k; row++)
            {
                var (block, i) = (column * Count + row / Size, row % Size);
                var code = Codes[block * Size / 2 + i / 2] >> (i % 2 * 4) & 15;
                matrix[row * n + column] = (code - Zero) * Scales[block];
            }
        return matrix;
    }

    void Fill(ReadOnlySpan<float> block, int at)
    {
        var largest = 0f;
        foreach (var x in block)
            largest = Math.Abs(x) > Math.Abs(largest) ? x : largest;
        Scales[at] = largest / -Zero;
        for (var i = 0; i < Size; i++)
        {
            var code = Scales[at] == 0 ? Zero : Math.Clamp((int)MathF.Round(block[i] / Scales[at]) + Zero, 0, 15);
            Codes[at * Size / 2 + i / 2] |= (byte)(code << (i % 2 * 4));
        }
    }
}
