using System.Text.Json;

namespace OnnxTimm.Onnx;

/// <summary>
/// SHA-256 of what a file holds, by parts, however protobuf has it encoded and wherever the weights lie. It stands in
/// the file's own metadata.
/// </summary>
/// <param name="Weights">Of stored tensors: names, types, sizes, content.</param>
/// <param name="Network">Of nodes, inputs, outputs, functions and versions of operators.</param>
/// <param name="Facts">Of the metadata, but for the seal.</param>
public sealed record Seal(string Weights, string Network, string Facts)
{
    /// <summary>Its key in the metadata.</summary>
    public const string Key = "onnxtimm.seal";

    /// <summary>The value of the key, JSON of constant length.</summary>
    public string Text => $$"""{"weights":"{{Weights}}","network":"{{Network}}","facts":"{{Facts}}"}""";

    /// <summary>The seal of what a file holds, and the one that was written into it; null for none.</summary>
    /// <exception cref="UserException">No such file, no ONNX model, or a damaged one.</exception>
    public static (Seal Found, Seal? Written) Of(string path)
    {
        var source = ByteSource.Open(path);
        var parts = ModelParts.Of(source);
        return (Sealing.Of(source, parts), Parse(source,
            parts.Model.MetadataProps.LastOrDefault(entry => entry.Key == Key)?.Value));
    }

    /// <summary>The parts in which two differ, by their names.</summary>
    public IEnumerable<string> Differences(Seal other)
    {
        if (Weights != other.Weights)
            yield return "weights";
        if (Network != other.Network)
            yield return "network";
        if (Facts != other.Facts)
            yield return "metadata";
    }

    static Seal? Parse(ByteSource source, string? text)
    {
        try
        {
            return text is null ? null : JsonDocument.Parse(text).RootElement is var o
                ? new(Part(o, "weights"), Part(o, "network"), Part(o, "facts")) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw source.Fault($"its seal is damaged: {e.Message}", e);
        }
    }

    static string Part(JsonElement o, string name) => o.GetProperty(name).GetString() ?? "";
}
