using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>
/// Rows after the horizontal pass, made when the vertical pass asks for them and kept in a window of memory that
/// follows it.
/// </summary>
ref struct FilteredRows : IDisposable
{
    /// <summary>Rows that are filtered at once.</summary>
    const int Together = 2;

    readonly Pixels source;
    readonly Taps taps;
    readonly int width;
    readonly int capacity;
    readonly byte[] rows;
    readonly byte[] padded;
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
        Stride = checked(width * Pixels.Size + Vector128<byte>.Count - 1) & -Vector128<byte>.Count;
        rows = ArrayPool<byte>.Shared.Rent(checked(capacity * Stride));
        padded = ArrayPool<byte>.Shared.Rent(taps.Width * Pixels.Size * Together);
    }

    /// <summary>Bytes from one row to the next: whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Memory of the rows, where <see cref="Offset"/> says.</summary>
    public readonly ReadOnlySpan<byte> Bytes => rows;

    /// <summary>Where row <paramref name="y"/> begins in <see cref="Bytes"/>.</summary>
    public readonly int Offset(int y) => (y - origin) * Stride;

    /// <summary>Makes the rows from <paramref name="first"/> to before <paramref name="end"/>; others go.</summary>
    public void Fill(int first, int end)
    {
        next = Math.Max(next, first);
        if (end + Together - origin > capacity)
            RestartAt(first);
        for (; next < end; next += Together)
        {
            var a = source.Row(next);
            var b = source.Row(Math.Min(next + 1, source.Height - 1));
            if (taps.IsCopy)
            {
                a.Slice(taps.First * Pixels.Size, width * Pixels.Size).CopyTo(rows.AsSpan(Offset(next)));
                b.Slice(taps.First * Pixels.Size, width * Pixels.Size).CopyTo(rows.AsSpan(Offset(next + 1)));
            }
            else if (source.Width < taps.Width)
                Filter(Padded(a, 0), Padded(b, 1));
            else
                Filter(a, b);
        }
    }

    public readonly void Dispose()
    {
        ArrayPool<byte>.Shared.Return(rows);
        ArrayPool<byte>.Shared.Return(padded);
    }

    void RestartAt(int first)
    {
        if (next > first)
            rows.AsSpan(Offset(first), (next - first) * Stride).CopyTo(rows);
        origin = first;
    }

    /// <summary>A row that is shorter than the filter, in memory that is not.</summary>
    readonly ReadOnlySpan<byte> Padded(ReadOnlySpan<byte> row, int place)
    {
        var room = padded.AsSpan(place * taps.Width * Pixels.Size, taps.Width * Pixels.Size);
        row.CopyTo(room);
        return room;
    }

    readonly void Filter(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (taps.InPairs)
            PairSums.Along(a, b, taps, Output(next), Output(next + 1));
        else
            WholeSums.Along(a, b, taps, Output(next), Output(next + 1));
    }

    readonly Span<uint> Output(int y) =>
        MemoryMarshal.Cast<byte, uint>(rows.AsSpan(Offset(y), width * Pixels.Size));
}
