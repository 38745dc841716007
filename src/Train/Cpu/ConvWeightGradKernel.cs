namespace OnnxTimm.Train.Cpu;

/// <summary>
/// dW of a convolution from X and dY: dW[m][c, tap] is the inner product of a row of dY and a shifted plane of X, both
/// in the planes' pitch, with zeros in dY where there is no output. Compute bound.
/// </summary>
sealed unsafe class ConvWeightGradKernel : Kernel
{
    /// <summary>Floats of a row that are multiplied before the next row comes.</summary>
    const int ChunkLength = 1536;

    /// <summary>Planes of X whose chunks stay in L2 while all rows of dY pass.</summary>
    const int PlanesInCache = 48;

    /// <summary>Parts of the rows that threads take; each part reads all of X once.</summary>
    const int Shares = 4;

    readonly ConvGeometry g;
    readonly Planes planes;
    readonly PinnedInts offsets;
    readonly int depth, columns, length;
    readonly bool isDense;

    public ConvWeightGradKernel(string name, ConvGeometry g) : base(name, 2, 1)
    {
        this.g = g;
        planes = ConvKernel.InputPlanes(g);
        var list = ConvKernel.Offsets(g, planes);
        (depth, columns) = (list.Length, (list.Length + InnerTiles.Columns - 1) / InnerTiles.Columns);
        offsets = new([.. Enumerable.Range(0, columns * InnerTiles.Columns)
            .Select(k => list[Math.Min(k, depth - 1)])]);
        var exact = (g.Oh - 1) * planes.Pitch + g.Ow;
        length = (exact + 15) / 16 * 16;
        isDense = planes.Pitch == g.Ow && length == exact;
        if (planes.IsIdentity && !isDense)
            planes = new(g.C, (g.H, g.W), (0, 0), (1, 1), (g.H, g.W), copies: true);
    }

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var dw = context.Output(0, g.M, g.GroupC, g.Kh, g.Kw);
        var x = planes.Fill(context, context.Input(0), n, slot: 0);
        var dy = isDense ? context.Input(1) : Spread(context, context.Input(1), n);
        var blocks = (g.GroupM + InnerTiles.Rows - 1) / InnerTiles.Rows;
        var share = (blocks + Shares - 1) / Shares;
        var shares = (blocks + share - 1) / share;
        var (a, b, c) = ((nint)dy, (nint)x, (nint)dw);
        context.ParallelFor(shares * g.Groups, task =>
        {
            var (group, first) = (task / shares, task % shares * share);
            RunRows((float*)a + (long)group * g.GroupM * length,
                (float*)b + (long)group * g.GroupC * planes.ChannelSize, n,
                (first, Math.Min(first + share, blocks)), (float*)c + (long)group * g.GroupM * depth);
        });
    }

    /// <summary>dY rows in the planes' pitch, zeros between them and behind.</summary>
    float* Spread(KernelContext context, float* dy, long n)
    {
        var target = Scratch.Floats(1, n * g.M * length);
        var (from, to) = ((nint)dy, (nint)target);
        context.ParallelFor((int)n * g.M, map =>
        {
            var source = (float*)from + (long)map * g.Oh * g.Ow;
            var row = new Span<float>((float*)to + (long)map * length, length);
            if (planes.Pitch > g.Ow || length > g.Oh * g.Ow)
                row.Clear();
            for (var y = 0; y < g.Oh; y++)
                new Span<float>(source + y * g.Ow, g.Ow).CopyTo(row[(y * planes.Pitch)..]);
        });
        return target;
    }

    void RunRows(float* dy, float* x, long n, (int First, int Last) blocks, float* dw)
    {
        var images = length >= ChunkLength ? 1 : (int)Math.Min(n, (ChunkLength + length - 1) / length);
        var parts = (length + ChunkLength - 1) / ChunkLength;
        var step = images > 1 ? length : (length / parts + 15) / 16 * 16;
        for (var image = 0; image < n; image += images)
            for (var start = 0; start < length; start += step)
                RunChunk(dy + ((long)image * g.M * length + start), x + image * planes.ImageSize + start,
                    ((int)Math.Min(images, n - image), Math.Min(step, length - start)), blocks, dw,
                    image == 0 && start == 0);
    }

    void RunChunk(float* dy, float* x, (int Images, int Length) extent, (int First, int Last) blocks, float* dw,
        bool isFirst)
    {
        var sums = stackalloc float[InnerTiles.Rows * InnerTiles.Columns];
        var rows = stackalloc int[InnerTiles.Rows];
        var band = Math.Max(1, PlanesInCache * g.Taps / InnerTiles.Columns);
        for (var left = 0; left < columns; left += band)
            for (var block = blocks.First; block < blocks.Last; block++)
            {
                for (var r = 0; r < InnerTiles.Rows; r++)
                    rows[r] = Math.Min(block * InnerTiles.Rows + r, g.GroupM - 1) * length;
                var count = Math.Min(InnerTiles.Rows, g.GroupM - block * InnerTiles.Rows);
                for (var first = left * InnerTiles.Columns; first < Math.Min(left + band, columns) * InnerTiles.Columns;
                    first += InnerTiles.Columns)
                {
                    InnerTiles.Run(
                        dy, rows, (nint)g.M * length, x, offsets.Address + first, (nint)planes.ImageSize, extent, sums);
                    var target = dw + (long)block * InnerTiles.Rows * depth + first;
                    Add(sums, target, count, Math.Min(InnerTiles.Columns, depth - first), isFirst);
                }
            }
    }

    void Add(float* sums, float* dw, int rows, int count, bool isFirst)
    {
        for (var r = 0; r < rows; r++, dw += depth, sums++)
            for (var j = 0; j < count; j++)
                dw[j] = isFirst ? sums[j * InnerTiles.Rows] : dw[j] + sums[j * InnerTiles.Rows];
    }
}
