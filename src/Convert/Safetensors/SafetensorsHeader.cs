using System.Buffers.Binary;
using System.Text.Json;

namespace OnnxTimm.Conversion;

/// <summary>One tensor of a safetensors header: bytes <c>[Start, End)</c> behind the header.</summary>
readonly record struct SafetensorsEntry(string Name, DType Type, long[] Shape, long Start, long End);

/// <summary>
/// The header of a safetensors file: 8 bytes of length, then JSON. Every claim is held against the file's real length
/// before it is used (format: huggingface/safetensors).
/// </summary>
static class SafetensorsHeader
{
    const int MaxLength = 100_000_000;  // the format's own limit

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    /// <summary>True when the length that the file begins with fits it and JSON follows.</summary>
    public static bool Fits(ReadOnlySpan<byte> head, long fileLength) =>
        Resembles(head) && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)(fileLength - 8);

    /// <summary>True when JSON begins where a header's would.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head) => head.Length > 8 && head[8] == '{' && head[7] < ' ';

    /// <summary>The tensors in header order, and where the data begins in the file.</summary>
    public static List<SafetensorsEntry> Parse(MappedFile file, Dictionary<string, string> metadata, out long dataStart)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.From(0).Span);
        if (length > (ulong)(file.Length - 8) || length > MaxLength)
            throw file.Fault($"the header claims {length} bytes, the file has {file.Length}");
        dataStart = 8 + (long)length;
        var entries = Entries(file, file.Slice(8, (long)length), metadata);
        CheckLayout(file, entries, file.Length - dataStart);
        return entries;
    }

    static List<SafetensorsEntry> Entries(
        MappedFile file, ReadOnlyMemory<byte> header, Dictionary<string, string> metadata)
    {
        try
        {
            using var json = JsonDocument.Parse(header, Strict);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? Entries(file, json.RootElement, metadata)
                : throw file.Fault("the header is no JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)  // the latter: text that is no UTF-8
        {
            throw file.Fault($"the header is no valid JSON ({e.Message.TrimEnd('.')})");
        }
    }

    static List<SafetensorsEntry> Entries(MappedFile file, JsonElement root, Dictionary<string, string> metadata)
    {
        var entries = new List<SafetensorsEntry>();
        foreach (var property in root.EnumerateObject())
            if (property.NameEquals("__metadata__"))
                ReadMetadata(file, property.Value, metadata);
            else
                entries.Add(Entry(file, property.Name, property.Value));
        return entries;
    }

    static void ReadMetadata(MappedFile file, JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw file.Fault("__metadata__ is no JSON object");
        foreach (var fact in value.EnumerateObject())
            metadata[fact.Name] = Text(file, fact.Name, fact.Value);
    }

    static SafetensorsEntry Entry(MappedFile file, string name, JsonElement value)
    {
        var dtype = Text(file, name, Member(file, name, value, "dtype"));
        if (!SafetensorsTypes.TryParse(dtype, out var type))
            throw file.Fault(
                $"tensor \"{name}\" has the dtype \"{dtype}\", none of {string.Join(", ", SafetensorsTypes.Names)}");
        var shape = Integers(file, name, Member(file, name, value, "shape"));
        var offsets = Integers(file, name, Member(file, name, value, "data_offsets"));
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw file.Fault($"tensor \"{name}\" has no valid data_offsets");
        var bytes = FileWindow.SizeOf(type, shape);
        if (bytes != offsets[1] - offsets[0])
            throw file.Fault($"tensor \"{name}\", {dtype} [{string.Join(", ", shape)}], needs {bytes} bytes, "
                + $"its data_offsets span {offsets[1] - offsets[0]}");
        return new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
    }

    /// <summary>Tensors must tile the data exactly: no overlap, no hole, nothing behind.</summary>
    static void CheckLayout(MappedFile file, List<SafetensorsEntry> entries, long dataLength)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (entry.Start != end)
                throw file.Fault($"tensor \"{entry.Name}\" begins at byte {entry.Start} of the data, "
                    + $"the tensor before it ends at {end}: tensors must not overlap or leave holes");
            end = entry.End;
        }
        if (end != dataLength)
            throw file.Fault($"the header describes {end} bytes of data, the file has {dataLength}: "
                + (end > dataLength ? "it was cut short" : "something else follows"));
    }

    static JsonElement Member(MappedFile file, string name, JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var found)
            ? found
            : throw file.Fault($"tensor \"{name}\" has no {member}");

    static string Text(MappedFile file, string name, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw file.Fault($"\"{name}\" has {value.ValueKind} where a text is expected");

    static long[] Integers(MappedFile file, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw file.Fault($"tensor \"{name}\" has {value.ValueKind} where an array is expected");
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number
            && item.TryGetInt64(out var number) && number >= 0
                ? number
                : throw file.Fault($"tensor \"{name}\" has {item} where a size is expected"))];
    }
}
