namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Rows of outputs as sums of shifted planes: for each output channel r, out[r][y][x] = bias[r] + sum over k of
/// weight[r][k] * planes[offset[k] + y * pitch + x]. A convolution is one of these, its input gradient one a phase.
/// A band of the terms of 48 pixels is packed into a panel that stays in L1 while all rows of weights pass. Bound by
/// the multiply-add units.
/// </summary>
sealed unsafe class Correlation
{
    /// <summary>Pixels of a panel.</summary>
    public const int PanelWidth = 48;

    /// <summary>Terms of a panel: 24 KiB.</summary>
    const int PanelDepth = 128;

    /// <summary>Panels of a piece of work, at most: they read a band of the weights while it is in L2.</summary>
    const int MostPanels = 4;

    /// <summary>Pieces there should be, for threads to share.</summary>
    const int Pieces = 32;

    readonly PinnedInts offsets;
    readonly PixelRuns pixels;
    readonly Target target;
    readonly int band;
    readonly Tile tile;

    /// <param name="rows">Output channels.</param>
    /// <param name="offsets">Where each term of the sum reads, from the start of an image's planes.</param>
    /// <param name="size">Height and width of the output.</param>
    /// <param name="pitch">Floats between output rows, in the planes' layout.</param>
    /// <param name="target">How the output lies in memory.</param>
    /// <param name="isExact">Sums in float64.</param>
    public Correlation(int rows, int[] offsets, (int H, int W) size, int pitch, Target target, bool isExact = false)
    {
        (Rows, Depth, this.target) = (rows, offsets.Length, target);
        (tile, band) = isExact ? (ExactTiles.Run, Depth) : ((Tile)OuterTiles.Run, PanelDepth);
        this.offsets = new(offsets);
        var isFlat = pitch == size.W && target.RowStep == size.W * target.ColumnStep;
        IsDense = target.ColumnStep == 1 && target.RowStep == size.W;
        pixels = new(size.H, size.W, pitch, isFlat);
    }

    /// <inheritdoc cref="OuterTiles.Run(float*, float*, int, float*, float*, nint, int)"/>
    delegate void Tile(float* a, float* b, int depth, float* bias, float* c, nint pitch, int vectors);

    /// <summary>Where an output channel, row and column lie.</summary>
    public readonly record struct Target(int Offset, int ChannelSize, int RowStep, int ColumnStep);

    public int Rows { get; }

    /// <summary>Terms of a sum.</summary>
    public int Depth { get; }

    /// <summary>Pixels of an image follow each other in the output.</summary>
    bool IsDense { get; }

    int Blocks => (Rows + OuterTiles.Rows - 1) / OuterTiles.Rows;

    /// <summary>Floats of the packed weights.</summary>
    public long PackedSize => (long)Blocks * OuterTiles.Rows * (Depth + 1);

    /// <summary>Computes all images of a batch; weight(r, k) is packed[block][k][row].</summary>
    public void Run(KernelContext context, float* packed, Planes.Filled planes, float* output,
        (long N, long ImageSize) batch)
    {
        var all = batch.N * pixels.Area;
        var panels = (all + PanelWidth - 1) / PanelWidth;
        var share = Math.Clamp(panels / Pieces, 1, MostPanels) * PanelWidth;
        var work = new Work((nint)packed, planes, (nint)(output + target.Offset), batch.ImageSize);
        context.ParallelFor((int)((all + share - 1) / share), i =>
            RunPanels(work, i * share, (int)Math.Min(share, all - i * share)));
    }

    readonly record struct Work(nint Weights, Planes.Filled Planes, nint Output, long ImageSize);

    /// <summary>A band of the terms at a time, so that its weights are read from memory once for all panels.</summary>
    void RunPanels(Work work, long first, int count)
    {
        var room = Blocks * OuterTiles.Rows * PanelWidth;
        var panel = Scratch.Floats(3, (long)band * PanelWidth);
        var sums = Scratch.Floats(2, (long)room * MostPanels);
        for (var k = 0; k == 0 || k < Depth; k += band)
            for (var p = 0; p < count; p += PanelWidth)
                RunBand(work, (first + p, Math.Min(PanelWidth, count - p)), (k, Math.Min(band, Depth - k)), panel,
                    sums + p / PanelWidth * room);
    }

    void RunBand(Work work, (long First, int Count) part, (int First, int Count) terms, float* panel, float* sums)
    {
        Span<PixelRuns.Run> runs = stackalloc PixelRuns.Run[PanelWidth];
        runs = pixels.Cut(part.First, part.Count, work.Planes.ImageSize,
            new(work.ImageSize, target.RowStep, target.ColumnStep), runs);
        PixelRuns.Pack(runs, work.Planes, offsets.Address + terms.First, terms.Count, panel, PanelWidth);
        var vectors = (part.Count + Lanes.Count - 1) / Lanes.Count;
        var isWhole = IsDense && part.Count % Lanes.Count == 0 && part.First % pixels.Area + part.Count <= pixels.Area;
        for (var block = 0; block < Blocks; block++, sums += OuterTiles.Rows * PanelWidth)
        {
            var weights = (float*)work.Weights + (long)block * OuterTiles.Rows * (Depth + 1);
            var bias = terms.First == 0 ? weights + (long)OuterTiles.Rows * Depth : null;
            var output = (float*)work.Output + (long)block * OuterTiles.Rows * target.ChannelSize;
            var rows = Math.Min(OuterTiles.Rows, Rows - block * OuterTiles.Rows);
            var isDirect = isWhole && rows == OuterTiles.Rows;
            var (c, pitch) = isDirect ? ((nint)(output + runs[0].Target), target.ChannelSize)
                : ((nint)sums, PanelWidth);
            tile(weights + (long)terms.First * OuterTiles.Rows, panel, terms.Count, bias, (float*)c, pitch, vectors);
            if (!isDirect && terms.First + terms.Count >= Depth)
                Scatter(runs, sums, rows, output);
        }
    }

    void Scatter(ReadOnlySpan<PixelRuns.Run> runs, float* sums, int rows, float* output)
    {
        for (var r = 0; r < rows; r++, output += target.ChannelSize, sums += PanelWidth)
            foreach (ref readonly var run in runs)
                Strided.Scatter(sums + run.At, output + run.Target, target.ColumnStep, run.Count);
    }
}
