using System.IO.Compression;
using System.Text.Json;

namespace OnnxTimm.Tests;

/// <summary>Reference rows of timm's models: gzipped JSON lines, one a model.</summary>
static class GoldenZoo
{
    /// <summary>Rows of a file of the large reference set, by model.</summary>
    public static Dictionary<string, JsonElement> Shared(string folder, string file) =>
        Read(Paths.Shared("golden", folder, file));

    public static Dictionary<string, JsonElement> Read(string path) =>
        Rows(path).ToDictionary(row => row.GetProperty("name").GetString()!);

    /// <summary>The rows of a file that may have several for a model.</summary>
    public static IEnumerable<JsonElement> Rows(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return JsonDocument.Parse(line).RootElement;
    }

    /// <summary>The weights, and constants if asked for, that a structure row lists: "name [shape] kind".</summary>
    public static string[] Weights(JsonElement row, bool constants = false) =>
    [
        .. row.GetProperty("tensors").EnumerateArray()
            .Where(t => constants || t[2].GetString() != "const")
            .Select(t => $"{t[0]} [{string.Join(", ", t[1].EnumerateArray())}] {t[2]}"),
    ];
}
