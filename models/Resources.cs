using System.Collections.Frozen;
using System.IO.Compression;
using System.Text.Json;

namespace OnnxTimm.Models;

/// <summary>The data files of the zoo (models/weights), embedded in the assembly.</summary>
static class Resources
{
    /// <summary>The content of a file, or null where there is none.</summary>
    public static JsonElement? Json(string file)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream($"weights/{file}");
        return stream is null ? null : JsonElement.Parse(Bytes(file));
    }

    /// <summary>The content of a file that must be there.</summary>
    public static byte[] Bytes(string file)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream($"weights/{file}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The lines of a file that must be there.</summary>
    public static string[] Lines(string file)
    {
        using var reader = new StreamReader(typeof(Resources).Assembly.GetManifestResourceStream($"weights/{file}")!);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    /// <summary>The lines of a file that must be there, packed by Brotli.</summary>
    public static string[] PackedLines(string file)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream($"weights/{file}")!;
        using var reader = new StreamReader(new BrotliStream(stream, CompressionMode.Decompress));
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    /// <summary>Channels of a pruned network's convolutions, by name; none without a name.</summary>
    public static IReadOnlyDictionary<string, int> Pruned(string? name) => name is null
        ? FrozenDictionary<string, int>.Empty
        : Json("pruned.json")!.Value.GetProperty(name).EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.GetInt32());
}
