namespace OnnxTimm.Conversion;

/// <summary>Makes tensors from storages, as torch._utils does; views come out contiguous when they are read.</summary>
static class TorchTensors
{
    /// <summary>
    /// How many bytes a view with zero strides may have beyond its storage's: what is only claimed is never allocated.
    /// </summary>
    const long FreeExpansion = 1 << 24;

    /// <summary>
    /// <c>_rebuild_tensor(_v2)</c>: storage, offset, size, strides, and hints for training, which are dropped.
    /// </summary>
    public static object? Rebuild(PickleArguments a)
    {
        var storage = a.Get<TypedStorage>(0);
        return Make(a, storage, storage.Type, storage.Start, storage.Count);
    }

    /// <summary><c>_rebuild_tensor_v3</c>: the storage is bytes, and argument 7 tells the type.</summary>
    public static object? RebuildTyped(PickleArguments a)
    {
        var storage = a.Get<TypedStorage>(0);
        var type = a.Get<ElementType>(6).Type;
        return type.Bits() > 0
            ? Make(a, storage, type, storage.Start, storage.Type.Bytes(storage.Count) * 8 / type.Bits())
            : throw a.Fault($"a tensor of {a.Get<ElementType>(6).Name}");
    }

    static Tensor Make(PickleArguments a, TypedStorage storage, DType type, long start, long elements)
    {
        var (offset, shape, strides) = (a.Size(1), a.Sizes(2), a.Sizes(3));
        if (shape.Length != strides.Length)
            throw a.Fault($"a tensor has {shape.Length} dimensions and {strides.Length} strides");
        var layout = new Strided(type.Bits() / 8, shape, strides);
        if (!layout.Empty && offset + layout.Extent > elements)
            throw a.Fault($"a tensor [{string.Join(", ", shape)}] reaches element {offset + layout.Extent} "
                + $"of storage {storage.Storage.Key}, which has {elements}");
        if (layout.ByteCount > Int128.Max(FreeExpansion, (Int128)elements * layout.Element))
            throw a.Fault($"a tensor [{string.Join(", ", shape)}] expands {elements} elements too far");
        var from = (start + offset) * layout.Element;
        return new Tensor(type, shape, () => Content(storage, layout, from));
    }

    /// <summary>
    /// The mapping itself where it is contiguous and aligned (see <see cref="FileWindow"/>), else a copy.
    /// </summary>
    static ReadOnlyMemory<byte> Content(TypedStorage storage, Strided layout, long from)
    {
        if (layout.Empty)
            return default;
        var window = storage.Slice(from, (long)layout.Extent * layout.Element);
        return !layout.Contiguous ? layout.Gather(window.Span)
            : (storage.Storage.Offset + from) % layout.Element != 0 ? Copies.Of(window.Span)
            : window;
    }
}
