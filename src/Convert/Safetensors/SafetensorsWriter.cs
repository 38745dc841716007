using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTimm.Conversion;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    const int Alignment = 8;

    static readonly Dictionary<string, string> NoFacts = [];

    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes tensors one by one, so that only one needs to be in memory. The header lists them in the given order; the
    /// data lies by descending element size, which aligns every tensor. Equal input gives equal bytes.
    /// </summary>
    /// <param name="path">The file; it appears complete or not at all.</param>
    /// <param name="tensors">Names and contents.</param>
    /// <param name="metadata">
    /// Facts for <c>__metadata__</c>; <c>format: pt</c> is added, which other readers ask for.
    /// </param>
    /// <param name="late">One more of them, which is not known before all tensors are written.</param>
    /// <exception cref="UserException">A type that the format lacks, a repeated name, or a failing disk.</exception>
    public static void Write(
        string path,
        IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        LateFact? late = null)
    {
        CheckNames(path, tensors);
        var placed = tensors.OrderByDescending(t => t.Value.Type.Bits()).ToArray();
        var (offsets, facts) = (Offsets(placed), new Dictionary<string, string>(metadata ?? NoFacts));
        if (late is not null)
            facts[late.Key] = new string('0', late.Length);
        WriteBeside.Write(path, stream =>
        {
            stream.Write(Header(tensors, offsets, facts));
            foreach (var (_, tensor) in placed)
                tensor.WriteTo(stream);
            if (late is null)
                return;
            facts[late.Key] = late.Value.GetAwaiter().GetResult();
            stream.Position = 0;
            stream.Write(Header(tensors, offsets, facts));
        });
    }

    /// <exception cref="UserException">Two tensors have one name.</exception>
    internal static void CheckNames(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        if (tensors.CountBy(t => t.Key).FirstOrDefault(n => n.Value > 1) is { Key: { } twice })
            throw new UserException($"Cannot write \"{path}\": there are two tensors named \"{twice}\".");
    }

    static Dictionary<string, long> Offsets(KeyValuePair<string, Tensor>[] placed)
    {
        var offsets = new Dictionary<string, long>();
        var end = 0L;
        foreach (var (name, tensor) in placed)
        {
            offsets[name] = end;
            end += tensor.ByteCount;
        }
        return offsets;
    }

    static byte[] Header(
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        Dictionary<string, long> offsets,
        Dictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            foreach (var (name, tensor) in tensors)
                WriteEntry(json, name, tensor, offsets[name]);
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    static void WriteMetadata(Utf8JsonWriter json, Dictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        if (!metadata.ContainsKey("format"))
            json.WriteString("format", "pt");
        foreach (var (key, value) in metadata.OrderBy(fact => fact.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    static void WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long start)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", SafetensorsTypes.NameOf(tensor.Type));
        json.WriteStartArray("shape");
        foreach (var d in tensor.Shape)
            json.WriteNumberValue(d);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(start + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
