namespace OnnxTimm.Conversion;

/// <summary>
/// The layout of an array as a file claims it, and what the array would need: nothing here overflows.
/// </summary>
/// <param name="element">Bytes of one element.</param>
/// <param name="layout">Sizes and distances in elements, all from zero on.</param>
sealed class ForeignLayout(int element, StridedLayout layout)
{
    /// <summary>A whole array, with its last axis (C order) or its first (Fortran's) lying together.</summary>
    public static ForeignLayout Whole(int element, long[] shape, bool fortran) =>
        new(element, fortran ? StridedLayout.ColumnMajor(shape) : StridedLayout.RowMajor(shape));

    public StridedLayout Layout { get; } = layout;

    public int Element { get; } = element;

    public bool IsEmpty { get; } = layout.Sizes.Contains(0);

    /// <summary>Elements of the storage from the first to behind the last that the view touches; capped.</summary>
    public Int128 Extent { get; } = layout.Sizes.Zip(layout.Strides).Aggregate(
        (Int128)1, (sum, axis) => Cap(sum + (Int128)(axis.First - 1) * axis.Second));

    /// <summary>Bytes of the view made contiguous, where it is not empty; capped.</summary>
    public Int128 ByteCount { get; } = layout.Sizes.Where(d => d > 0).Aggregate(
        (Int128)element, (bytes, d) => Cap(bytes * d));

    static Int128 Cap(Int128 value) => Int128.Min(value, long.MaxValue);
}
