using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>Brings the elements of a view into C order.</summary>
static class StridedCopy
{
    /// <summary>
    /// Along the side of the squares in which axes are swapped: the lines that a square reads and writes stay in the
    /// first cache even where all of them fall into one of its sets, as they do when sizes are powers of two.
    /// </summary>
    const int Tile = 8;

    /// <summary>Copies the elements of a view out of its storage.</summary>
    /// <param name="element">Bytes of an element: 1, 2, 4, 8 or 16.</param>
    /// <param name="from">The storage.</param>
    /// <param name="to">Room for as many elements as the view has.</param>
    /// <param name="layout">The view; no size is 0.</param>
    public static void Gather(int element, ReadOnlySpan<byte> from, Span<byte> to, StridedLayout layout)
    {
        layout = layout.Merged();
        switch (element)
        {
            case 1: Gather<byte>(from, to, layout); break;
            case 2: Gather<ushort>(from, to, layout); break;
            case 4: Gather<uint>(from, to, layout); break;
            case 8: Gather<ulong>(from, to, layout); break;
            default: Gather<UInt128>(from, to, layout); break;
        }
    }

    static void Gather<T>(ReadOnlySpan<byte> from, Span<byte> to, StridedLayout layout) where T : unmanaged =>
        Gather(MemoryMarshal.Cast<byte, T>(from), MemoryMarshal.Cast<byte, T>(to), layout);

    static void Gather<T>(ReadOnlySpan<T> from, Span<T> to, StridedLayout layout)
    {
        var (sizes, strides) = (layout.Sizes, layout.Strides);
        if (sizes.Length == 0)
            to[0] = from[(int)layout.First];
        else if (strides[^1] != 1 && Array.FindIndex(strides, 0, strides.Length - 1, s => s == 1) is >= 0 and var unit)
            Swap(from, to, layout, unit);
        else if (strides[^1] == 1)
            foreach (var (row, start) in layout.Rows().Index())
                from.Slice((int)start, (int)sizes[^1]).CopyTo(to[(row * (int)sizes[^1])..]);
        else
            foreach (var (row, start) in layout.Rows().Index())
                Row(from, (int)start, to.Slice(row * (int)sizes[^1], (int)sizes[^1]), (int)strides[^1]);
    }

    static void Row<T>(ReadOnlySpan<T> from, int first, Span<T> to, int step)
    {
        for (var i = 0; i < to.Length; i++, first += step)
            to[i] = from[first];
    }

    /// <summary>The elements of one axis lie side by side in the source, those of the last one in the target.</summary>
    static void Swap<T>(ReadOnlySpan<T> from, Span<T> to, StridedLayout layout, int unit)
    {
        var (sizes, last) = (layout.Sizes, layout.Sizes.Length - 1);
        var target = StridedLayout.RowMajor(sizes);
        var (rows, columns) = ((int)sizes[unit], (int)sizes[last]);
        var (row, step) = ((int)target.Strides[unit], (int)layout.Strides[last]);
        StridedLayout Outer(StridedLayout view) => view.Slice(unit, 0, 1).Slice(last, 0, 1);
        foreach (var (read, write) in Outer(layout).Indices().Zip(Outer(target).Indices()))
            for (var top = 0; top < rows; top += Tile)
                for (var left = 0; left < columns; left += Tile)
                    for (var i = top; i < Math.Min(top + Tile, rows); i++)
                        Row(from, (int)read + i + left * step,
                            to.Slice((int)write + i * row + left, Math.Min(Tile, columns - left)), step);
    }
}
