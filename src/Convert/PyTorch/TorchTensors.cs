namespace OnnxTimm.Conversion;

/// <summary>Makes tensors from storages, as torch._utils does; views come out contiguous when they are read.</summary>
static class TorchTensors
{
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
        var claimed = new ForeignLayout(type.Bits() / 8, new(0, shape, strides));
        if (!claimed.IsEmpty && offset + claimed.Extent > elements)
            throw a.Fault($"a tensor [{string.Join(", ", shape)}] reaches element {offset + claimed.Extent} "
                + $"of storage {storage.Storage.Key}, which has {elements}");
        storage.File.Claim(claimed.IsEmpty ? 0 : claimed.ByteCount);
        return claimed.IsEmpty ? new Tensor(type, shape, () => default) : Tensor.View(type, claimed.Layout, () =>
            storage.Slice((start + offset) * claimed.Element, (long)claimed.Extent * claimed.Element));
    }
}
