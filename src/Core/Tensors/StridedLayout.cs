namespace OnnxTimm;

/// <summary>
/// Where the elements of a view lie in a storage: element [i, j, ...] at
/// <c>First + i * Strides[0] + j * Strides[1] + ...</c>. What transposing, slicing, splitting and broadcasting give is
/// another layout of the same storage, so any number of them costs one pass over the elements.
/// </summary>
/// <param name="First">Index of the first element.</param>
/// <param name="Sizes">Sizes of the view.</param>
/// <param name="Strides">Steps in elements along each axis; 0 repeats, and they may be negative.</param>
public sealed record StridedLayout(long First, long[] Sizes, long[] Strides)
{
    /// <summary>A whole array whose last axis lies together (C order).</summary>
    public static StridedLayout RowMajor(params long[] sizes)
    {
        var strides = new long[sizes.Length];
        for (long i = sizes.Length - 1, step = 1; i >= 0; step = unchecked(step * sizes[i--]))
            strides[i] = step;
        return new(0, sizes, strides);
    }

    /// <summary>A whole array whose first axis lies together (Fortran's order).</summary>
    public static StridedLayout ColumnMajor(params long[] sizes) =>
        RowMajor([.. sizes.Reverse()]).Permute([.. Enumerable.Range(0, sizes.Length).Reverse()]);

    /// <summary>Number of elements that the view shows.</summary>
    public long Count => Sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>True where the elements lie side by side in C order.</summary>
    public bool IsContiguous => Merged() is { Strides: [] or [1] };

    /// <summary>Axis i of the result is axis <c>axes[i]</c> of this view.</summary>
    public StridedLayout Permute(params int[] axes) =>
        new(First, [.. axes.Select(axis => Sizes[axis])], [.. axes.Select(axis => Strides[axis])]);

    /// <summary>Every <paramref name="step"/>-th element from <paramref name="start"/> on along an axis.</summary>
    public StridedLayout Slice(int axis, long start, long size, long step = 1)
    {
        var (sizes, strides) = ((long[])Sizes.Clone(), (long[])Strides.Clone());
        (sizes[axis], strides[axis]) = (size, strides[axis] * step);
        return new(First + start * Strides[axis], sizes, strides);
    }

    /// <summary>The view repeated along its axes of size 1, and along new ones before them.</summary>
    public StridedLayout Broadcast(params long[] sizes)
    {
        var added = sizes.Length - Sizes.Length;
        return new(
            First, sizes, [.. sizes.Select((_, i) => i < added || Sizes[i - added] == 1 ? 0 : Strides[i - added])]);
    }

    /// <summary>
    /// The same elements in the same order with fewer axes: those that lie behind each other without a gap are one, and
    /// those of size 1 are none.
    /// </summary>
    public StridedLayout Merged()
    {
        var axes = new List<(long Size, long Stride)>();
        foreach (var (size, stride) in Sizes.Zip(Strides).Where(axis => axis.First != 1))
            if (axes.Count > 0 && axes[^1].Stride == (Int128)size * stride)
                axes[^1] = (unchecked(axes[^1].Size * size), stride);
            else
                axes.Add((size, stride));
        return new(First, [.. axes.Select(axis => axis.Size)], [.. axes.Select(axis => axis.Stride)]);
    }

    /// <summary>
    /// The view cut into pieces, in C order, of at most so many elements, or of one where a piece cannot have less.
    /// </summary>
    public IEnumerable<StridedLayout> Blocks(long most)
    {
        if (Sizes is not [var size, .. var inner] || Count <= most)
            return [this];
        var row = inner.Aggregate(1L, (product, d) => product * d);
        var rows = Math.Max(1, most / row);
        var blocks = Enumerable.Range(0, (int)((size + rows - 1) / rows))
            .Select(i => Slice(0, i * rows, Math.Min(rows, size - i * rows)));
        return row <= most ? blocks
            : blocks.SelectMany(block => new StridedLayout(block.First, inner, Strides[1..]).Blocks(most));
    }

    /// <summary>Where each element lies, in C order.</summary>
    public IEnumerable<long> Indices()
    {
        var (inner, step) = Sizes.Length == 0 ? (1, 0) : (Sizes[^1], Strides[^1]);
        foreach (var row in Rows())
            for (var i = 0L; i < inner; i++)
                yield return row + i * step;
    }

    /// <summary>Where each row along the last axis begins, in C order.</summary>
    public IEnumerable<long> Rows()
    {
        if (Sizes.Contains(0))
            yield break;
        var (index, at) = (new long[Sizes.Length], First);
        while (true)
        {
            yield return at;
            var axis = Sizes.Length - 2;
            for (; axis >= 0 && ++index[axis] == Sizes[axis]; axis--)
            {
                at -= (Sizes[axis] - 1) * Strides[axis];
                index[axis] = 0;
            }
            if (axis < 0)
                yield break;
            at += Strides[axis];
        }
    }
}
