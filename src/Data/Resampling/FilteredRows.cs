using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>
/// Rows after the horizontal pass, one integer in 0..255 a channel, made when the vertical pass asks for them and kept
/// in a window of memory that follows it. Input rows are widened to integers and interleaved first, so that one vector
/// holds the same pixel of each.
/// </summary>
ref struct FilteredRows : IDisposable
{
    readonly Pixels source;
    readonly Taps taps;
    readonly int width;
    readonly int capacity;
    readonly int[] rows;
    readonly int[] wide;
    int origin;
    int next;

    /// <param name="source">Input pixels.</param>
    /// <param name="taps">The horizontal filter.</param>
    /// <param name="width">Output pixels of a row.</param>
    /// <param name="most">Most rows that are in use at once.</param>
    public FilteredRows(Pixels source, Taps taps, int width, int most)
    {
        this.source = source;
        this.taps = taps;
        this.width = width;
        capacity = 2 * most + Together;
        Stride = (width * Pixels.Size + Vector<byte>.Count - 1) / Vector<byte>.Count * Vector<byte>.Count;
        rows = ArrayPool<int>.Shared.Rent(capacity * Stride);
        wide = ArrayPool<int>.Shared.Rent((taps.End - taps.First) * Pixels.Size * Together);
    }

    /// <summary>Integers from one row to the next: whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Rows that are filtered at once: one pixel of each fills a vector.</summary>
    static int Together => Vector<int>.Count == Vector256<int>.Count ? 2 : 1;

    /// <summary>The first integer of row <paramref name="y"/>; the rows below it follow.</summary>
    public readonly ref int this[int y] => ref rows[(y - origin) * Stride];

    /// <summary>Makes the rows from <paramref name="first"/> up to <paramref name="end"/>; earlier ones may go.</summary>
    public void Fill(int first, int end)
    {
        next = Math.Max(next, first);
        if (end + Together - origin > capacity)
            RestartAt(first);
        for (; next < end; next += Together)
        {
            for (var i = 0; i < Together; i++)
                Widen(Math.Min(next + i, source.Height - 1), i);
            Filter(ref this[next], ref this[next + Together - 1]);
        }
    }

    public readonly void Dispose()
    {
        ArrayPool<int>.Shared.Return(rows);
        ArrayPool<int>.Shared.Return(wide);
    }

    void RestartAt(int first)
    {
        if (next > first)
            rows.AsSpan((first - origin) * Stride, (next - first) * Stride).CopyTo(rows);
        origin = first;
    }

    readonly void Widen(int y, int place)
    {
        var row = source.Row(y)[(taps.First * Pixels.Size)..(taps.End * Pixels.Size)];
        ref var to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(wide), place * Pixels.Size);
        var step = (nuint)(Together * Pixels.Size);
        var i = 0;
        for (; i + Vector128<byte>.Count <= row.Length; i += Vector128<byte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(row), (nuint)i));
            var at = (nuint)(i * Together);
            Vector128.WidenLower(low).AsInt32().StoreUnsafe(ref to, at);
            Vector128.WidenUpper(low).AsInt32().StoreUnsafe(ref to, at + step);
            Vector128.WidenLower(high).AsInt32().StoreUnsafe(ref to, at + 2 * step);
            Vector128.WidenUpper(high).AsInt32().StoreUnsafe(ref to, at + 3 * step);
        }
        for (; i < row.Length; i++)
            Unsafe.Add(ref to, i / Pixels.Size * (int)step + i % Pixels.Size) = row[i];
    }

    readonly void Filter(ref int first, ref int second)
    {
        for (var x = 0; x < width; x++)
        {
            ref var at = ref wide[(taps.Start(x) - taps.First) * Vector<int>.Count];
            var sum = new Vector<int>(Taps.Half);
            foreach (var weight in taps.Weights(x))
            {
                sum += Vector.LoadUnsafe(ref at) * weight;
                at = ref Unsafe.Add(ref at, Vector<int>.Count);
            }
            var pixels = Taps.ToByteRange(sum);
            pixels.AsVector128().StoreUnsafe(ref first, (nuint)(x * Pixels.Size));
            if (Together == 2)
                pixels.AsVector256().GetUpper().StoreUnsafe(ref second, (nuint)(x * Pixels.Size));
        }
    }
}
