using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>From component planes to pixels, as libjpeg (YCbCr in 1/65536) and Pillow (CMYK).</summary>
static class JpegColour
{
    /// <summary>A row of Y, Cb and Cr to R, G, B, 255. The inputs are whole vectors long.</summary>
    public static void FromYcc(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<uint> target)
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

    /// <summary>A row of red, green and blue to pixels.</summary>
    public static void FromRgb(ReadOnlySpan<byte> r, ReadOnlySpan<byte> g, ReadOnlySpan<byte> b, Span<uint> target)
    {
        for (var x = 0; x < target.Length; x++)
            target[x] = (uint)(r[x] | g[x] << 8 | b[x] << 16);
    }

    /// <summary>A row of cyan, magenta and yellow to pixels without black: their opposites.</summary>
    public static void FromCmy(ReadOnlySpan<byte> c, ReadOnlySpan<byte> m, ReadOnlySpan<byte> y, Span<uint> target)
    {
        FromRgb(c, m, y, target);
        foreach (ref var pixel in target)
            pixel = ~pixel;
    }

    /// <summary>
    /// Adds black to pixels: as Pillow, which reads all four colours inverted, as Adobe writes them, and takes
    /// colour times black / 255 away from what is not black.
    /// </summary>
    public static void AddBlack(ReadOnlySpan<byte> k, Span<uint> target)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var (pixel, light) = (target[x], (uint)k[x]);
            target[x] = Inks.Darken(pixel & 255, light) | Inks.Darken(pixel >> 8 & 255, light) << 8
                | Inks.Darken(pixel >> 16 & 255, light) << 16;
        }
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
