using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// A 3x3 convolution of stride 1, or the input gradient of one, which is a convolution of dY by the turned weights:
/// by <see cref="WinogradTiles"/>. A panel of 48 tiles goes the whole way at once. Compute bound.
/// </summary>
sealed unsafe class WinogradKernel : Kernel
{
    const int Width = Correlation.PanelWidth, Taps = 9;

    /// <summary>Terms of a panel that stays in L1 while all rows of weights pass: 24 KiB.</summary>
    const int Band = 128;

    /// <summary>
    /// Terms of a running sum. Transforms amplify its rounding about twofold: 32 lose as much here as 64 do in a plain
    /// convolution.
    /// </summary>
    const int Terms = 32;

    /// <summary>The value of a square that every output of its tile takes once: there a bias belongs.</summary>
    const int Middle = 5;

    readonly int rows, depth, height, width;
    readonly WinogradTiles tiles;
    readonly Order order;

    WinogradKernel(string name, int inputs, (int Rows, int Depth) channels, (int H, int W) size, WinogradTiles tiles,
        Order order) : base(name, inputs, 1)
    {
        ((rows, depth), (height, width)) = (channels, size);
        (this.tiles, this.order) = (tiles, order);
    }

    /// <summary>How weights lie: floats from one output channel and from one input channel to the next.</summary>
    readonly record struct Order(long Row, long Term, bool IsTurned);

    int Blocks => (rows + OuterTiles.Rows - 1) / OuterTiles.Rows;

    /// <summary>Floats of a block of packed weights with its biases.</summary>
    long BlockSize => (long)OuterTiles.Rows * (depth + 1);

    /// <summary>Floats from value to value: of the squares, with room for a vector, and of the sums.</summary>
    (nint Squares, nint Sums) Steps => (depth * Width + Lanes.Count, Blocks * OuterTiles.Rows * Width);

    public static WinogradKernel Forward(string name, ConvGeometry g, bool bias) =>
        new(name, bias ? 3 : 2, (g.M, g.C), (g.Oh, g.Ow),
            new(g.C, (g.H, g.W), (g.Oh, g.Ow)), new((long)g.C * Taps, Taps, false));

