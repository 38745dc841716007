using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>From component planes to pixels, as libjpeg: triangle-filter upsampling, YCbCr in 1/65536.</summary>
static class JpegColour
{
    /// <summary>Doubles a row, three parts of one value and one of the next (libjpeg's h2v1 upsampling).</summary>
    /// <param name="row">Input values.</param>
    /// <param name="sums">Scratch: two more than the input, and a vector.</param>
    /// <param name="target">Twice the input and a vector.</param>
    public static void Double(ReadOnlySpan<byte> row, Span<ushort> sums, Span<byte> target)
    {
        for (var i = 0; i < row.Length; i++)
            sums[i + 1] = row[i];
        Spread(row.Length, sums, target, shift: 2, roundLeft: 1, roundRight: 2);
    }

    /// <summary>Doubles a row, made of three parts of one row and one of another (libjpeg's h2v2).</summary>
    public static void Double(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<ushort> sums, Span<byte> target)
    {
        for (var i = 0; i < near.Length; i++)
            sums[i + 1] = (ushort)(3 * near[i] + far[i]);
        Spread(near.Length, sums, target, shift: 4, roundLeft: 8, roundRight: 7);
    }

    static void Spread(int width, Span<ushort> sums, Span<byte> target, int shift, ushort roundLeft, ushort roundRight)
    {
        (sums[0], sums[width + 1]) = (sums[1], sums[width]);
        var pairs = MemoryMarshal.Cast<byte, ushort>(target);
        for (var i = 0; i < width; i += Vector<ushort>.Count)
        {
            var three = Vector.Create<ushort>(sums[(i + 1)..]) * 3;
            var left = three + Vector.Create<ushort>(sums[i..]) + new Vector<ushort>(roundLeft);
            var right = three + Vector.Create<ushort>(sums[(i + 2)..]) + new Vector<ushort>(roundRight);
            (left, right) = (Vector.ShiftRightLogical(left, shift), Vector.ShiftRightLogical(right, shift));
            (left | Vector.ShiftLeft(right, 8)).CopyTo(pairs[i..]);
        }
    }

    /// <summary>A row of Y, Cb and Cr to R, G, B, 255. The inputs are whole vectors long.</summary>
    public static void ToRgb(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<uint> target)
    {
        Span<uint> block = stackalloc uint[Vector<byte>.Count];
        for (var x = 0; x < target.Length; x += block.Length)
        {
            Convert(Vector.Create(y[x..]), Vector.Create(cb[x..]), Vector.Create(cr[x..]), block);
            block[..Math.Min(block.Length, target.Length - x)].CopyTo(target[x..]);
        }
    }

    /// <summary>A row of gray to pixels.</summary>
    public static void ToGray(ReadOnlySpan<byte> y, Span<uint> target)
    {
        for (var x = 0; x < target.Length; x++)
            target[x] = 0xFF000000 | (y[x] * 0x010101u);
    }

    static void Convert(Vector<byte> y, Vector<byte> cb, Vector<byte> cr, Span<uint> target)
    {
        Vector.Widen(y, out var y0, out var y1);
        Vector.Widen(cb, out var b0, out var b1);
        Vector.Widen(cr, out var r0, out var r1);
        Convert(y0, b0, r0, target);
        Convert(y1, b1, r1, target[Vector<ushort>.Count..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Convert(Vector<ushort> y, Vector<ushort> cb, Vector<ushort> cr, Span<uint> target)
    {
        Vector.Widen(y, out var y0, out var y1);
        Vector.Widen(cb, out var b0, out var b1);
        Vector.Widen(cr, out var r0, out var r1);
        Pixels(y0.As<uint, int>(), b0.As<uint, int>(), r0.As<uint, int>()).CopyTo(target);
        Pixels(y1.As<uint, int>(), b1.As<uint, int>(), r1.As<uint, int>()).CopyTo(target[Vector<uint>.Count..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<uint> Pixels(Vector<int> y, Vector<int> cb, Vector<int> cr)
    {
        var half = new Vector<int>(1 << 15);
        (cb, cr) = (cb - new Vector<int>(128), cr - new Vector<int>(128));
        var r = y + Vector.ShiftRightArithmetic(cr * 91881 + half, 16);
        var g = y + Vector.ShiftRightArithmetic(half - cb * 22554 - cr * 46802, 16);
        var b = y + Vector.ShiftRightArithmetic(cb * 116130 + half, 16);
        var pixels = Clip(r) | Vector.ShiftLeft(Clip(g), 8) | Vector.ShiftLeft(Clip(b), 16);
        return pixels.As<int, uint>() | new Vector<uint>(0xFF000000);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<int> Clip(Vector<int> value) =>
        Vector.Min(Vector.Max(value, Vector<int>.Zero), new Vector<int>(255));
}
