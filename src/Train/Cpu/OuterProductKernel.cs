using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// A'B of A [rows, P] and B [rows, Q], as the weight gradient of a linear layer: outer products of their rows, added
/// up. Of B a chunk of the rows is packed at a time, which stays in L2 while rows of A pass; the wider of the two is
/// cut into bands. Bound by the multiply-add units.
/// </summary>
sealed unsafe class OuterProductKernel : Kernel
{
    /// <summary>Rows of one running sum: a panel of B takes 24 KiB of L1.</summary>
    const int ChunkLength = 128;

    /// <summary>Rows whose sums are added to the result: long sums round more.</summary>
    const int SumLength = 16 * ChunkLength;

    const int Width = Correlation.PanelWidth;

    readonly int p, q, bandP, bandQ;

    OuterProductKernel(string name, int p, int q) : base(name, 2, 1)
    {
        (this.p, this.q) = (p, q);
        // The narrower matrix is read by all pieces of work, the wider one once.
        (bandP, bandQ) = q > p ? (p, Share(q, Width)) : (Share(p, OuterTiles.Rows), q);
    }

    public static Kernel? Of(Node n, string name) => Fma.IsSupported && n.Int("transA") == 1 && n.Int("transB") == 0
        && !n.Has(2) && n.Float("alpha", 1) == 1 && n.Out.Type == DType.Float32 && n.Out.Shape is var shape
        && shape[0].IsFixed && shape[1].IsFixed && shape[0].Size % OuterTiles.Rows == 0
        && shape[1].Size % Lanes.Count == 0
            ? new OuterProductKernel(name, (int)shape[0].Size, (int)shape[1].Size)
            : null;

    public override void Run(KernelContext context)
    {
        var rows = context.InputShape(0)[0];
        var output = (nint)context.Output(0, p, q);
        var (a, b) = ((nint)context.Input(0), (nint)context.Input(1));
        var across = (q + bandQ - 1) / bandQ;
        context.ParallelFor((p + bandP - 1) / bandP * across, i =>
        {
            var (left, right) = (i / across * bandP, i % across * bandQ);
            Sum((float*)a + left, (float*)b + right, rows, (Math.Min(bandP, p - left), Math.Min(bandQ, q - right)),
                (float*)output + (long)left * q + right);
        });
    }

    /// <summary>A part of the result: of so many columns of A and of B.</summary>
    void Sum(float* a, float* b, long rows, (int A, int B) columns, float* output)
    {
        for (var r = 0; r < columns.A; r++)
            new Span<float>(output + (long)r * q, columns.B).Clear();
        var sums = new Span<float>(Scratch.Floats(2, columns.A * columns.B), columns.A * columns.B);
        for (long first = 0; first < rows; first += SumLength)
        {
            sums.Clear();
            var end = Math.Min(rows, first + SumLength);
            for (var row = first; row < end; row += ChunkLength)
                AddChunk(a + row * p, b + row * q, (int)Math.Min(ChunkLength, end - row), columns, sums);
            for (var r = 0; r < columns.A; r++)
            {
                var to = new Span<float>(output + (long)r * q, columns.B);
                TensorPrimitives.Add(to, sums.Slice(r * columns.B, columns.B), to);
            }
        }
    }

    void AddChunk(float* a, float* b, int rows, (int A, int B) columns, Span<float> sums)
    {
        var right = Scratch.Floats(3, columns.B * ChunkLength);
        Pack(b, q, columns.B, Width, rows, right);
        fixed (float* c = sums)
            for (var l = 0; l < columns.B; l += Width)
                for (var (r, width) = (0, Math.Min(Width, columns.B - l)); r < columns.A; r += OuterTiles.Rows)
                    OuterTiles.Add(a + r, right + l * ChunkLength, new(1, p, width), rows,
                        c + r * columns.B + l, columns.B, width / Lanes.Count);
    }

    /// <summary>A band of a matrix, of whole tiles, for each of twice as many pieces as there are processors.</summary>
    static int Share(int columns, int tile)
    {
        var tiles = (columns + tile - 1) / tile;
        return (tiles + 2 * Environment.ProcessorCount - 1) / (2 * Environment.ProcessorCount) * tile;
    }

    /// <summary>Rows of a matrix to panels of so many of its columns: [panel][row][column].</summary>
    static void Pack(float* matrix, int pitch, int columns, int width, int rows, float* target)
    {
        for (var c = 0; c < columns; c += width, target += width * ChunkLength)
            for (var (row, count) = (0, Math.Min(width, columns - c)); row < rows; row++)
                Strided.Copy(matrix + (nint)row * pitch + c, target + row * count, count);
    }
}
