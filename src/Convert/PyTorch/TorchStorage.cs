namespace OnnxTimm.Conversion;

/// <summary>
/// The bytes of one storage. Pickles name storages before their place is known, so the place is set when the rest of
/// the file has been looked at; until then only the size that the pickle claims is known.
/// </summary>
sealed class TorchStorage(string key, int element)
{
    public string Key { get; } = key;

    /// <summary>Bytes of one element of the type that it was saved as.</summary>
    public int Element { get; } = element;

    /// <summary>The most bytes that the pickle claims; the real storage must have them.</summary>
    public long Claimed { get; private set; }

    /// <summary>Where a mapped storage begins in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Gives the content of a compressed storage; null for a mapped one.</summary>
    public Func<ReadOnlyMemory<byte>>? Inflate { get; private set; }

    public bool Placed { get; private set; }

    readonly WeakReference<object?> inflated = new(null);

    /// <summary>The content of a compressed storage, unpacked once for tensors that follow each other.</summary>
    public ReadOnlyMemory<byte> Inflated()
    {
        if (inflated.TryGetTarget(out var known))
            return (ReadOnlyMemory<byte>)known!;
        var content = Inflate!();
        inflated.SetTarget(content);
        return content;
    }

    public void Claim(long bytes) => Claimed = Math.Max(Claimed, bytes);

    public void Place(long offset, Func<ReadOnlyMemory<byte>>? inflate = null)
    {
        Placed = true;
        Offset = offset;
        Inflate = inflate;
    }
}

/// <summary>
/// A storage seen as <paramref name="Count"/> elements of a type, from element <paramref name="Start"/>.
/// </summary>
sealed record TypedStorage(MappedFile File, TorchStorage Storage, DType Type, long Start, long Count)
{
    /// <summary>Bytes <c>[offset, offset + length)</c> of the storage.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, long length) => Storage.Inflate is not null
        ? Storage.Inflated().Slice(checked((int)offset), checked((int)length))
        : File.Slice(Storage.Offset + offset, length);
}

/// <summary>The storages that a pickle names, by key.</summary>
sealed class TorchStorages(MappedFile file)
{
    readonly Dictionary<string, TorchStorage> byKey = [];

    public IReadOnlyDictionary<string, TorchStorage> ByKey => byKey;

    /// <summary>
    /// Resolves a persistent id: <c>("storage", type, key, location, count)</c>, in the legacy form with a view
    /// <c>(key, start, count)</c> or None behind it.
    /// </summary>
    public object? Load(object? id)
    {
        if (id is object?[] and ["storage", PyGlobal { IsKnown: false } unknown, ..])
            return PyOpaque.Storage(unknown.Name);
        if (id is not object?[] parts || parts is not ["storage", StorageType type, _, _, long count and >= 0, ..])
            throw file.Fault("a persistent id names no storage");
        var storage = Named(parts[2], type.Type);
        storage.Claim(Bytes(type.Type, count));
        return parts is [.., object?[] view] && parts.Length > 5
            ? View(storage, type, count, view)
            : new TypedStorage(file, storage, type.Type, 0, count);
    }

    TypedStorage View(TorchStorage storage, StorageType type, long count, object?[] view) =>
        view is [_, long start and >= 0, long viewed and >= 0] && start <= count - viewed
            ? new TypedStorage(file, storage, type.Type, start, viewed)
            : throw file.Fault("a storage view leaves its storage");

    TorchStorage Named(object? key, DType type)
    {
        var name = key as string ?? (key as long?)?.ToString() ?? throw file.Fault("a storage has no key");
        if (!byKey.TryGetValue(name, out var storage))
            byKey[name] = storage = new TorchStorage(name, type.Bits() / 8);
        return storage;
    }

    long Bytes(DType type, long count) => count <= file.Length * 2000 / Math.Max(1, type.Bits() / 8)
        ? type.Bytes(count)
        : throw file.Fault($"a storage of {count} elements is claimed, the file has {file.Length} bytes");
}
