using System.Runtime.InteropServices;

namespace OnnxTimm.Conversion;

/// <summary>The layout of a view: where each of its elements lies in a storage.</summary>
sealed class Strided
{
    readonly long[] shape;
    readonly long[] strides;

    /// <param name="element">Bytes of one element.</param>
    /// <param name="shape">Sizes, from zero.</param>
    /// <param name="strides">Distances in elements, from zero.</param>
    public Strided(int element, long[] shape, long[] strides)
    {
        Element = element;
        Empty = shape.Contains(0);
        Extent = shape.Zip(strides).Aggregate(
            (Int128)1, (sum, axis) => Cap(sum + (Int128)(axis.First - 1) * axis.Second));
        ByteCount = shape.Where(d => d > 0).Aggregate((Int128)element, (bytes, d) => Cap(bytes * d));
        (this.shape, this.strides) = Merge(shape, strides);
    }

    /// <summary>A whole array, with its last axis (C order) or its first (Fortran's) lying together.</summary>
    public static Strided Whole(int element, long[] shape, bool fortran) =>
        new(element, shape, fortran ? ColumnMajor(shape) : StridedCopy.RowMajor(shape));

    public int Element { get; }

    public bool Empty { get; }

    /// <summary>Elements of the storage from the first to behind the last that the view touches; capped.</summary>
    public Int128 Extent { get; }

    /// <summary>Bytes of the view made contiguous, where it is not empty; capped.</summary>
    public Int128 ByteCount { get; }

    /// <summary>True when the elements already lie in C order without gaps.</summary>
    public bool Contiguous => shape.Length == 0 || shape.Length == 1 && strides[0] == 1;

    /// <summary>Copies the elements of the view out of its window of the storage, in C order.</summary>
    public byte[] Gather(ReadOnlySpan<byte> window)
    {
        var to = Copies.New((long)ByteCount);
        switch (Element)
        {
            case 1: Gather<byte>(window, to); break;
            case 2: Gather<ushort>(window, to); break;
            case 4: Gather<uint>(window, to); break;
            case 8: Gather<ulong>(window, to); break;
            default: Gather<UInt128>(window, to); break;
        }
        return to;
    }

    void Gather<T>(ReadOnlySpan<byte> window, byte[] bytes) where T : unmanaged => StridedCopy.Gather(
        MemoryMarshal.Cast<byte, T>(window), 0, MemoryMarshal.Cast<byte, T>(bytes.AsSpan()), shape, strides);

    /// <summary>
    /// Joins axes that lie behind each other without a gap and drops axes of size 1: fewer and longer rows.
    /// </summary>
    static (long[] Shape, long[] Strides) Merge(long[] shape, long[] strides)
    {
        var merged = new List<(long Size, long Stride)>();
        foreach (var (size, stride) in shape.Zip(strides).Where(axis => axis.First != 1))
            if (merged.Count > 0 && merged[^1].Stride == (Int128)size * stride)
                merged[^1] = (unchecked(merged[^1].Size * size), stride);
            else
                merged.Add((size, stride));
        return ([.. merged.Select(axis => axis.Size)], [.. merged.Select(axis => axis.Stride)]);
    }

    static long[] ColumnMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        for (var (axis, stride) = (0, 1L); axis < shape.Length; axis++)
        {
            strides[axis] = stride;
            stride = unchecked(stride * shape[axis]);
        }
        return strides;
    }

    static Int128 Cap(Int128 value) => Int128.Min(value, long.MaxValue);
}
