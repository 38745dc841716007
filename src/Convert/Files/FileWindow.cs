namespace OnnxTimm.Conversion;

/// <summary>Tensors over mapped bytes.</summary>
static class FileWindow
{
    /// <summary>
    /// A tensor whose content lies in the file at <paramref name="offset"/>, in C order. The content is the mapping
    /// itself where its elements are aligned there, and a copy elsewhere.
    /// </summary>
    public static Tensor Tensor(MappedFile file, DType type, long[] shape, long offset)
    {
        var size = type.Bytes(shape.Aggregate(1L, (product, d) => checked(product * d)));
        return type.Bits() < 8
            ? new Tensor(type, shape, () => file.Slice(offset, size))
            : OnnxTimm.Tensor.View(type, StridedLayout.RowMajor(shape), () => file.Slice(offset, size));
    }

    /// <summary>
    /// Bytes of a tensor that a header claims; capped instead of overflowing, so that a lie never matches.
    /// </summary>
    public static UInt128 SizeOf(DType type, long[] shape)
    {
        var count = shape.Where(d => d > 0).Aggregate(UInt128.One, (n, d) => UInt128.Min(n * (ulong)d, long.MaxValue));
        return shape.Contains(0) && count < long.MaxValue ? 0 : (count * (uint)type.Bits() + 7) / 8;
    }
}
