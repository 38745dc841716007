using System.Numerics;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>The decoded values of one component, at its own resolution.</summary>
sealed class JpegPlane : IDisposable
{
    readonly JpegComponent component;
    readonly JpegUpsampling upsampling;
    readonly PixelMemory values;
    readonly int width;
    readonly int height;

    /// <summary>Pixels of the image for each value, across and down.</summary>
    readonly int wide, high;

    public JpegPlane(JpegFrame frame, JpegComponent component)
    {
        this.component = component;
        (wide, high) = (frame.MaxH / component.H, frame.MaxV / component.V);
        (width, height) = ((frame.Width + wide - 1) / wide, (frame.Height + high - 1) / high);
        upsampling = new(width, wide, high);
        // Whole groups of MCUs, and a vector that readers may run over.
        Stride = (frame.Across + ZigZag.Lanes - 1) / ZigZag.Lanes * ZigZag.Lanes * component.H * 8 + Vector<byte>.Count;
        values = new(Math.BigMul(Stride, frame.Down * component.V * 8));
    }

    /// <summary>Values from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Transforms the blocks of a group of MCUs, the first of which is MCU (x, y) of the image.</summary>
    public void Put(int[] blocks, int x, int y)
    {
        var size = ZigZag.Lanes * 64;
        for (var v = 0; v < component.V; v++)
            for (var h = 0; h < component.H; h++)
                Transform(blocks.AsSpan((v * component.H + h) * size, size),
                    x * component.H + h * ZigZag.Lanes, y * component.V + v);
    }

    /// <summary>Transforms all blocks that a part of the image needs.</summary>
    public void Put(JpegCoefficients coefficients, int[] steps, Window window)
    {
        var blocks = new int[ZigZag.Lanes * 64];
        for (var y = 0; y < coefficients.Height; y++)
        {
            var row = coefficients.Row(y);
            for (var x = 0; x < coefficients.Width; x += ZigZag.Lanes)
            {
                // Upsampling reads the neighbours of the values that are wanted.
                if (!window.Touches((x * 8 - 1) * wide, (y * 8 - 1) * high, (ZigZag.Lanes * 8 + 2) * wide, 10 * high))
                    continue;
                Array.Clear(blocks);
                for (var lane = 0; lane < ZigZag.Lanes && x + lane < coefficients.Width; lane++)
                    Spread(row.Slice((x + lane) * 64, 64), steps, blocks.AsSpan(lane));
                Transform(blocks, x, y);
            }
        }
    }

    /// <summary>A row, with what lies beyond its end.</summary>
    public ReadOnlySpan<byte> Row(int y) => values.Span.Slice(y * Stride, Stride);

    /// <summary>Row <paramref name="y"/> of the image, upsampled.</summary>
    /// <param name="y">The row.</param>
    /// <param name="sums">Scratch of <see cref="Stride"/> and a vector.</param>
    /// <param name="target">Where it may be written: whole MCUs of pixels, and a vector.</param>
    public ReadOnlySpan<byte> Row(int y, Span<ushort> sums, Span<byte> target)
    {
        if (upsampling.IsNone)
            return Row(y);
        var near = y / high;
        var far = Math.Clamp(near + (y % high == 0 ? -1 : 1), 0, height - 1);
        upsampling.Apply(Row(near)[..width], Row(far)[..width], y % high, sums, target);
        return target;
    }

    public void Dispose() => values.Dispose();

    void Transform(Span<int> blocks, int x, int y) =>
        InverseDct.Transform(blocks, values.Span[(y * 8 * Stride + x * 8)..], Stride);

    /// <summary>A block times its steps, into one lane.</summary>
    static void Spread(ReadOnlySpan<short> block, int[] steps, Span<int> lane)
    {
        var fours = MemoryMarshal.Cast<short, ulong>(block);
        for (var four = 0; four < fours.Length; four++)
            // Most are zero.
            for (var k = 4 * four; fours[four] != 0 && k < 4 * four + 4; k++)
                lane[ZigZag.Places[k]] = block[k] * steps[k];
    }
}
