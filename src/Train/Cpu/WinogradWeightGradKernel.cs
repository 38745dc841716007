using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// dW of a 3x3 convolution of stride 1 by <see cref="WinogradTiles"/>, whose transposed form it is: a tile of dY
/// becomes 16 values too, A dY A', whose outer products with those of X are added up over all tiles; G'SG makes
/// windows of the sums. A piece of work is four of the 16 values, whose squares share two rows of pixels, and a band of
/// the channels of X. Compute bound.
/// </summary>
sealed unsafe class WinogradWeightGradKernel : Kernel
{
    /// <summary>Tiles of a chunk: a panel of dY takes 12 KiB of L1.</summary>
    const int ChunkLength = 64;

    /// <summary>Tiles whose sums are added to the result: long sums round more.</summary>
    const int SumLength = 8 * ChunkLength;

    /// <summary>Sums of a band, 256 KiB of L2, where a band of 16 channels allows.</summary>
    const int MostSums = 64 << 10;

    /// <summary>Rows of values, and values of a row.</summary>
    const int Side = 4;

    const int Taps = 9;

    readonly ConvGeometry g;
    readonly WinogradTiles tiles;
    readonly Planes quarters; // dY by its place in a tile: four maps of [tiles.Rows, tiles.Columns]
    readonly ChannelPanels panels;
    readonly int band;

    public WinogradWeightGradKernel(string name, ConvGeometry g) : base(name, 2, 1)
    {
        this.g = g;
        tiles = new(g.C, (g.H, g.W), (g.Oh, g.Ow));
        quarters = new(g.M, (g.Oh, g.Ow), (0, 0), (2, 2), (2, 2), (2 * tiles.Rows, 2 * tiles.Columns));
        panels = new(g.M, 1, Side * tiles.Area);
        var bands = (2 * Environment.ProcessorCount + Side - 1) / Side;
        band = Math.Clamp(ToTiles((g.C + bands - 1) / bands), 2 * OuterTiles.Rows,
            Math.Max(2 * OuterTiles.Rows, MostSums / Side / panels.Width / OuterTiles.Rows * OuterTiles.Rows));
    }

