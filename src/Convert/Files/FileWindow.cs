namespace OnnxTimm.Conversion;

/// <summary>Tensors over mapped bytes.</summary>
static class FileWindow
{
    /// <summary>More elements than a file holds, few enough that sums of their bytes do not overflow.</summary>
    const long Most = 1L << 55;

    /// <summary>
    /// A tensor whose content lies in the file at <paramref name="offset"/>, in C order. The content is the mapping
    /// itself where its elements are aligned there, and a copy elsewhere.
    /// </summary>
    public static Tensor Tensor(MappedFile file, DType type, long[] shape, long offset)
    {
        var size = type.Bytes(shape.Aggregate(1L, (product, d) => checked(product * d)));
        file.Claim(size);
        return type.Bits() < 8
            ? new Tensor(type, shape, () => file.Slice(offset, size))
            : OnnxTimm.Tensor.View(type, StridedLayout.RowMajor(shape), () => file.Slice(offset, size));
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
