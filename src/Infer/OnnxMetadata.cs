using System.Text;

namespace OnnxTimm.Infer;

/// <summary>
/// The metadata_props of an .onnx file (field 14 of onnx.proto's ModelProto), without the network. ONNX Runtime copies
/// all of them for each that is asked for, so that a file with many takes hours.
/// </summary>
static class OnnxMetadata
{
    const int Props = 14, Key = 1, Value = 2;

    /// <summary>The entries of what ONNX Runtime has loaded; null where that is left to it.</summary>
    public static Dictionary<string, string>? Read(Func<Stream> open)
    {
        try
        {
            using var file = open();
            return Read(file);
        }
        catch (Exception e) when (e is UserException or IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The entries of an .onnx file, the last of a key; null for a file in the form of ONNX Runtime.</summary>
    /// <exception cref="InvalidDataException">No protobuf, or cut short.</exception>
    public static Dictionary<string, string>? Read(Stream file)
    {
        Span<byte> start = stackalloc byte[8];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start[4..].SequenceEqual("ORTM"u8))
            return null;
        var entries = new Dictionary<string, string>();
        file.Position = 0;
        foreach (var (_, entry) in Fields(file, field => field == Props))
        {
            var pair = Fields(new MemoryStream(entry), field => field is Key or Value).ToLookup(f => f.Field);
            entries[Text(pair[Key])] = Text(pair[Value]);
        }
        return entries;
    }

    static string Text(IEnumerable<(int, byte[] Content)> fields) =>
        Encoding.UTF8.GetString(fields.LastOrDefault((0, [])).Content);

    /// <summary>The content of some fields of a message; all others are passed over.</summary>
    static IEnumerable<(int Field, byte[] Content)> Fields(Stream message, Predicate<int> wanted)
    {
        while (message.Position < message.Length)
        {
            var tag = Varint(message);
            var (field, kind) = ((int)(tag >> 3), (int)(tag & 7));
            var number = kind is 0 or 2 ? Varint(message) : 0;
            var length = kind switch
            {
                0 => 0,
                1 => 8,
                2 => number,
                5 => 4,
                _ => throw new InvalidDataException($"there is no field of kind {kind}"),
            };
            if (length < 0 || length > message.Length - message.Position)
                throw new InvalidDataException("a field is longer than what holds it");
            if (kind != 2 || !wanted(field))
            {
                message.Position += length;
                continue;
            }
            var content = new byte[length];
            message.ReadExactly(content);
            yield return (field, content);
        }
    }

    static long Varint(Stream message)
    {
        var value = 0L;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = message.ReadByte();
            if (b < 0)
                break;
            value |= (long)(b & 127) << shift;
            if (b < 128)
                return value;
        }
        throw new InvalidDataException("a number does not end");
    }
}
