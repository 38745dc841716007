using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Data;

/// <summary>
/// Sums of pixels times weights on x64, which adds two products of 16-bit numbers in one step. A weight has up to 24
/// bits, so it is split into two digits, whose sums are put together at the end: exact, as with whole products
/// (<see cref="WholeSums"/>). Bound by how many steps a processor begins in a cycle: half are products and their sums.
/// </summary>
static unsafe class PairSums
{
    const int LowBits = 11;

    public static bool IsSupported => Ssse3.IsSupported;

    /// <summary>Bytes of pixels 0 and 1 of four, channel by channel in 16 bits each; then of 2 and 3.</summary>
    static ReadOnlySpan<byte> Pairs =>
    [
        0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 3, 255, 7, 255,
        8, 255, 12, 255, 9, 255, 13, 255, 10, 255, 14, 255, 11, 255, 15, 255,
    ];

    /// <summary>Weights of four taps each to the upper digits of two pairs, then the lower ones.</summary>
    public static void Pack(Span<int> weights)
    {
        for (var i = 0; i < weights.Length; i += Taps.Block)
        {
            var four = weights.Slice(i, Taps.Block);
            var (a, b, c, d) = (four[0], four[1], four[2], four[3]);
            (four[0], four[1]) = (Pair(High(a), High(b)), Pair(High(c), High(d)));
            (four[2], four[3]) = (Pair(Low(a), Low(b)), Pair(Low(c), Low(d)));
        }
    }

    /// <summary>Two rows, filtered horizontally.</summary>
    /// <param name="a">Pixels of the first.</param>
    /// <param name="b">Of the second.</param>
    /// <param name="taps">The filter.</param>
    /// <param name="toA">Takes an output pixel for each output of the filter.</param>
    /// <param name="toB">The same of the second.</param>
    public static void Along(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Taps taps, Span<uint> toA, Span<uint> toB)
    {
        fixed (byte* rowA = a, rowB = b, masks = Pairs)
        fixed (uint* outA = toA, outB = toB)
        fixed (int* weights = taps.AllWeights, starts = taps.Starts, counts = taps.Counts)
        {
            var start = Vector256.Create(Taps.Half);
            var (first, second) = (Both(masks, masks), Both(masks + 16, masks + 16));
            var x = 0;
            var w = weights;
            for (; x + 2 <= toA.Length; x += 2)
            {
                var sum = Sum(rowA, rowB, starts[x], w, counts[x], first, second, start);
                w += taps.Width;
                var next = Sum(rowA, rowB, starts[x + 1], w, counts[x + 1], first, second, start);
                w += taps.Width;
                var pairs = Vector128.Shuffle(Bytes(sum, next).AsInt32(), Vector128.Create(0, 2, 1, 3)).AsInt64();
                (*(long*)(outA + x), *(long*)(outB + x)) = (pairs[0], pairs[1]);
            }
            if (x < toA.Length)
            {
                var sum = Sum(rowA, rowB, starts[x], w, counts[x], first, second, start);
                var bytes = Bytes(sum, sum).AsUInt32();
                (toA[x], toB[x]) = (bytes[0], bytes[1]);
            }
        }
    }

