using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>
/// Sums of pixels times weights in products of 32 bits, on any processor; the same as <see cref="PairSums"/>. Bound by
/// those products: one for a tap of a pixel.
/// </summary>
static class WholeSums
{
    /// <inheritdoc cref="PairSums.Along"/>
    public static void Along(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Taps taps, Span<uint> toA, Span<uint> toB)
    {
        for (var x = 0; x < toA.Length; x++)
        {
            ref var fromA = ref Unsafe.Add(ref MemoryMarshal.GetReference(a), taps.Starts[x] * Pixels.Size);
            ref var fromB = ref Unsafe.Add(ref MemoryMarshal.GetReference(b), taps.Starts[x] * Pixels.Size);
            var (sumA, sumB) = (Vector128.Create(Taps.Half), Vector128.Create(Taps.Half));
            var weights = taps.Weights(x);
            for (var t = 0; t < weights.Length; t += Taps.Block)
            {
                var at = (nuint)(t * Pixels.Size);
                sumA += Sum(Vector128.LoadUnsafe(ref fromA, at), weights.Slice(t, Taps.Block));
                sumB += Sum(Vector128.LoadUnsafe(ref fromB, at), weights.Slice(t, Taps.Block));
            }
            var bytes = Bytes(sumA, sumB, sumA, sumB).AsUInt32();
            (toA[x], toB[x]) = (bytes[0], bytes[1]);
        }
    }

    /// <inheritdoc cref="PairSums.Down"/>
    public static void Down(ReadOnlySpan<byte> rows, ReadOnlySpan<int> offsets, ReadOnlySpan<int> weights,
        Span<byte> line)
    {
        ref var from = ref MemoryMarshal.GetReference(rows);
        for (var i = 0; i < line.Length; i += Vector128<byte>.Count)
        {
            Vector128<int> a, b, c, d;
            a = b = c = d = Vector128.Create(Taps.Half);
            for (var t = 0; t < weights.Length; t++)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)(offsets[t] + i)));
                a += Vector128.WidenLower(low).AsInt32() * weights[t];
                b += Vector128.WidenUpper(low).AsInt32() * weights[t];
                c += Vector128.WidenLower(high).AsInt32() * weights[t];
                d += Vector128.WidenUpper(high).AsInt32() * weights[t];
            }
            Bytes(a, b, c, d).CopyTo(line[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Sum(Vector128<byte> four, ReadOnlySpan<int> weights)
    {
        var (low, high) = Vector128.Widen(four);
        return Vector128.WidenLower(low).AsInt32() * weights[0] + Vector128.WidenUpper(low).AsInt32() * weights[1]
            + Vector128.WidenLower(high).AsInt32() * weights[2] + Vector128.WidenUpper(high).AsInt32() * weights[3];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Bytes(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =>
        Vector128.Narrow(Vector128.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector128.Narrow(Clip(c), Clip(d)).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Clip(Vector128<int> sums) => Vector128.Min(Vector128.Max(
        Vector128.ShiftRightArithmetic(sums, Taps.Precision), Vector128<int>.Zero), Vector128.Create(255));
}