    /// <summary>Floats of the sums of a value.</summary>
    nint Plane => ToTiles(g.C) * panels.Width;

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var dw = (nint)context.Output(0, g.M, g.C, 3, 3);
        var x = tiles.Fill(context, context.Input(0), n, slot: 0);
        var dy = (nint)panels.Pack(context, quarters.Fill(context, context.Input(1), n, slot: 2).Data, n, slot: 1);
        var sums = (nint)Scratch.Floats(4, WinogradTiles.Values * Plane);
        var bands = (g.C + band - 1) / band;
        context.ParallelFor(Side * bands, task =>
        {
            var (row, first) = (task / bands, task % bands * band);
            Sum(new(x.From((long)first * tiles.ChannelSize), dy, n, row, Math.Min(band, g.C - first)),
                (float*)sums + row * Side * Plane, first);
        });
        context.ParallelFor((g.C + OuterTiles.Rows - 1) / OuterTiles.Rows, i =>
            Store((float*)sums, i * OuterTiles.Rows, (float*)dw));
    }

    /// <summary>A row of values of a band of the channels.</summary>
    readonly record struct Work(Planes.Filled X, nint Dy, long Images, int Row, int Channels);

    static int ToTiles(int channels) => (channels + OuterTiles.Rows - 1) / OuterTiles.Rows * OuterTiles.Rows;

    /// <summary>The sums of all tiles: [value][panel][channel of X][channel of dY].</summary>
    void Sum(Work work, float* sums, int first)
    {
        var size = ToTiles(work.Channels) * panels.Width;
        var part = Scratch.Floats(3, Side * size);
        var all = work.Images * tiles.Area;
        for (long begin = 0, length; begin < all; begin += length)
        {
            length = Math.Min(SumLength, all - begin);
            new Span<float>(part, Side * size).Clear();
            for (var at = 0; at < length; at += ChunkLength)
                AddChunk(work, (begin + at, (int)Math.Min(ChunkLength, length - at)), part);
            for (var value = 0; value < Side; value++)
                Add(part + value * size, ToTiles(work.Channels), sums + value * Plane, first, isFirst: begin == 0);
        }
    }

    /// <summary>Adds the sums of a band to those of all channels.</summary>
    void Add(float* part, int rows, float* sums, int first, bool isFirst)
    {
        foreach (var panel in panels.All)
        {
            var count = rows * panel.Width;
            var from = new ReadOnlySpan<float>(part, count);
            var to = new Span<float>(sums + (nint)panel.First * ToTiles(g.C) + first * panel.Width, count);
            if (isFirst)
                from.CopyTo(to);
            else
                TensorPrimitives.Add(to, from, to);
            part += count;
        }
    }

    void AddChunk(Work work, (long First, int Count) chunk, float* sums)
    {
        // Behind the last channel a vector is written.
        var plane = ToTiles(work.Channels) * ChunkLength + Lanes.Count;
        var squares = Scratch.Floats(2, Side * (plane + ChunkLength * panels.Width));
        var gradients = squares + Side * plane;
        Span<WinogradTiles.Strip> strips = stackalloc WinogradTiles.Strip[ChunkLength];
        strips = tiles.Cut(chunk.First, chunk.Count, strips);
        tiles.InputTransformRow(strips, work.X, work.Channels, work.Row, squares, ChunkLength, plane);
        OutputGradTransform(work, chunk, gradients);
        for (var value = 0; value < Side; value++, squares += plane, gradients += ChunkLength * panels.Width)
            foreach (var panel in panels.All)
                for (var row = 0; row < work.Channels; row += OuterTiles.Rows, sums += OuterTiles.Rows * panel.Width)
                    OuterTiles.Add(squares + row * ChunkLength, gradients + panel.First * ChunkLength,
                        new(ChunkLength, 1, panel.Width), chunk.Count, sums, panel.Width, panel.Width / Lanes.Count);
    }

    /// <summary>A row of A dY A': [value][panel][tile][channel].</summary>
    void OutputGradTransform(Work work, (long First, int Count) chunk, float* target)
    {
        for (int at = 0, count; at < chunk.Count; at += count)
        {
            var (image, tile) = Math.DivRem(chunk.First + at, tiles.Area);
            count = (int)Math.Min(tiles.Area - tile, chunk.Count - at);
            foreach (var panel in panels.All)
                OutputGradTransform((float*)work.Dy + panel.First * work.Images * Side * tiles.Area
                    + (image * Side * tiles.Area + tile) * panel.Width, (nint)tiles.Area * panel.Width, work.Row,
                    count * panel.Width, target + panel.First * ChunkLength + at * panel.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void OutputGradTransform(float* quarter, nint step, int row, int count, float* target)
    {
        var plane = (nint)ChunkLength * panels.Width;
        var upper = Vector512.Create(row == 3 ? 0f : 1);
        var lower = Vector512.Create(row == 0 ? 0f : row == 1 ? 1 : -1);
        for (nint i = 0; i < count; i += Lanes.Count, quarter += Lanes.Count, target += Lanes.Count)
        {
            var left = Vector512.Load(quarter) * upper + Vector512.Load(quarter + 2 * step) * lower;
            var right = Vector512.Load(quarter + step) * upper + Vector512.Load(quarter + 3 * step) * lower;
            left.Store(target);
            (left + right).Store(target + plane);
            (left - right).Store(target + 2 * plane);
            (-right).Store(target + 3 * plane);
        }
    }

    /// <summary>G'SG of eight channels of X.</summary>
    void Store(float* sums, int first, float* dw)
    {
        var windows = stackalloc float[OuterTiles.Rows * Taps * Lanes.Count];
        var count = Math.Min(OuterTiles.Rows, g.C - first);
        foreach (var panel in panels.All)
            for (var m = 0; m < panel.Channels; m += Lanes.Count)
            {
                for (var c = 0; c < count; c++)
                    FilterGradTransform(sums + (nint)panel.First * ToTiles(g.C) + (first + c) * panel.Width + m,
                        windows + c * Taps * Lanes.Count);
                Transposed.Copy(windows, Lanes.Count, (count * Taps, Math.Min(Lanes.Count, panel.Channels - m)),
                    dw + ((long)(panel.First + m) * g.C + first) * Taps, g.C * Taps);
            }
    }

    /// <summary>Nine taps of sixteen windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void FilterGradTransform(float* sums, float* taps)
    {
        var (a0, b0, c0) = Column(sums);
        var (a1, b1, c1) = Column(sums + Plane);
        var (a2, b2, c2) = Column(sums + 2 * Plane);
        var (a3, b3, c3) = Column(sums + 3 * Plane);
        Store(a0, a1, a2, a3, taps);
        Store(b0, b1, b2, b3, taps + 3 * Lanes.Count);
        Store(c0, c1, c2, c3, taps + 6 * Lanes.Count);
    }

    (Vector512<float>, Vector512<float>, Vector512<float>) Column(float* first) => Taken(Vector512.Load(first),
        Vector512.Load(first + 4 * Plane), Vector512.Load(first + 8 * Plane), Vector512.Load(first + 12 * Plane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<float>, Vector512<float>, Vector512<float>) Taken(
        Vector512<float> p, Vector512<float> q, Vector512<float> r, Vector512<float> s)
    {
        var (ends, middle) = ((q + r) * 0.5f, (q - r) * 0.5f);
        return (p + ends, middle, ends + s);
    }

    static void Store(Vector512<float> p, Vector512<float> q, Vector512<float> r, Vector512<float> s, float* taps)
    {
        var (a, b, c) = Taken(p, q, r, s);
        a.Store(taps);
        b.Store(taps + Lanes.Count);
        c.Store(taps + 2 * Lanes.Count);
    }
}
