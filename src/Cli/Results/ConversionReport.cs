using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Cli.Results;

/// <summary>What a conversion did, tensor by tensor, with the hashes of both sides.</summary>
/// <param name="File">The weights as they were read.</param>
/// <param name="Facts">Where they come from and what they became: keys and values.</param>
/// <param name="Result">How tensors met names.</param>
sealed record ConversionReport(StateDict File, IReadOnlyList<(string Key, string Value)> Facts, LoadResult Result)
{
    /// <summary>Writes the report as JSON; tensors are read one by one.</summary>
    public void Save(string path) => ResultFiles.Save(path, Json.Text(Write));

    void Write(Utf8JsonWriter w)
    {
        w.WriteStartObject();
        foreach (var (key, value) in Facts)
            w.WriteString(key, value);
        w.WriteStartArray("tensors");
        foreach (var entry in Result.Entries)
            Write(w, entry);
        w.WriteEndArray();
        w.WriteStartArray("skipped");
        foreach (var (name, reason) in Result.Renamed.Skipped)
            Fields(w, ("source", name), ("reason", reason));
        w.WriteEndArray();
        Names(w, "missing", Result.Missing);
        Names(w, "unexpected", Result.Unexpected);
        w.WriteEndObject();
    }

    void Write(Utf8JsonWriter w, Entry entry) => Fields(w,
        ("target", entry.Name),
        ("shape", entry.Tensor.Shape),
        ("dtype", entry.Tensor.Type.ToString().ToLowerInvariant()),
        ("sha256", Hash(entry.Tensor)),
        ("sources", entry.Sources),
        ("source_sha256", entry.Sources.Select(name => Hash(File[name]))),
        ("operations", entry.Operations));

    static void Names(Utf8JsonWriter w, string key, IReadOnlyList<string> names)
    {
        w.WritePropertyName(key);
        Json.Value(w, names);
    }

    static void Fields(Utf8JsonWriter w, params (string Key, object Value)[] fields)
    {
        w.WriteStartObject();
        foreach (var (key, value) in fields)
        {
            w.WritePropertyName(key);
            Json.Value(w, value);
        }
        w.WriteEndObject();
    }

    static string Hash(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span));
}