    /// <summary>An output pixel of both rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Sum(byte* a, byte* b, int pixel, int* weights, int count, Vector256<byte> first,
        Vector256<byte> second, Vector256<int> start)
    {
        var (high, low) = (Vector256<int>.Zero, start);
        a += pixel * Pixels.Size;
        b += pixel * Pixels.Size;
        for (var t = 0; t < count; t += Taps.Block)
        {
            var pixels = Both(a + t * Pixels.Size, b + t * Pixels.Size);
            var (p, q) = (Shuffle(pixels, first), Shuffle(pixels, second));
            high = Add(high, Add(Products(p, weights + t), Products(q, weights + t + 1)));
            low = Add(low, Add(Products(p, weights + t + 2), Products(q, weights + t + 3)));
        }
        return Whole(high, low);
    }

    /// <summary>One row of bytes from rows that lie above one another.</summary>
    /// <param name="rows">Memory of the rows.</param>
    /// <param name="offsets">Where each tap's row begins in it.</param>
    /// <param name="weights">Packed, one for each.</param>
    /// <param name="line">Whole vectors of 16 bytes.</param>
    public static void Down(ReadOnlySpan<byte> rows, ReadOnlySpan<int> offsets, ReadOnlySpan<int> weights,
        Span<byte> line)
    {
        fixed (byte* from = rows, to = line)
        fixed (int* first = offsets, packed = weights)
        {
            var (zero, start) = (Vector256<int>.Zero, Vector256.Create(Taps.Half));
            for (var i = 0; i < line.Length; i += Vector128<byte>.Count)
            {
                var (highA, highB, lowA, lowB) = (zero, zero, start, start);
                var w = packed;
                for (var at = first; at < first + offsets.Length; at += Taps.Block, w += Taps.Block)
                {
                    Between(from + i, at[0], at[1], out var a, out var b);
                    Between(from + i, at[2], at[3], out var c, out var d);
                    highA = Add(highA, Add(Products(a, w), Products(c, w + 1)));
                    highB = Add(highB, Add(Products(b, w), Products(d, w + 1)));
                    lowA = Add(lowA, Add(Products(a, w + 2), Products(c, w + 3)));
                    lowB = Add(lowB, Add(Products(b, w + 2), Products(d, w + 3)));
                }
                Bytes(Whole(highA, lowA), Whole(highB, lowB)).Store(to + i);
            }
        }
    }

    static int High(int weight) => (weight + (1 << (LowBits - 1))) >> LowBits;

    static int Low(int weight) => weight - (High(weight) << LowBits);

    static int Pair(int first, int second) => first & 0xFFFF | second << 16;

    // What follows is one step of AVX2, or of the instructions before it two: a program that is compiled ahead of time
    // for processors without AVX2 has no vectors of 256 bits but as halves.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Both(byte* lower, byte* upper) => Avx2.IsSupported
        ? Avx2.InsertVector128(Avx2.BroadcastVector128ToVector256(lower), Sse2.LoadVector128(upper), 1)
        : Vector256.Create(Sse2.LoadVector128(lower), Sse2.LoadVector128(upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> Shuffle(Vector256<byte> bytes, Vector256<byte> mask) => (Avx2.IsSupported
        ? Avx2.Shuffle(bytes, mask)
        : Vector256.Create(Ssse3.Shuffle(bytes.GetLower(), mask.GetLower()),
            Ssse3.Shuffle(bytes.GetUpper(), mask.GetUpper()))).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => Avx2.IsSupported ? Avx2.Add(a, b)
        : Vector256.Create(a.GetLower() + b.GetLower(), a.GetUpper() + b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Products(Vector256<short> pairs, int* weights)
    {
        if (Avx2.IsSupported)
            return Avx2.MultiplyAddAdjacent(pairs, Avx2.BroadcastScalarToVector256(weights).AsInt16());
        var all = Vector128.Create(*weights).AsInt16();
        return Vector256.Create(Sse2.MultiplyAddAdjacent(pairs.GetLower(), all),
            Sse2.MultiplyAddAdjacent(pairs.GetUpper(), all));
    }

    /// <summary>Both digits together, in whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Whole(Vector256<int> high, Vector256<int> low) => Avx2.IsSupported
        ? Avx2.ShiftRightArithmetic(Avx2.Add(Avx2.ShiftLeftLogical(high, LowBits), low), Taps.Precision)
        : Vector256.Create(((high.GetLower() << LowBits) + low.GetLower()) >> Taps.Precision,
            ((high.GetUpper() << LowBits) + low.GetUpper()) >> Taps.Precision);

    /// <summary>Bytes of two rows in turn, in 16 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Between(byte* rows, int upper, int lower, out Vector256<short> left, out Vector256<short> right)
    {
        var (a, b) = (Sse2.LoadVector128(rows + upper), Sse2.LoadVector128(rows + lower));
        (left, right) = (Wide(Sse2.UnpackLow(a, b)), Wide(Sse2.UnpackHigh(a, b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> Wide(Vector128<byte> bytes) => Avx2.IsSupported ? Avx2.ConvertToVector256Int16(bytes)
        : Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes)).AsInt16();

    /// <summary>Clipped to bytes, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Bytes(Vector256<int> a, Vector256<int> b)
    {
        if (!Avx2.IsSupported)
            return Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(a.GetLower(), a.GetUpper()),
                Sse2.PackSignedSaturate(b.GetLower(), b.GetUpper()));
        var words = Avx2.Permute4x64(Avx2.PackSignedSaturate(a, b).AsInt64(), 0b11_01_10_00).AsInt16();
        return Sse2.PackUnsignedSaturate(Avx2.ExtractVector128(words, 0), Avx2.ExtractVector128(words, 1));
    }
}
