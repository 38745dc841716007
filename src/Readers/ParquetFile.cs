using System.Text.Json;
using Parquet;

namespace OnnxTimm.Data;

/// <summary>A parquet file, opened anew at each use, so that any number may be part of a data set.</summary>
/// <param name="path">The file.</param>
sealed class ParquetFile(string path)
{
    public string Path => path;

    /// <summary>Reads from the file.</summary>
    /// <exception cref="UserException">It is no parquet file, damaged, or cut short.</exception>
    public T Read<T>(Func<ParquetReader, long, T> use)
    {
        using var stream = RegularFile.OpenStream(path);
        try
        {
            var reader = ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult();
            return use(reader, stream.Length);
        }
        // The library answers a damaged file with whatever failed first.
        catch (Exception e) when (e is not UserException)
        {
            throw new UserException($"{path} is no parquet file, or damaged: {e.Message}", e);
        }
    }

    /// <summary>The names of a ClassLabel column, which datasets writes into the file's metadata as JSON.</summary>
    public static string[]? ClassNames(ParquetReader reader, string column)
    {
        if (!reader.CustomMetadata.TryGetValue("huggingface", out var text))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("info", out var info)
                && info.TryGetProperty("features", out var features) && features.TryGetProperty(column, out var feature)
                && feature.TryGetProperty("names", out var names)
                ? [.. names.EnumerateArray().Select(n => n.GetString() ?? "")] : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
