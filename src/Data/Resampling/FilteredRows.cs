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
        capacity = checked(2 * most + Together);
        Stride = (checked(width * Pixels.Size) + Vector<byte>.Count - 1) / Vector<byte>.Count * Vector<byte>.Count;
        rows = ArrayPool<int>.Shared.Rent(checked(capacity * Stride));
        wide = ArrayPool<int>.Shared.Rent(checked((taps.End - taps.First) * Pixels.Size * Together));
    }

    /// <summary>Integers from one row to the next: whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Rows that are filtered at once: one pixel of each fills two vectors.</summary>
    static int Together => 2 * Vector<int>.Count / Pixels.Size;

    /// <summary>The first integer of row <paramref name="y"/>; the rows below it follow.</summary>
    public readonly ref int this[int y] => ref rows[(y - origin) * Stride];

    /// <summary>Makes the rows from <paramref name="first"/> to before <paramref name="end"/>; others go.</summary>
    public void Fill(int first, int end)
    {
        next = Math.Max(next, first);
        if (end + Together - origin > capacity)
            RestartAt(first);
        for (; next < end; next += Together)
        {
            for (var i = 0; i < Together; i++)
                Widen(Math.Min(next + i, source.Height - 1), i);
            Filter(ref this[next]);
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

    readonly void Filter(ref int row)
    {
        for (var x = 0; x < width; x++)
        {
            ref var at = ref wide[(taps.Start(x) - taps.First) * Pixels.Size * Together];
            var weights = taps.Weights(x);
            var (a, b) = (new Vector<int>(Taps.Half), new Vector<int>(Taps.Half));
            for (var t = 0; t < weights.Length; t++)
            {
                a += Vector.LoadUnsafe(ref at) * weights[t];
                b += Vector.LoadUnsafe(ref at, (nuint)Vector<int>.Count) * weights[t];
                at = ref Unsafe.Add(ref at, 2 * Vector<int>.Count);
            }
            ref var to = ref Unsafe.Add(ref row, x * Pixels.Size);
            Scatter(Taps.ToByteRange(a), ref to);
            Scatter(Taps.ToByteRange(b), ref Unsafe.Add(ref to, Together / 2 * Stride));
        }
    }

    /// <summary>One pixel to each of the rows from <paramref name="to"/> on.</summary>
    readonly void Scatter(Vector<int> pixels, ref int to)
    {
        if (Vector<int>.Count == Vector128<int>.Count)
            pixels.AsVector128().StoreUnsafe(ref to);
        else if (Vector<int>.Count == Vector256<int>.Count)
        {
            pixels.AsVector256().GetLower().StoreUnsafe(ref to);
            pixels.AsVector256().GetUpper().StoreUnsafe(ref to, (nuint)Stride);
        }
        else
            for (var i = 0; i < Vector<int>.Count; i++)
                Unsafe.Add(ref to, i / Pixels.Size * Stride + i % Pixels.Size) = pixels[i];
    }
}
