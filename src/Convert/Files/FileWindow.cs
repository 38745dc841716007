namespace OnnxTimm.Conversion;

/// <summary>Tensors over mapped bytes.</summary>
static class FileWindow
{
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
    /// Bytes of a tensor that a header claims; capped instead of overflowing, so that a lie never matches.
    /// </summary>
    public static UInt128 SizeOf(DType type, long[] shape)
    {
        var count = shape.Where(d => d > 0).Aggregate(UInt128.One, (n, d) => UInt128.Min(n * (ulong)d, long.MaxValue));
        return shape.Contains(0) && count < long.MaxValue ? 0 : (count * (uint)type.Bits() + 7) / 8;
    }
}
