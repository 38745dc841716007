using System.Buffers.Binary;
using System.Globalization;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads the lists of arrays that MXNet's nd.save has written up to 1.9 (<c>.params</c>): a count, the arrays, each
/// with a version of its own, and their names. Arrays of a list without names are called "0", "1", ... in the file's
/// order.
/// </summary>
static class MxParamsReader
{
    const ulong Magic = 0x112;
    const int MagicBytes = 16;
    const long HeaderBytes = 24;
    const long LeastArrayBytes = 4;

    /// <summary>True when the content begins as a list does.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head) =>
        head.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(head) == Magic;

    public static CheckpointContent Read(MappedFile file)
    {
        var header = new ByteCursor(file, "header", file.Slice(0, Math.Min(file.Length, HeaderBytes)));
        header.Take(MagicBytes);
        var count = header.UInt64();
        if (count > (ulong)((file.Length - HeaderBytes) / LeastArrayBytes))
            throw header.Fault($"{count} arrays are announced, more than {file.Length} bytes can hold");
        var arrays = new List<MxArray>();
        var end = HeaderBytes;
        for (var i = 0; i < (int)count; i++)
        {
            arrays.Add(new MxArrayReader(file, i, end).Read());
            end = arrays[^1].End;
        }
        return new CheckpointContent(file.Path, Root(file, arrays, Names(file, end, arrays.Count)),
            new Dictionary<string, string>(), file);
    }

    static string[] Names(MappedFile file, long start, int arrays)
    {
        var cursor = new ByteCursor(file, "list of names", file.From(start));
        var count = cursor.UInt64();
        if (count != 0 && count != (ulong)arrays)
            throw cursor.Fault($"{count} names are announced for {arrays} arrays");
        return [.. Enumerable.Range(0, arrays).Select(i => count == 0
            ? i.ToString(CultureInfo.InvariantCulture)
            : cursor.Text(cursor.UInt64()))];
    }

    /// <summary>An entry without an array stays in the dictionary, as null.</summary>
    static PyDict Root(MappedFile file, List<MxArray> arrays, string[] names)
    {
        var root = new PyDict();
        foreach (var (name, array) in names.Zip(arrays))
        {
            if (array.Storage is MxStorage.RowSparse or MxStorage.Csr)
                throw file.Fault($"array \"{name}\" is sparse ({array.Storage}), only dense ones can be read");
            var tensor = array.Shape is { } shape ? FileWindow.Tensor(file, array.Type, shape, array.Data) : null;
            if (!root.TryAdd(name, tensor))
                throw file.Fault($"there are two arrays named \"{name}\"");
        }
        return root;
    }
}
