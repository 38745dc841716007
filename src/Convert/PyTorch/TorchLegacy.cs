using System.Buffers.Binary;
using System.Numerics;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads what torch.save wrote before PyTorch 1.6: five pickles (magic number, protocol, facts about the machine, the
/// object, the keys of its storages), then each storage as a count and raw bytes.
/// </summary>
static class TorchLegacy
{
    const long Protocol = 1001;

    static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356");

    public static CheckpointContent Read(MappedFile file)
    {
        var cursor = new ByteCursor(file, "pickle", file.From(0));
        CheckMachine(file, cursor);
        var storages = new TorchStorages(file);
        var root = new PickleMachine(cursor, storages.Load).Run();
        if (Plain(cursor) is not List<object?> keys)
            throw file.Fault("the list of storages is missing");
        PlaceAll(file, storages, keys, cursor.Position);
        return TorchContent.Of(file, root);
    }

    static void CheckMachine(MappedFile file, ByteCursor cursor)
    {
        if (Plain(cursor) is not BigInteger magic || magic != Magic)
            throw file.Fault("it is a pickle, but not one of torch.save");
        if (Plain(cursor) is not Protocol)
            throw file.Fault("its protocol is unknown");
        if (Plain(cursor) is not PyDict facts || facts.GetValueOrDefault("little_endian") is not true)
            throw file.Fault("it was saved in another byte order than little-endian");
    }

    /// <summary>A pickle that refers to no storage.</summary>
    static object? Plain(ByteCursor cursor) =>
        new PickleMachine(cursor, _ => throw cursor.Fault("a storage where none belongs")).Run();

    static void PlaceAll(MappedFile file, TorchStorages storages, List<object?> keys, long at)
    {
        foreach (var key in keys)
        {
            if (key is not string name || !storages.ByKey.TryGetValue(name, out var storage))
                throw file.Fault($"the storage \"{key}\" belongs to no tensor");
            if (at > file.Length - 8)
                throw file.Fault($"it ends before the storage \"{name}\": it was cut short");
            var count = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(at, 8).Span);
            if (count < 0 || count > (file.Length - at - 8) / storage.Element)
                throw file.Fault($"the storage \"{name}\" has {count} elements, the file fewer: it was cut short");
            at += 8;
            storage.Place(at);
            at += count * storage.Element;
            if (count * storage.Element < storage.Claimed)
                throw file.Fault(
                    $"the storage \"{name}\" has {count * storage.Element} bytes, its tensors need {storage.Claimed}");
        }
        if (storages.ByKey.Values.FirstOrDefault(storage => !storage.Placed) is { } missing)
            throw file.Fault($"the storage \"{missing.Key}\" is missing");
    }
}
