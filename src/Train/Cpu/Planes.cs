using System.Runtime.CompilerServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// A map laid out so that every tap of a kernel reads it at unit step: padded with zeros, and for a stride s split into
/// s x s phases, of which those are there that the kernel meets. Output (y, x) lies at y * Pitch + x, and tap (i, j)
/// sees it at a constant offset from there.
/// </summary>
sealed unsafe class Planes
{
    readonly int channels, height, width, top, left, stepH, stepW, phasesH, phasesW, rows;

    /// <param name="channels">Channels of the map.</param>
    /// <param name="size">Height and width of the map.</param>
    /// <param name="before">Zeros above and left; negative crops.</param>
    /// <param name="step">Strides.</param>
    /// <param name="window">Rows and columns that the kernel covers.</param>
    /// <param name="span">Rows and columns of the padded map that are read.</param>
    public Planes(int channels, (int H, int W) size, (int H, int W) before, (int H, int W) step, (int H, int W) window,
        (int H, int W) span)
    {
        (this.channels, height, width, top, left) = (channels, size.H, size.W, before.H, before.W);
        (stepH, stepW) = step;
        (phasesH, phasesW) = (Math.Min(stepH, window.H), Math.Min(stepW, window.W));
        rows = (span.H + stepH - 1) / stepH;
        Pitch = (span.W + stepW - 1) / stepW;
        IsIdentity = step == (1, 1) && before == (0, 0) && span.W == size.W && span.H <= size.H;
        ChannelSize = IsIdentity ? height * width : phasesH * phasesW * rows * Pitch;
    }

    /// <summary>True where the map serves as it is.</summary>
    public bool IsIdentity { get; }

    public int Pitch { get; }

    public int ChannelSize { get; }

    /// <summary>Floats of one image.</summary>
    public long ImageSize => (long)channels * ChannelSize;

    /// <summary>Where a row and a column of the padded map begin, within a channel.</summary>
    public int Offset(int row, int column) =>
        ((row % stepH * phasesW + column % stepW) * rows + row / stepH) * Pitch + column / stepW;

    /// <summary>
    /// Lays out a batch; the result is the source itself where nothing is to be done. Else two vectors may be read
    /// from its last float on.
    /// </summary>
    public Filled Fill(KernelContext context, float* source, long n, int slot)
    {
        if (IsIdentity)
            return new((nint)source, ImageSize);
        var target = Scratch.Floats(slot, n * ImageSize + 2 * Lanes.Count);
        var (from, to, size) = ((nint)source, (nint)target, height * width);
        context.ParallelFor((int)n * channels, map =>
            FillChannel((float*)from + (long)map * size, (float*)to + (long)map * ChannelSize));
        return new((nint)target, ImageSize);
    }

    /// <summary>The planes of a batch.</summary>
    /// <param name="Pointer">The first channel that is read of the first image.</param>
    /// <param name="ImageSize">Floats between images.</param>
    public readonly record struct Filled(nint Pointer, long ImageSize)
    {
        public float* Data => (float*)Pointer;

        /// <summary>The same from a later channel on.</summary>
        public Filled From(long floats) => this with { Pointer = (nint)(Data + floats) };
    }

    void FillChannel(float* source, float* target)
    {
        for (var i = 0; i < phasesH; i++)
            for (var j = 0; j < phasesW; j++, target += rows * Pitch)
                FillPhase(source, target, i - top, j - left);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void FillPhase(float* source, float* target, int firstRow, int first)
    {
        var begin = first >= 0 ? 0 : Math.Min(Pitch, (-first + stepW - 1) / stepW);
        var end = Math.Clamp((width - first + stepW - 1) / stepW, begin, Pitch);
        source += begin * stepW + first;
        for (var (r, row) = (0, firstRow); r < rows; r++, row += stepH, target += Pitch)
        {
            var isThere = row >= 0 && row < height;
            if (isThere)
                Strided.Gather(source + (long)row * width, stepW, target + begin, end - begin);
            Clear(target, isThere ? begin : Pitch);
            Clear(target + end, isThere ? Pitch - end : 0);
        }
    }

    /// <summary>Most often there is one.</summary>
    static void Clear(float* target, int count)
    {
        if (count > 4)
            new Span<float>(target, count).Clear();
        else
            for (var i = 0; i < count; i++)
                target[i] = 0;
    }
}