    public static WinogradKernel InputGrad(string name, ConvGeometry g) =>
        new(name, 2, (g.C, g.M), (g.H, g.W),
            new(g.M, (g.Oh, g.Ow), (g.H, g.W)), new(Taps, (long)g.C * Taps, true));

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var output = (nint)context.Output(0, n, rows, height, width);
        var maps = tiles.Fill(context, context.Input(0), n, slot: 0);
        var packed = Scratch.Floats(1, WinogradTiles.Values * Blocks * BlockSize);
        Pack(context, context.Input(1), Inputs == 3 ? context.Input(2) : null, packed);
        var (all, weights) = (n * tiles.Area, (nint)packed);
        context.ParallelFor((int)((all + Width - 1) / Width), i =>
            RunPanel((float*)weights, maps, (float*)output, (long)i * Width,
                (int)Math.Min(Width, all - (long)i * Width)));
    }

    void RunPanel(float* weights, Planes.Filled maps, float* output, long first, int count)
    {
        Span<WinogradTiles.Strip> strips = stackalloc WinogradTiles.Strip[Width];
        strips = tiles.Cut(first, count, strips);
        var squares = Scratch.Floats(2, WinogradTiles.Values * Steps.Squares);
        var sums = Scratch.Floats(3, WinogradTiles.Values * Steps.Sums);
        tiles.InputTransform(strips, maps, depth, squares, Width, Steps.Squares);
        var vectors = (count + Lanes.Count - 1) / Lanes.Count;
        for (var value = 0; value < WinogradTiles.Values; value++)
            Multiply(weights + value * Blocks * BlockSize, squares + value * Steps.Squares, sums + value * Steps.Sums,
                vectors);
        Write(strips, sums, vectors, output);
    }

    void Multiply(float* weights, float* squares, float* sums, int vectors)
    {
        for (var k = 0; k < depth; k += Band)
            for (var block = 0; block < Blocks; block++)
            {
                var from = weights + block * BlockSize;
                OuterTiles.Run(from + (long)k * OuterTiles.Rows, squares + k * Width, Math.Min(Band, depth - k),
                    k == 0 ? from + (long)depth * OuterTiles.Rows : null, sums + block * OuterTiles.Rows * Width,
                    Width, vectors, Terms);
            }
    }

    /// <summary>A'mA of all channels, to the pixels of their tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Write(ReadOnlySpan<WinogradTiles.Strip> strips, float* sums, int vectors, float* output)
    {
        const int Pixels = 2 * Width;
        var upper = stackalloc float[2 * Pixels];
        for (var r = 0; r < rows; r++, sums += Width)
        {
            for (var v = 0; v < vectors; v++)
                OutputTransform(sums + v * Lanes.Count, upper + 2 * v * Lanes.Count, Pixels);
            foreach (ref readonly var strip in strips)
            {
                var count = Math.Min(2 * strip.Count, width - 2 * strip.Column);
                var to = output + (strip.Image * rows + r) * height * width + 2 * (strip.Row * width + strip.Column);
                Strided.Copy(upper + 2 * strip.At, to, count);
                if (2 * strip.Row + 1 < height)
                    Strided.Copy(upper + Pixels + 2 * strip.At, to + width, count);
            }
        }
    }

    /// <summary>Two rows of 32 pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void OutputTransform(float* sums, float* upper, int pitch)
    {
        var step = Steps.Sums;
        var (a0, b0) = Across(sums, 4 * step);
        var (a1, b1) = Across(sums + step, 4 * step);
        var (a2, b2) = Across(sums + 2 * step, 4 * step);
        var (a3, b3) = Across(sums + 3 * step, 4 * step);
        Lanes.Zip(a0 + a1 + a2, a1 - a2 - a3, upper);
        Lanes.Zip(b0 + b1 + b2, b1 - b2 - b3, upper + pitch);
    }

    /// <summary>A' of a column of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<float>, Vector512<float>) Across(float* first, nint step)
    {
        var (p, q, r, s) = (Vector512.Load(first), Vector512.Load(first + step), Vector512.Load(first + 2 * step),
            Vector512.Load(first + 3 * step));
        return (p + q + r, q - r - s);
    }

    /// <summary>W to [value][block][depth][8 rows], then the 8 biases.</summary>
    void Pack(KernelContext context, float* w, float* bias, float* packed)
    {
        var (from, to, offset) = ((nint)w, (nint)packed, (nint)bias);
        context.ParallelFor(Blocks, block =>
        {
            var first = block * OuterTiles.Rows;
            var count = Math.Min(OuterTiles.Rows, rows - first);
            var target = (float*)to + block * BlockSize;
            for (var k = 0; k < depth; k++)
                FilterTransform((float*)from + first * order.Row + k * order.Term, count,
                    target + (long)k * OuterTiles.Rows);
            for (var value = 0; value < WinogradTiles.Values; value++)
                for (var r = 0; r < OuterTiles.Rows; r++)
                    target[value * Blocks * BlockSize + (long)depth * OuterTiles.Rows + r] =
                        value == Middle && offset != 0 && r < count ? ((float*)offset)[first + r] : 0;
        });
    }

    /// <summary>GgG' of eight windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void FilterTransform(float* windows, int count, float* target)
    {
        var taps = stackalloc float[Taps * OuterTiles.Rows];
        if (count < OuterTiles.Rows)
            new Span<float>(taps, Taps * OuterTiles.Rows).Clear();
        Transposed.Copy(windows, (nint)order.Row, (count, Taps), taps, OuterTiles.Rows);
        var first = order.IsTurned ? taps + (Taps - 1) * OuterTiles.Rows : taps;
        var next = order.IsTurned ? -OuterTiles.Rows : OuterTiles.Rows;
        var (a0, b0, c0, d0) = Weights(first, 3 * next);
        var (a1, b1, c1, d1) = Weights(first + next, 3 * next);
        var (a2, b2, c2, d2) = Weights(first + 2 * next, 3 * next);
        var step = Blocks * BlockSize;
        Store(a0, a1, a2, target, step);
        Store(b0, b1, b2, target + 4 * step, step);
        Store(c0, c1, c2, target + 8 * step, step);
        Store(d0, d1, d2, target + 12 * step, step);
    }

    static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Weights(float* first, int step) =>
        Weights(Vector256.Load(first), Vector256.Load(first + step), Vector256.Load(first + 2 * step));

    static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Weights(
        Vector256<float> p, Vector256<float> q, Vector256<float> r)
    {
        var (ends, middle) = ((p + r) * 0.5f, q * 0.5f);
        return (p, ends + middle, ends - middle, r);
    }

    static void Store(Vector256<float> p, Vector256<float> q, Vector256<float> r, float* target, long step)
    {
        var (a, b, c, d) = Weights(p, q, r);
        a.Store(target);
        b.Store(target + step);
        c.Store(target + 2 * step);
        d.Store(target + 3 * step);
    }
}
