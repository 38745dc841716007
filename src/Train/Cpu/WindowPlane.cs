namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The geometry of windows that slide over one plane (one channel of one image), which makes depthwise convolution,
/// pooling and their gradients one-dimensional. The padded input is split by its stride into phases, stride x stride
/// planes of equal rows, so that neighbours in the output are neighbours in each phase; output rows are written as long
/// as a phase's. Then a tap is one offset for the whole plane, and no row has an edge.
/// </summary>
sealed unsafe class WindowPlane
{
    /// <summary>Vectors may read and write this far beyond the last element.</summary>
    public const int Slack = 4 * Lanes.Count;

    readonly int top, left, strideH, strideW, shiftH, shiftW;

    /// <param name="n">The node whose strides, pads and dilations count.</param>
    /// <param name="x">Shape of the input [N, C, H, W].</param>
    /// <param name="y">Shape of the output.</param>
    /// <param name="kernel">Height and width of the window.</param>
    public WindowPlane(Node n, Shape x, Shape y, long[] kernel)
    {
        var (strides, pads, dilations) = (n.Ints("strides", 2, 1), n.Ints("pads", 4, 0), n.Ints("dilations", 2, 1));
        (top, left, strideH, strideW) = ((int)pads[0], (int)pads[1], (int)strides[0], (int)strides[1]);
        (Channels, Height, Width) = (x[1].Size, (int)x[2].Size, (int)x[3].Size);
        (OutHeight, OutWidth) = ((int)y[2].Size, (int)y[3].Size);
        (shiftH, shiftW) = ((int)((kernel[0] - 1) * dilations[0]) / strideH,
            (int)((kernel[1] - 1) * dilations[1]) / strideW);
        var taps = (from i in Enumerable.Range(0, (int)kernel[0])
                    from j in Enumerable.Range(0, (int)kernel[1])
                    select (Row: i * (int)dilations[0], Column: j * (int)dilations[1])).ToArray();
        PhaseOf = [.. taps.Select(t => t.Row % strideH * strideW + t.Column % strideW)];
        ShiftOf = [.. taps.Select(t => t.Row / strideH * Row + t.Column / strideW)];
        Offsets = [.. PhaseOf.Zip(ShiftOf, (phase, shift) => phase * PhaseSize + shift)];
    }

    public long Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public int OutHeight { get; }

    public int OutWidth { get; }

    /// <summary>Elements of a plane of the input.</summary>
    public long Size => (long)Height * Width;

    /// <summary>Elements of a plane of the output.</summary>
    public long OutSize => (long)OutHeight * OutWidth;

    /// <summary>Length of a row of a phase, and of the output as it is computed.</summary>
    public int Row => OutWidth + shiftW;

    /// <summary>Elements of the output with rows of that length.</summary>
    public int WideSize => OutHeight * Row;

    /// <summary>Elements of a phase.</summary>
    public int PhaseSize => (OutHeight + shiftH) * Row + shiftW;

    public int Phases => strideH * strideW;

    /// <summary>Elements that all phases take, with what vectors touch behind them.</summary>
    public int Room => Phases * PhaseSize + Slack;

    /// <summary>Zeros that must lie before an output for shifts to reach back from its first element.</summary>
    public int Before => shiftH * Row + shiftW;

    public int Taps => Offsets.Length;

    /// <summary>The phase that each tap of the window reads.</summary>
    public int[] PhaseOf { get; }

    /// <summary>The distance from an output element to what each tap sees of it, within a phase.</summary>
    public int[] ShiftOf { get; }

    /// <summary>Where each tap finds its first element among the phases.</summary>
    public int[] Offsets { get; }

    /// <summary>Splits a plane into phases; what is padding stays as it is.</summary>
    public void Split(float* x, float* phases)
    {
        for (var h = 0; h < Height; h++)
        {
            var (down, phase) = Math.DivRem(h + top, strideH);
            if (down >= OutHeight + shiftH)
                return;
            for (var w = 0; w < strideW; w++)
            {
                var (start, count) = At(phase, down, w);
                Strided.Gather(x + h * Width + w, strideW, phases + start, count);
            }
        }
    }

    /// <summary>The reverse: a plane from its phases, zero where no window reached.</summary>
    public void Merge(float* phases, float* x)
    {
        for (var h = 0; h < Height; h++)
        {
            var (down, phase) = Math.DivRem(h + top, strideH);
            var row = x + h * Width;
            if (down >= OutHeight + shiftH)
                new Span<float>(row, Width).Clear();
            else if (strideW == 2)
                MergePairs(phases, phase, down, row);
            else
                MergeParts(phases, phase, down, row);
        }
    }

    void MergePairs(float* phases, int phase, int down, float* row)
    {
        var (start, evens) = At(phase, down, 0);
        var (startOdd, odds) = At(phase, down, 1);
        float* even = phases + start, odd = phases + startOdd;
        var pairs = Math.Min(evens, odds);
        Strided.Interleave(even, odd, row, pairs);
        for (var w = 2 * pairs; w < Width; w++)
            row[w] = w % 2 == 0 ? (w / 2 < evens ? even[w / 2] : 0) : w / 2 < odds ? odd[w / 2] : 0;
    }

    void MergeParts(float* phases, int phase, int down, float* row)
    {
        for (var w = 0; w < strideW; w++)
        {
            var (start, count) = At(phase, down, w);
            Strided.Scatter(phases + start, row + w, strideW, count);
            for (var i = w + count * strideW; i < Width; i += strideW)
                row[i] = 0;
        }
    }

    /// <summary>Where the elements w, w + stride, ... of an input row lie in its phase, and how many of them.</summary>
    (nint Start, int Count) At(int phase, int down, int w)
    {
        var (column, b) = Math.DivRem(w + left, strideW);
        var count = Math.Min(Row - column, (Width - w + strideW - 1) / strideW);
        return ((phase * strideW + b) * PhaseSize + down * Row + column, Math.Max(count, 0));
    }

    /// <summary>Gives the output's rows their computed length; what is between them stays as it is.</summary>
    public void Widen(float* y, float* wide)
    {
        for (var h = 0; h < OutHeight; h++)
            Strided.Copy(y + h * OutWidth, wide + h * Row, OutWidth);
    }

    /// <summary>The reverse.</summary>
    public void Narrow(float* wide, float* y)
    {
        for (var h = 0; h < OutHeight; h++)
            Strided.Copy(wide + h * Row, y + h * OutWidth, OutWidth);
    }
}
