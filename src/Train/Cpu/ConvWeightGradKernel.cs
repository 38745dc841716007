namespace OnnxTimm.Train.Cpu;

/// <summary>
/// dW of a convolution from X and dY: dW[m][c, tap] is the inner product of a row of dY and a shifted plane of X. A
/// chunk of the pixels at a time is packed, dY once, X a band of planes at a time, which stays in L2 while all rows of
/// dY pass. Where a convolution goes over single pixels and its maps are whole vectors, tiles read the maps themselves.
/// Bound by the multiply-add units.
/// </summary>
sealed unsafe class ConvWeightGradKernel : Kernel
{
    /// <summary>Pixels of a chunk: ten rows of a tile take 20 KiB of L1.</summary>
    const int ChunkLength = 512;

    /// <summary>Planes of a band, at most: 192 KiB of L2; and bands there should be, for threads to share.</summary>
    const int MostColumns = 96, Bands = 8;

    readonly ConvGeometry g;
    readonly Planes planes;
    readonly PinnedInts offsets, maps;
    readonly PixelRuns inputs, outputs;
    readonly int depth, band;
    readonly long chunkSize;
    readonly bool isDirect;

    public ConvWeightGradKernel(string name, ConvGeometry g) : base(name, 2, 1)
    {
        this.g = g;
        planes = ConvKernel.InputPlanes(g);
        offsets = new(ConvKernel.Offsets(g, planes));
        maps = new([.. Enumerable.Range(0, g.M).Select(m => m * g.Oh * g.Ow)]);
        depth = g.GroupC * g.Taps;
        chunkSize = (long)g.M * ChunkLength + PixelRuns.Slack;
        band = Math.Clamp(ToTiles((depth + Bands - 1) / Bands), 2 * InnerTiles.Columns, MostColumns);
        inputs = new(g.Oh, g.Ow, planes.Pitch, planes.Pitch == g.Ow);
        outputs = new(g.Oh, g.Ow, g.Ow, isFlat: true);
        isDirect = g.Taps == 1 && planes.IsIdentity && planes.ChannelSize == outputs.Area
            && outputs.Area % Lanes.Count == 0 && outputs.Area >= ChunkLength / 2
            && g.GroupM >= InnerTiles.Rows && depth % InnerTiles.Columns == 0;
    }

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var dw = context.Output(0, g.M, g.GroupC, g.Kh, g.Kw);
        var x = planes.Fill(context, context.Input(0), n, slot: 0);
        var bands = (depth + band - 1) / band;
        var (pixels, c) = (n * inputs.Area, (nint)dw);
        var rows = isDirect ? context.Input(1) : PackRows(context, context.Input(1), n);
        var a = (nint)rows;
        context.ParallelFor(bands * g.Groups, task =>
        {
            var (group, first) = (task / bands, task % bands * band);
            var terms = (First: first, Count: Math.Min(band, depth - first));
            var target = (float*)c + (long)group * g.GroupM * depth + first;
            if (isDirect)
                RunMaps((float*)a + (long)group * g.GroupM * outputs.Area,
                    x.From(((long)group * g.GroupC + first) * outputs.Area), n, terms.Count, target);
            else
                for (var chunk = 0; chunk * (long)ChunkLength < pixels; chunk++)
                    RunChunk((float*)a + chunk * chunkSize + (long)group * g.GroupM * ChunkLength,
                        x.From((long)group * g.GroupC * planes.ChannelSize), chunk, pixels, terms, target);
        });
    }

    static int ToTiles(int columns) => (columns + InnerTiles.Columns - 1) / InnerTiles.Columns * InnerTiles.Columns;

    /// <summary>dY as [chunk][M][pixel], zeros behind the last pixel.</summary>
    float* PackRows(KernelContext context, float* dy, long n)
    {
        var pixels = n * outputs.Area;
        var chunks = (int)((pixels + ChunkLength - 1) / ChunkLength);
        // The last tile of rows may reach behind the last row.
        var target = Scratch.Floats(1, chunks * chunkSize + InnerTiles.Rows * ChunkLength);
        var imageSize = (long)g.M * outputs.Area;
        var (to, all) = ((nint)target, new Planes.Filled((nint)dy, imageSize, (nint)(dy + n * imageSize)));
        context.ParallelFor(chunks, chunk =>
            Pack(outputs, all, maps.Address, (chunk, pixels), g.M, (float*)to + chunk * chunkSize));
        return target;
    }

    /// <summary>A row of each plane with the pixels of a chunk, and zeros up to a whole vector.</summary>
    /// <returns>The length of the rows.</returns>
    static int Pack(PixelRuns map, Planes.Filled planes, int* offsets, (int Index, long Pixels) chunk, int rows,
        float* target)
    {
        var first = (long)chunk.Index * ChunkLength;
        var count = (int)Math.Min(ChunkLength, chunk.Pixels - first);
        var length = (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        Span<PixelRuns.Run> runs = stackalloc PixelRuns.Run[count];
        runs = map.Cut(first, count, planes.ImageSize, default, runs);
        PixelRuns.Pack(runs, planes, offsets, rows, target, ChunkLength);
        for (var row = 0; row < rows; row++, target += ChunkLength)
            new Span<float>(target + count, length - count).Clear();
        return length;
    }

    void RunChunk(float* rows, Planes.Filled x, int chunk, long pixels, (int First, int Count) terms, float* dw)
    {
        var panel = Scratch.Floats(2, (long)ToTiles(terms.Count) * ChunkLength + PixelRuns.Slack);
        var length = Pack(inputs, x, offsets.Address + terms.First, (chunk, pixels), terms.Count, panel);
        RunTiles(rows, panel, ChunkLength, length, terms.Count, dw, chunk == 0);
    }

    /// <summary>All images, a chunk of each map at a time.</summary>
    void RunMaps(float* dy, Planes.Filled x, long n, int terms, float* dw)
    {
        for (var image = 0; image < n; image++)
            for (var at = 0; at < outputs.Area; at += ChunkLength)
                RunTiles(dy + (long)image * g.M * outputs.Area + at, x.Data + image * x.ImageSize + at, outputs.Area,
                    Math.Min(ChunkLength, outputs.Area - at), terms, dw, image == 0 && at == 0);
    }

    /// <summary>Adds the inner products of all rows and some planes, each a pitch apart.</summary>
    void RunTiles(float* rows, float* columns, nint pitch, int length, int count, float* dw, bool isFirst)
    {
        var sums = stackalloc float[InnerTiles.Rows * InnerTiles.Columns];
        for (var row = 0; row < g.GroupM; row += InnerTiles.Rows)
            for (var column = 0; column < count; column += InnerTiles.Columns)
            {
                // The last tiles lie over those before them: behind the last row and plane there may be nothing.
                var (up, left) = (Over(row, InnerTiles.Rows, g.GroupM), Over(column, InnerTiles.Columns, count));
                InnerTiles.Run(rows + (row - up) * pitch, columns + (column - left) * pitch, pitch, length, sums);
                Add(sums + up * InnerTiles.Columns + left, dw + (long)row * depth + column,
                    Math.Min(InnerTiles.Rows, g.GroupM - row), Math.Min(InnerTiles.Columns, count - column), isFirst);
            }
    }

    /// <summary>How far a tile goes back so as to end with the last of them, if there are enough.</summary>
    static int Over(int at, int size, int count) => Math.Clamp(at + size - count, 0, at);

    void Add(float* sums, float* dw, int rows, int count, bool isFirst)
    {
        for (var r = 0; r < rows; r++, dw += depth, sums += InnerTiles.Columns)
            for (var j = 0; j < count; j++)
                dw[j] = isFirst ? sums[j] : dw[j] + sums[j];
    }
}
