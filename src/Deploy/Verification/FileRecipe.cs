using System.Text.Json;

namespace OnnxTimm.Deploy;

/// <summary>How a file came to be: a JSON array with an object for each step, the first first.</summary>
public static class FileRecipe
{
    /// <summary>Its key in the metadata.</summary>
    public const string Key = "onnxtimm.recipe";

    /// <summary>The recipe of what was made of a file by a further step.</summary>
    /// <param name="before">The recipe so far; null for none.</param>
    /// <param name="facts">The step's name and what was asked of it.</param>
    public static string With(string? before, params (string Key, object? Value)[] facts) => Json.Text(w =>
    {
        w.WriteStartArray();
        foreach (var step in Steps(before))
            step.WriteTo(w);
        w.WriteStartObject();
        foreach (var (key, value) in facts)
        {
            w.WritePropertyName(key);
            Json.Value(w, value);
        }
        w.WriteEndObject();
        w.WriteEndArray();
    }, indented: false);

    /// <summary>Whether a file's numbers have become codes.</summary>
    public static bool IsQuantized(IReadOnlyDictionary<string, string> metadata) =>
        Steps(metadata.GetValueOrDefault(Key)).Any(step => step.ValueKind == JsonValueKind.Object
            && step.TryGetProperty("step", out var name) && name.ValueEquals("quantize"));

    /// <summary>The type that a file was exported in; float32 where it does not say.</summary>
    public static DType TypeOf(IReadOnlyDictionary<string, string> metadata)
    {
        var name = Steps(metadata.GetValueOrDefault(Key)).Where(step => step.ValueKind == JsonValueKind.Object)
            .Select(step => step.TryGetProperty("dtype", out var type) ? type.ToString() : null).OfType<string>()
            .LastOrDefault();
        return Enum.TryParse<DType>(name, ignoreCase: true, out var known)
            && known is DType.Float16 or DType.BFloat16 ? known : DType.Float32;
    }

    static IEnumerable<JsonElement> Steps(string? recipe)
    {
        try
        {
            return recipe is null ? [] : [.. JsonDocument.Parse(recipe).RootElement.EnumerateArray()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
