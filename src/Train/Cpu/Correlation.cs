namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Rows of outputs as sums of shifted planes: for each output channel r, out[r][y][x] = bias[r] + sum over k of
/// weight[r][k] * planes[offset[k] + y * pitch + x]. A convolution is one of these, its input gradient one a phase.
/// Bound by the multiply-add units; weights stay in L2 while all images pass.
/// </summary>
sealed unsafe class Correlation
{
    /// <summary>Floats of weights that stay in L2 while all tiles of an image pass.</summary>
    const int WeightsInCache = 128 * 1024;

    /// <summary>Channels of a tile that stay in L1 while all rows of weights pass.</summary>
    const int NarrowChannels = 32, PointChannels = 128;

    const int TileWidth = 48;

    readonly PinnedInts offsets;
    readonly int band;
    readonly Tile tile;
    readonly Segment[][] segments;
    readonly (int Start, int Vectors)[] tiles;

    /// <param name="rows">Output channels.</param>
    /// <param name="offsets">Where each term of the sum reads, from the start of an image's planes.</param>
    /// <param name="size">Height and width of the output.</param>
    /// <param name="pitch">Floats between output rows, in the planes' layout.</param>
    /// <param name="target">How the output lies in memory.</param>
    /// <param name="taps">Terms of one channel, which lie together.</param>
    /// <param name="tile">The inner loop: <see cref="OuterTiles.Run"/>, or <see cref="ExactTiles.Run"/>.</param>
    public Correlation(int rows, int[] offsets, (int H, int W) size, int pitch, Target target, int taps, Tile tile)
    {
        this.tile = tile;
        band = taps == 1 ? PointChannels : NarrowChannels * taps;
        (Rows, Depth, Out) = (rows, offsets.Length, target);
        this.offsets = new(offsets);
        var length = (size.H - 1) * pitch + size.W;
        tiles = [.. Cut(length)];
        segments = [.. tiles.Select(t => Segments(t.Start, t.Vectors * 16, size, pitch).ToArray())];
        IsDense = pitch == size.W && target.ColumnStep == 1 && target.RowStep == size.W;
    }

    /// <inheritdoc cref="OuterTiles.Run"/>
    public delegate void Tile(float* a, float* b, int* offsets, int depth, float* bias, float* c, nint pitch,
        int vectors);

    /// <summary>Where an output channel, row and column lie.</summary>
    public readonly record struct Target(int Offset, int ChannelSize, int RowStep, int ColumnStep);

    readonly record struct Segment(int From, int To, int Count);

    public int Rows { get; }

    /// <summary>Terms of a sum.</summary>
    public int Depth { get; }

    Target Out { get; }

    bool IsDense { get; }

    int Blocks => (Rows + OuterTiles.Rows - 1) / OuterTiles.Rows;

    /// <summary>Floats of the packed weights.</summary>
    public long PackedSize => (long)Blocks * OuterTiles.Rows * (Depth + 1);

    /// <summary>Computes all images of a batch; weight(r, k) is packed[block][k][row].</summary>
    public void Run(KernelContext context, float* packed, Input planes, float* output, (long N, long ImageSize) batch)
    {
        var chunk = Math.Clamp(WeightsInCache / (OuterTiles.Rows * Math.Max(1, Depth)), 1, Blocks);
        var chunks = (Blocks + chunk - 1) / chunk;
        var (p, x, y, n) = ((nint)packed, planes, (nint)output, (int)batch.N);
        context.ParallelFor(chunks * n, task =>
        {
            var (first, image) = (task / n * chunk, task % n);
            RunImage((float*)p, first, Math.Min(first + chunk, Blocks), x, image,
                (float*)y + image * batch.ImageSize + Out.Offset);
        });
    }

    void RunImage(float* packed, int first, int last, Input planes, int image, float* output)
    {
        var source = planes.Data + image * planes.ImageSize;
        var edge = image == planes.Images - 1 && planes.IsBare ? tiles.Length - 1 : tiles.Length;
        for (var t = 0; t < tiles.Length; t++)
            if (t == edge)
                RunTail(packed, (first, last), source, t, output);
            else
                RunTile(packed, (first, last), source + tiles[t].Start, offsets.Address, t, output);
    }

