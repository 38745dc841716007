namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The geometry of a depthwise convolution over one plane (one channel of one image), which makes all three of its
/// products one-dimensional. The padded input is split by its stride into phases, stride x stride planes of equal rows, so
/// that neighbours in the output are neighbours in each phase; output rows are written as long as a phase's. Then a tap
/// is one offset for the whole plane, and no row has an edge.
/// </summary>
sealed unsafe class DepthwisePlane
{
    /// <summary>Vectors may read and write this far beyond the last element.</summary>
    public const int Slack = 4 * Lanes.Count;

    readonly int top, left, strideH, strideW;

    /// <param name="n">A Conv, ConvInputGrad or ConvWeightGrad node.</param>
    /// <param name="x">Shape of the input [N, C, H, W].</param>
    /// <param name="y">Shape of the output.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    public DepthwisePlane(Node n, Shape x, Shape y, long[] kernel)
    {
        var (strides, pads, dilations) = (n.Ints("strides", 2, 1), n.Ints("pads", 4, 0), n.Ints("dilations", 2, 1));
        (top, left, strideH, strideW) = ((int)pads[0], (int)pads[1], (int)strides[0], (int)strides[1]);
        (Height, Width, OutHeight, OutWidth) = ((int)x[2].Size, (int)x[3].Size, (int)y[2].Size, (int)y[3].Size);
        var (reachH, reachW) = ((int)((kernel[0] - 1) * dilations[0]), (int)((kernel[1] - 1) * dilations[1]));
        (ShiftH, ShiftW) = (reachH / strideH, reachW / strideW);
        Taps = [.. from i in Enumerable.Range(0, (int)kernel[0])
                   from j in Enumerable.Range(0, (int)kernel[1])
                   select new Tap(i * (int)dilations[0], j * (int)dilations[1], strideH, strideW)];
        Offsets = [.. Taps.Select(t => t.Phase * PhaseSize + Shift(t))];
    }

    public int Height { get; }

    public int Width { get; }

    public int OutHeight { get; }

    public int OutWidth { get; }

    /// <summary>Rows and columns of a phase that the last tap lies behind the first.</summary>
    public int ShiftH { get; }

    public int ShiftW { get; }

    /// <summary>Length of a row of a phase, and of the output as it is computed.</summary>
    public int Row => OutWidth + ShiftW;

    /// <summary>Elements of the output with rows of that length.</summary>
    public int OutSize => OutHeight * Row;

    /// <summary>Elements of a phase.</summary>
    public int PhaseSize => (OutHeight + ShiftH) * Row + ShiftW;

    public int Phases => strideH * strideW;

    public IReadOnlyList<Tap> Taps { get; }

    /// <summary>Where each tap of the kernel finds its first element among the phases.</summary>
    public int[] Offsets { get; }

    /// <summary>The distance from an output element to what a tap sees of it, within a phase.</summary>
    public int Shift(Tap t) => t.Down * Row + t.Right;

    /// <summary>Splits a plane into phases; what is padding stays as it is, so it must be zero.</summary>
    public void Split(float* x, float* phases)
    {
        for (var h = 0; h < Height; h++)
        {
            var (down, phase) = Math.DivRem(h + top, strideH);
            if (down >= OutHeight + ShiftH)
                return;
            for (var b = 0; b < strideW; b++)
            {
                var first = First(b);
                var column = (first + left) / strideW;
                var count = Math.Min(Row - column, (Width - first + strideW - 1) / strideW);
                Strided.Gather(x + h * Width + first, strideW, phases + (phase * strideW + b) * PhaseSize + down * Row + column, count);
            }
        }
    }

    /// <summary>The reverse: a plane from its phases, zero where no window reached.</summary>
    public void Merge(float* phases, float* x)
    {
        new Span<float>(x, Height * Width).Clear();
        for (var h = 0; h < Height; h++)
        {
            var (down, phase) = Math.DivRem(h + top, strideH);
            if (down >= OutHeight + ShiftH)
                return;
            for (var b = 0; b < strideW; b++)
            {
                var first = First(b);
                var column = (first + left) / strideW;
                var count = Math.Min(Row - column, (Width - first + strideW - 1) / strideW);
                Strided.Scatter(phases + (phase * strideW + b) * PhaseSize + down * Row + column, x + h * Width + first, strideW, count);
            }
        }
    }

    /// <summary>Gives the output's rows their computed length; what is between them must be zero and stays so.</summary>
    public void Widen(float* y, float* wide)
    {
        for (var h = 0; h < OutHeight; h++)
            new Span<float>(y + h * OutWidth, OutWidth).CopyTo(new Span<float>(wide + h * Row, OutWidth));
    }

    /// <summary>The reverse.</summary>
    public void Narrow(float* wide, float* y)
    {
        for (var h = 0; h < OutHeight; h++)
            new Span<float>(wide + h * Row, OutWidth).CopyTo(new Span<float>(y + h * OutWidth, OutWidth));
    }

    /// <summary>The first column of the input that belongs to a phase.</summary>
    int First(int phase) => (phase - left % strideW + strideW) % strideW;

    /// <summary>A tap of the kernel, by how far it lies from the first.</summary>
    /// <param name="Phase">The phase that it reads.</param>
    /// <param name="Down">Rows of the phase.</param>
    /// <param name="Right">Columns of the phase.</param>
    public readonly record struct Tap(int Phase, int Down, int Right)
    {
        public Tap(int rows, int columns, int strideH, int strideW)
            : this(rows % strideH * strideW + columns % strideW, rows / strideH, columns / strideW)
        {
        }
    }
}
