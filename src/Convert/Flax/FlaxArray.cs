namespace OnnxTimm.Conversion;

/// <summary>
/// An array of flax.serialization: the content of an extension, which is msgpack again: shape, name of the element
/// type, bytes in C order, little-endian.
/// </summary>
readonly record struct FlaxArray(DType Type, long[] Shape, MsgPackBytes Data)
{
    public const sbyte Complex = 2;
    const sbyte Array = 1;
    const sbyte Scalar = 3;

    /// <summary>Marks the map that stands for an array of more than 1 GiB.</summary>
    const string ChunkedMark = "__msgpack_chunked_array__";

    public static bool IsChunked(PyDict map) => map.ContainsKey(ChunkedMark);

    public static FlaxArray Of(MappedFile file, string name, MsgPackExtension extension)
    {
        if (extension.Type is not (Array or Scalar))
            throw file.Fault($"\"{name}\" is of msgpack's extension type {extension.Type}, which Flax does not write");
        if (new MsgPackReader(file, extension.Offset, extension.Length).Read() is not List<object?> parts
            || parts is not [List<object?> sizes, string typeName, MsgPackBytes data])
            throw file.Fault($"the array \"{name}\" does not consist of shape, type and bytes");
        if (!NumpyTypes.Names.TryGetValue(typeName, out var type))
            throw file.Fault($"the array \"{name}\" has the type \"{typeName}\", "
                + $"none of {string.Join(", ", NumpyTypes.Names.Keys)}");
        var shape = Sizes(file, name, sizes);
        CheckSize(file, name, type, shape, data.Length);
        return new FlaxArray(type, shape, data);
    }

    public Tensor Tensor(MappedFile file) => FileWindow.Tensor(file, Type, Shape, Data.Offset);

    /// <summary>An array in chunks: shape and chunks are maps with the keys "0", "1", ...; chunks are flat.</summary>
    public static Tensor Joined(MappedFile file, string name, PyDict map)
    {
        var shape = Sizes(file, name, Items(file, name, map, "shape"));
        var chunks = Items(file, name, map, "chunks").Select((item, i) => item is MsgPackExtension extension
            ? Of(file, $"{name}/chunks/{i}", extension)
            : throw file.Fault($"the chunk {i} of \"{name}\" is no array")).ToArray();
        if (chunks.Select(chunk => chunk.Type).Distinct().Count() != 1)
            throw file.Fault($"the chunks of \"{name}\" are of several types or none");
        var total = file.Room(chunks.Sum(chunk => chunk.Data.Length));
        CheckSize(file, name, chunks[0].Type, shape, total);
        return OnnxTimm.Tensor.Concat([.. chunks.Select(chunk =>
            FileWindow.Tensor(file, chunk.Type, [chunk.Data.Length / (chunk.Type.Bits() / 8)], chunk.Data.Offset))])
            .Reshape(shape);
    }

    static List<object?> Items(MappedFile file, string name, PyDict map, string key)
    {
        var items = map.GetValueOrDefault(key) as PyDict
            ?? throw file.Fault($"the array \"{name}\" is in chunks, without {key}");
        return [.. Enumerable.Range(0, items.Count).Select(i => items.TryGetValue($"{i}", out var item)
            ? item
            : throw file.Fault($"the array \"{name}\" is in chunks, without {key}/{i}"))];
    }

    static long[] Sizes(MappedFile file, string name, List<object?> sizes) => [.. sizes.Select(size =>
        size is long and >= 0 and var d ? d : throw file.Fault($"the array \"{name}\" has the size {size}"))];

    static void CheckSize(MappedFile file, string name, DType type, long[] shape, long bytes)
    {
        var needed = FileWindow.SizeOf(type, shape);
        if (needed != bytes)
            throw file.Fault(
                $"the array \"{name}\", {type} [{string.Join(", ", shape)}], needs {needed} bytes, it has {bytes}");
    }
}