    /// <summary>
    /// The last tile of a map without room behind it is copied first, so that nothing reads past its end.
    /// </summary>
    void RunTail(float* packed, (int First, int Last) blocks, float* source, int t, float* output)
    {
        var (start, width) = (tiles[t].Start, tiles[t].Vectors * 16);
        var valid = segments[t].Max(s => s.From + s.Count);
        var copy = Scratch.Floats(3, (long)Depth * (width + 1));
        int* flat = (int*)(copy + (long)Depth * width), from = offsets.Address;
        for (var k = 0; k < Depth; k++)
        {
            flat[k] = k * width;
            var row = new Span<float>(copy + (long)k * width, width);
            new Span<float>(source + from[k] + start, valid).CopyTo(row);
            row[valid..].Clear();
        }
        RunTile(packed, blocks, copy, flat, t, output);
    }

    /// <summary>
    /// A band of the terms at a time, so that what it reads stays in L1 while the rows of weights pass.
    /// </summary>
    void RunTile(float* packed, (int First, int Last) blocks, float* source, int* from, int t, float* output)
    {
        var (start, vectors) = tiles[t];
        var isWhole = IsDense && segments[t][0].Count == vectors * 16;
        var sums = Scratch.Floats(2, (long)(blocks.Last - blocks.First) * OuterTiles.Rows * TileWidth);
        for (var k = 0; k == 0 || k < Depth; k += band)
            for (var block = blocks.First; block < blocks.Last; block++)
            {
                var weights = packed + (long)block * OuterTiles.Rows * (Depth + 1);
                var bias = k == 0 ? weights + (long)OuterTiles.Rows * Depth : null;
                var (c, pitch) = isWhole && block * OuterTiles.Rows + OuterTiles.Rows <= Rows
                    ? ((nint)(output + (long)block * OuterTiles.Rows * Out.ChannelSize + start), Out.ChannelSize)
                    : ((nint)(sums + (long)(block - blocks.First) * OuterTiles.Rows * TileWidth), TileWidth);
                tile(weights + (long)k * OuterTiles.Rows, source, from + k, Math.Min(band, Depth - k), bias,
                    (float*)c, pitch, vectors);
            }
        for (var block = blocks.First; block < blocks.Last; block++, sums += OuterTiles.Rows * TileWidth)
            if (!isWhole || block * OuterTiles.Rows + OuterTiles.Rows > Rows)
                Scatter(sums, block, t, output + (long)block * OuterTiles.Rows * Out.ChannelSize);
    }

    void Scatter(float* sums, int block, int t, float* output)
    {
        var rows = Math.Min(OuterTiles.Rows, Rows - block * OuterTiles.Rows);
        for (var r = 0; r < rows; r++, output += Out.ChannelSize, sums += TileWidth)
            foreach (var (at, to, count) in segments[t])
                Strided.Scatter(sums + at, output + to, Out.ColumnStep, count);
    }

    /// <summary>Tiles of 48, and a narrower one for what is left.</summary>
    static IEnumerable<(int Start, int Vectors)> Cut(int length)
    {
        var start = 0;
        for (; length - start > 32; start += TileWidth)
            yield return (start, 3);
        if (length > start)
            yield return (start, (length - start + 15) / 16);
    }

    /// <summary>Which parts of a tile are outputs, not the columns between the rows.</summary>
    IEnumerable<Segment> Segments(int start, int width, (int H, int W) size, int pitch)
    {
        for (var row = start / pitch; row < size.H && row * pitch < start + width; row++)
        {
            var (from, to) = (Math.Max(start, row * pitch), Math.Min(start + width, row * pitch + size.W));
            if (to > from)
                yield return new(from - start, row * Out.RowStep + (from - row * pitch) * Out.ColumnStep, to - from);
        }
    }
}

/// <summary>Planes of a batch as a correlation reads them.</summary>
/// <param name="Pointer">The first image.</param>
/// <param name="ImageSize">Floats between images.</param>
/// <param name="Images">Images of the batch.</param>
/// <param name="IsBare">No memory of ours behind the last image.</param>
readonly unsafe record struct Input(nint Pointer, long ImageSize, int Images, bool IsBare)
{
    public float* Data => (float*)Pointer;
}
