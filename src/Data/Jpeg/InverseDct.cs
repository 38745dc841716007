using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// The inverse discrete cosine transform of libjpeg's accurate integer method (Loeffler, Ligtenberg and Moschytz, 12
/// multiplications; constants in 1/8192), bit by bit, on as many blocks at a time as a vector has lanes.
/// </summary>
static class InverseDct
{
    const int Scale = 13;
    const int FirstPass = 2;

    /// <summary>
    /// Transforms one vector's worth of blocks to pixels. Values outside of 0..255 are clipped, as libjpeg-turbo's
    /// vector code does; its plain code folds those far outside, which no encoder makes.
    /// </summary>
    /// <param name="blocks">64 vectors: coefficient (row, column) of every block. Overwritten.</param>
    /// <param name="pixels">Where the first pixel of the first block goes; the others follow in a row.</param>
    /// <param name="stride">Bytes from one pixel row to the next.</param>
    public static void Transform(Span<int> blocks, Span<byte> pixels, int stride)
    {
        var v = MemoryMarshal.Cast<int, Vector<int>>(blocks);
        for (var x = 0; x < 8; x++)
            if (IsFlat(ref v[x]))
                Fill(ref v[x]);
            else
                Pass(ref v[x], 8, Scale - FirstPass);
        for (var y = 0; y < 8; y++)
        {
            var row = v.Slice(y * 8, 8);
            Pass(ref row[0], 1, Scale + FirstPass + 3);
            Store(row, MemoryMarshal.Cast<byte, ulong>(pixels.Slice(y * stride, 8 * Vector<int>.Count)));
        }
    }

    /// <summary>Whether a column holds its mean alone in every block, as the fine ones of most blocks do.</summary>
    static bool IsFlat(ref Vector<int> first) => (At(ref first, 8) | At(ref first, 16) | At(ref first, 24)
        | At(ref first, 32) | At(ref first, 40) | At(ref first, 48) | At(ref first, 56)) == Vector<int>.Zero;

    /// <summary>What <see cref="Pass"/> makes of a column that holds its mean alone.</summary>
    static void Fill(ref Vector<int> first)
    {
        var mean = Vector.ShiftLeft(first, FirstPass);
        for (var y = 0; y < 64; y += 8)
            At(ref first, y) = mean;
    }

    /// <summary>One dimension: eight values <paramref name="step"/> vectors apart, then divided by 2^shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Pass(ref Vector<int> first, int step, int shift)
    {
        ref var x1 = ref At(ref first, step);
        ref var x2 = ref At(ref first, 2 * step);
        ref var x3 = ref At(ref first, 3 * step);
        ref var x4 = ref At(ref first, 4 * step);
        ref var x5 = ref At(ref first, 5 * step);
        ref var x6 = ref At(ref first, 6 * step);
        ref var x7 = ref At(ref first, 7 * step);
        var half = new Vector<int>(1 << (shift - 1));
        var (e0, e1, e2, e3) = Even(first, x2, x4, x6, half);
        var (o0, o1, o2, o3) = Odd(x1, x3, x5, x7);
        (first, x7) = (Down(e0 + o0, shift), Down(e0 - o0, shift));
        (x1, x6) = (Down(e1 + o1, shift), Down(e1 - o1, shift));
        (x2, x5) = (Down(e2 + o2, shift), Down(e2 - o2, shift));
        (x3, x4) = (Down(e3 + o3, shift), Down(e3 - o3, shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector<int>, Vector<int>, Vector<int>, Vector<int>) Even(
        Vector<int> x0, Vector<int> x2, Vector<int> x4, Vector<int> x6, Vector<int> half)
    {
        var z = (x2 + x6) * 4433;
        var (a, b) = (z + x2 * 6270, z - x6 * 15137);
        var (c, d) = (Vector.ShiftLeft(x0 + x4, Scale) + half, Vector.ShiftLeft(x0 - x4, Scale) + half);
        return (c + a, d + b, d - b, c - a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector<int>, Vector<int>, Vector<int>, Vector<int>) Odd(
        Vector<int> x1, Vector<int> x3, Vector<int> x5, Vector<int> x7)
    {
        var (z1, z2, z3, z4) = ((x7 + x1) * -7373, (x5 + x3) * -20995, x7 + x3, x5 + x1);
        var z5 = (z3 + z4) * 9633;
        (z3, z4) = (z5 - z3 * 16069, z5 - z4 * 3196);
        return (
            x1 * 12299 + z1 + z4,
            x3 * 25172 + z2 + z3,
            x5 * 16819 + z2 + z4,
            x7 * 2446 + z1 + z3);
    }

    /// <summary>A pixel row of all blocks: lane b of the eight vectors is the row of block b.</summary>
    static void Store(Span<Vector<int>> row, Span<ulong> target)
    {
        var left = Pack(row[0], row[1], row[2], row[3]);
        var right = Pack(row[4], row[5], row[6], row[7]);
        for (var b = 0; b < target.Length; b++)
            target[b] = (uint)left[b] | ((ulong)(uint)right[b] << 32);
    }

    static Vector<int> Pack(Vector<int> a, Vector<int> b, Vector<int> c, Vector<int> d) =>
        Pixel(a) | Vector.ShiftLeft(Pixel(b), 8) | Vector.ShiftLeft(Pixel(c), 16) | Vector.ShiftLeft(Pixel(d), 24);

    static Vector<int> Pixel(Vector<int> value) =>
        Vector.Min(Vector.Max(value + new Vector<int>(128), Vector<int>.Zero), new Vector<int>(255));

    static Vector<int> Down(Vector<int> value, int shift) => Vector.ShiftRightArithmetic(value, shift);

    static ref Vector<int> At(ref Vector<int> first, int index) => ref Unsafe.Add(ref first, index);
}
