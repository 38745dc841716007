using System.Buffers.Binary;
using System.Text.Json;

namespace OnnxTimm.Conversion;

/// <summary>One tensor of a safetensors header: bytes <c>[Start, End)</c> behind the header.</summary>
readonly record struct SafetensorsEntry(string Name, DType Type, long[] Shape, long Start, long End);

/// <summary>
/// The header of a safetensors file: 8 bytes of length, then JSON. Every claim is held against the file's real length
/// before it is used (format: huggingface/safetensors).
/// </summary>
sealed class SafetensorsHeader
{
    const int MaxLength = 100_000_000;  // the format's own limit

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    readonly MappedFile file;
    readonly List<SafetensorsEntry> entries = [];
    readonly Dictionary<string, string> metadata = [];

    SafetensorsHeader(MappedFile file, long dataStart) => (this.file, DataStart) = (file, dataStart);

    /// <summary>The tensors in header order.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries;

    /// <summary>Plain facts beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Where the data begins in the file.</summary>
    public long DataStart { get; }

    /// <summary>True when the length that the file begins with fits it and JSON follows.</summary>
    public static bool Fits(ReadOnlySpan<byte> head, long fileLength) =>
        Resembles(head) && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)(fileLength - 8);

    /// <summary>True when JSON begins where a header's would.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head) => head.Length > 8 && head[8] == '{' && head[7] < ' ';

    /// <exception cref="UserException">The header is flawed, or claims what the file does not have.</exception>
    public static SafetensorsHeader Read(MappedFile file)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.From(0).Span);
        if (length > (ulong)(file.Length - 8) || length > MaxLength)
            throw file.Fault($"the header claims {length} bytes, the file has {file.Length}");
        var header = new SafetensorsHeader(file, 8 + (long)length);
        header.Parse(file.Slice(8, (long)length));
        header.CheckLayout();
        return header;
    }

    void Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw file.Fault("the header is no JSON object");
            foreach (var property in json.RootElement.EnumerateObject())
                if (property.NameEquals("__metadata__"))
                    ReadMetadata(property.Value);
                else
                    entries.Add(Entry(property.Name, property.Value));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)  // the latter: text that is no UTF-8
        {
            throw file.Fault($"the header is no valid JSON ({e.Message.TrimEnd('.')})");
        }
    }

    void ReadMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw file.Fault("__metadata__ is no JSON object");
        foreach (var fact in value.EnumerateObject())
            metadata[fact.Name] = Text(fact.Name, fact.Value);
    }

    SafetensorsEntry Entry(string name, JsonElement value)
    {
        var dtype = Text(name, Member(name, value, "dtype"));
        if (!SafetensorsTypes.TryParse(dtype, out var type))
            throw file.Fault(
                $"tensor \"{name}\" has the dtype \"{dtype}\", none of {string.Join(", ", SafetensorsTypes.Names)}");
        var shape = Integers(name, Member(name, value, "shape"));
        var offsets = Integers(name, Member(name, value, "data_offsets"));
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw file.Fault($"tensor \"{name}\" has no valid data_offsets");
        var bytes = FileWindow.SizeOf(type, shape);
        if (bytes != offsets[1] - offsets[0])
            throw file.Fault($"tensor \"{name}\", {dtype} [{string.Join(", ", shape)}], needs {bytes} bytes, "
                + $"its data_offsets span {offsets[1] - offsets[0]}");
        return new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
    }

    /// <summary>Tensors must tile the data exactly: no overlap, no hole, nothing behind.</summary>
    void CheckLayout()
    {
        var (end, dataLength) = (0L, file.Length - DataStart);
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

    JsonElement Member(string name, JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var found)
            ? found
            : throw file.Fault($"tensor \"{name}\" has no {member}");

    string Text(string name, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw file.Fault($"\"{name}\" has {value.ValueKind} where a text is expected");

    long[] Integers(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw file.Fault($"tensor \"{name}\" has {value.ValueKind} where an array is expected");
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number
            && item.TryGetInt64(out var number) && number >= 0
                ? number
                : throw file.Fault($"tensor \"{name}\" has {item} where a size is expected"))];
    }
}
