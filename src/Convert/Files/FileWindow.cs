namespace OnnxTimm.Conversion;

/// <summary>Tensors over mapped bytes.</summary>
static class FileWindow
{
    /// <summary>More elements than a file holds, few enough that sums of their bytes do not overflow.</summary>
    const long Most = 1L << 55;

    /// <summary>
    /// A tensor whose content lies in the file at <paramref name="offset"/>, in C order. The content is the mapping
    /// itself where its address is a multiple of the element size, and an aligned copy elsewhere (native code may
    /// assume aligned elements).
    /// </summary>
    public static Tensor Tensor(MappedFile file, DType type, long[] shape, long offset)
    {
        var size = type.Bytes(shape.Aggregate(1L, (product, d) => checked(product * d)));
        var element = Math.Max(1, type.Bits() / 8);
        return offset % element == 0
            ? new Tensor(type, shape, () => file.Slice(offset, size))
            : new Tensor(type, shape, () => Copies.Of(file.Slice(offset, size).Span));
    }

    /// <summary>
    /// Bytes of a tensor that a header claims; more than any file has where a size is negative or the product too
    /// large, in whatever order, so that a lie never matches.
    /// </summary>
    public static long SizeOf(DType type, long[] shape)
    {
        var count = shape.Where(d => d != 0).Aggregate(1L, (n, d) => d < 0 || n > Most / d ? Most : n * d);
        return shape.Contains(0) && count < Most ? 0 : type.Bytes(count);
    }
}
