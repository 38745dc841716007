using System.IO.Compression;
using System.Text.Json;

namespace OnnxTimm.Tests;

/// <summary>Reference values that every clone has, below tests/golden.</summary>
static class Golden
{
    /// <summary>A JSON file, gzipped or not.</summary>
    public static JsonElement Json(params string[] parts)
    {
        using Stream file = File.OpenRead(Paths.Golden(parts));
        using var text = parts[^1].EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress) : file;
        return JsonDocument.Parse(text).RootElement;
    }
}
