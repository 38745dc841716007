using System.Numerics.Tensors;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// dW of a convolution from X and dY: dW[m][c, tap] is the inner product of a plane of dY and a shifted plane of X,
/// added up as outer products, a pixel at a time. dY is packed once with the channels of a pixel side by side. Of X a
/// band of shifted planes is packed a chunk of the pixels at a time, which stays in L2 while all channels of dY pass.
/// Where a convolution goes over single pixels the wider of the two maps is read as it is, and X and dY change places
/// if that is dY. Bound by the multiply-add units.
/// </summary>
sealed unsafe class ConvWeightGradKernel : Kernel
{
    /// <summary>Pixels of a chunk: a panel of dY takes 24 KiB of L1.</summary>
    const int ChunkLength = 128;

    /// <summary>Pixels whose sums are added to the result: long sums round more.</summary>
    const int SumLength = 16 * ChunkLength;

    /// <summary>Planes of a band, at most, 48 KiB of L2; and sums of a band, 256 KiB.</summary>
    const int MostColumns = 96, MostSums = 64 << 10;

    readonly ConvGeometry g;
    readonly Planes planes;
    readonly PinnedInts offsets;
    readonly PixelRuns inputs;
    readonly ChannelPanels panels;
    readonly int rows, band;
    readonly bool isDirect, isTurned;

    public ConvWeightGradKernel(string name, ConvGeometry g) : base(name, 2, 1)
    {
        this.g = g;
        planes = ConvKernel.InputPlanes(g);
        offsets = new(ConvKernel.Offsets(g, planes));
        inputs = new(g.Oh, g.Ow, planes.Pitch, planes.Pitch == g.Ow);
        isDirect = g.Taps == 1 && planes.IsIdentity && planes.ChannelSize == g.Oh * g.Ow
            && g.GroupC >= OuterTiles.Rows;
        isTurned = isDirect && g.GroupM > g.GroupC;
        rows = isTurned ? g.GroupM : g.GroupC * g.Taps;
        panels = new(isTurned ? g.C : g.M, g.Groups, g.Oh * g.Ow);
        var bands = (2 * Environment.ProcessorCount + g.Groups - 1) / g.Groups;
        band = Math.Clamp(ToTiles((rows + bands - 1) / bands), 2 * OuterTiles.Rows,
            Math.Clamp(MostSums / panels.Width / OuterTiles.Rows * OuterTiles.Rows, 2 * OuterTiles.Rows, MostColumns));
    }

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var dw = (nint)context.Output(0, g.M, g.GroupC, g.Kh, g.Kw);
        var wide = isTurned ? new((nint)context.Input(1), (long)g.M * inputs.Area)
            : planes.Fill(context, context.Input(0), n, slot: 0);
        var packed = (nint)panels.Pack(context, context.Input(isTurned ? 0 : 1), n, slot: 1);
        var (bands, channels) = ((rows + band - 1) / band, isTurned ? g.GroupM : g.GroupC);
        context.ParallelFor(bands * g.Groups, task =>
        {
            var (group, first) = (task / bands, task % bands * band);
            Work work = new(wide.From((long)group * channels * planes.ChannelSize),
                packed + (nint)(panels.GroupSize(n) * group) * sizeof(float), n, (first, Math.Min(band, rows - first)));
            Store(Sum(work), work.Terms, (float*)dw + (long)group * g.GroupM * g.GroupC * g.Taps);
        });
    }

    /// <summary>What a band of the rows of a group is made of.</summary>
    readonly record struct Work(Planes.Filled Wide, nint Packed, long Images, (int First, int Count) Terms);

    static int ToTiles(int columns) => (columns + OuterTiles.Rows - 1) / OuterTiles.Rows * OuterTiles.Rows;

    /// <summary>The sums of all pixels: [panel][term][channel].</summary>
    float* Sum(Work work)
    {
        var size = ToTiles(work.Terms.Count) * panels.Width;
        var all = Scratch.Floats(3, 2L * size);
        var part = all + size;
        new Span<float>(all, 2 * size).Clear();
        var (pixels, unbroken) = (work.Images * inputs.Area, isDirect ? inputs.Area : work.Images * inputs.Area);
        var summed = 0;
        for (long first = 0, length; first < pixels; first += length)
        {
            length = Math.Min(ChunkLength, unbroken - first % unbroken);
            AddChunk(work, (first, (int)length), part);
            if ((summed += (int)length) < SumLength && first + length < pixels)
                continue;
            TensorPrimitives.Add(new(all, size), new ReadOnlySpan<float>(part, size), new(all, size));
            new Span<float>(part, size).Clear();
            summed = 0;
        }
        return all;
    }

    void AddChunk(Work work, (long First, int Count) pixels, float* sums)
    {
        var (maps, pitch) = isDirect ? (Map(work, pixels.First), inputs.Area) : (Pack(work, pixels), ChunkLength);
        foreach (var panel in panels.All)
        {
            var channels = (float*)work.Packed + panel.First * work.Images * inputs.Area + pixels.First * panel.Width;
            for (var row = 0; row < work.Terms.Count; row += OuterTiles.Rows, sums += OuterTiles.Rows * panel.Width)
                OuterTiles.Add((float*)maps + (nint)Begin(row, work.Terms.Count) * pitch, channels,
                    new(pitch, 1, panel.Width), pixels.Count, sums, panel.Width, panel.Width / Lanes.Count);
        }
    }

    nint Map(Work work, long pixel)
    {
        var (image, at) = Math.DivRem(pixel, inputs.Area);
        return (nint)(work.Wide.Data + image * work.Wide.ImageSize + (long)work.Terms.First * inputs.Area + at);
    }

    /// <summary>The first term of a tile: the last one of maps lies over the one before it.</summary>
    int Begin(int row, int count) => isDirect ? Math.Min(row, count - OuterTiles.Rows) : row;

    /// <summary>A row of each plane of a band with the pixels of a chunk.</summary>
    nint Pack(Work work, (long First, int Count) pixels)
    {
        var target = Scratch.Floats(2, (long)ToTiles(work.Terms.Count) * ChunkLength);
        Span<PixelRuns.Run> runs = stackalloc PixelRuns.Run[pixels.Count];
        runs = inputs.Cut(pixels.First, pixels.Count, work.Wide.ImageSize, default, runs);
        PixelRuns.Pack(runs, work.Wide, offsets.Address + work.Terms.First, work.Terms.Count, target, ChunkLength);
        return (nint)target;
    }

    /// <summary>[panel][row][channel] to [channel of dY][term].</summary>
    void Store(float* sums, (int First, int Count) terms, float* dw)
    {
        foreach (var panel in panels.All)
            for (var row = 0; row < terms.Count; row += OuterTiles.Rows, sums += OuterTiles.Rows * panel.Width)
            {
                var begin = Begin(row, terms.Count);
                var count = Math.Min(OuterTiles.Rows, terms.Count - begin);
                if (!isTurned)
                    Transposed.Copy(sums, panel.Width, (count, panel.Channels),
                        dw + (long)panel.First * rows + terms.First + begin, rows);
                for (var r = 0; isTurned && r < count; r++)
                    Strided.Copy(sums + r * panel.Width, dw + ((long)terms.First + begin + r) * g.GroupC + panel.First,
                        panel.Channels);
            }
    }
}
