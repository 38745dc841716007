namespace OnnxTimm;

/// <summary>Brings the elements of a strided view into C order.</summary>
public static class StridedCopy
{
    /// <summary>
    /// Along the side of the squares in which axes are swapped: the lines that a square reads and writes stay in the
    /// first cache even where all of them fall into one of its sets, as they do when sizes are powers of two.
    /// </summary>
    const int Tile = 8;

    /// <summary>to[i, j, ...] = from[first + i strides[0] + j strides[1] + ...].</summary>
    /// <param name="from">The elements.</param>
    /// <param name="first">Index of the view's first element.</param>
    /// <param name="to">As many elements as the view has.</param>
    /// <param name="sizes">Sizes of the view; none is 0.</param>
    /// <param name="strides">Steps in elements along each axis; they may be negative.</param>
    public static void Gather<T>(ReadOnlySpan<T> from, long first, Span<T> to, long[] sizes, long[] strides)
    {
        if (sizes.Length == 0)
            to[0] = from[(int)first];
        else if (strides[^1] != 1 && Array.FindIndex(strides, 0, strides.Length - 1, s => s == 1) is >= 0 and var unit)
            Swap(from, first, to, sizes, strides, unit);
        else
            foreach (var (row, start) in Starts(sizes[..^1], strides[..^1]).Index())
                Row(from, (int)(first + start), to.Slice(row * (int)sizes[^1], (int)sizes[^1]), (int)strides[^1]);
    }

    static void Row<T>(ReadOnlySpan<T> from, int first, Span<T> to, int step)
    {
        if (step == 1)
            from.Slice(first, to.Length).CopyTo(to);
        else
            for (var i = 0; i < to.Length; i++)
                to[i] = from[first + i * step];
    }

    /// <summary>The elements of one axis lie side by side in the source, those of the last one in the target.</summary>
    static void Swap<T>(ReadOnlySpan<T> from, long first, Span<T> to, long[] sizes, long[] strides, int unit)
    {
        var row = (int)sizes[(unit + 1)..].Aggregate(1L, (product, size) => product * size);
        long[] outer = [.. sizes[..unit], 1, .. sizes[(unit + 1)..^1], 1];
        var (rows, columns, step) = ((int)sizes[unit], (int)sizes[^1], (int)strides[^1]);
        foreach (var (read, write) in Starts(outer, strides).Zip(Starts(outer, RowMajor(sizes))))
            for (var top = 0; top < rows; top += Tile)
                for (var left = 0; left < columns; left += Tile)
                    for (var i = top; i < Math.Min(top + Tile, rows); i++)
                        for (var j = left; j < Math.Min(left + Tile, columns); j++)
                            to[(int)write + i * row + j] = from[(int)(first + read) + i + j * step];
    }

    /// <summary>Where each element of a view without empty axes lies from its first on, in C order.</summary>
    internal static IEnumerable<long> Starts(long[] sizes, long[] strides)
    {
        var (index, at) = (new long[sizes.Length], 0L);
        while (true)
        {
            yield return at;
            var axis = sizes.Length - 1;
            for (; axis >= 0 && ++index[axis] == sizes[axis]; axis--)
            {
                at -= (sizes[axis] - 1) * strides[axis];
                index[axis] = 0;
            }
            if (axis < 0)
                yield break;
            at += strides[axis];
        }
    }

    /// <summary>Steps between neighbours along each axis of a tensor in C order.</summary>
    public static long[] RowMajor(long[] sizes)
    {
        var strides = new long[sizes.Length];
        for (long i = sizes.Length - 1, step = 1; i >= 0; step *= sizes[i--])
            strides[i] = step;
        return strides;
    }
}
