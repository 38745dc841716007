using System.Text.Json;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads the index of a sharded checkpoint (<c>model.safetensors.index.json</c>, <c>pytorch_model.bin.index.json</c>):
/// which file beside it holds each tensor.
/// </summary>
static class SafetensorsIndex
{
    /// <summary>How the name of an index ends.</summary>
    public const string Ending = ".index.json";

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>True when the content begins like a JSON object.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head) => head.TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <param name="index">The index.</param>
    /// <param name="open">Opens a shard by its path.</param>
    public static CheckpointContent Read(MappedFile index, Func<string, CheckpointContent> open)
    {
        var map = WeightMap(index);
        var shards = new Shards();
        try
        {
            foreach (var name in map.Values.Distinct())
                shards.Add(name, open(PathOf(index, name)));
            index.Dispose();
            return new CheckpointContent(index.Path, Collect(index, map, shards), shards.Metadata(), shards)
            {
                Format = shards.Values.FirstOrDefault()?.Format ?? CheckpointFormat.Safetensors,
            };
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Names of the files beside an index that it needs; none for a file that is no index by its name.
    /// </summary>
    /// <exception cref="UserException">It cannot be read.</exception>
    public static string[] Files(string path)
    {
        if (!path.EndsWith(Ending, StringComparison.Ordinal))
            return [];
        using var index = MappedFile.Open(path);
        string[] names = [.. WeightMap(index).Values.Distinct()];
        foreach (var name in names)
            PathOf(index, name);
        return names;
    }

    static Dictionary<string, string> WeightMap(MappedFile index)
    {
        try
        {
            using var json = JsonDocument.Parse(index.From(0), Strict);
            if (!json.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
                throw index.Fault("it is JSON without a weight_map");
            return map.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw index.Fault($"it is no valid index ({e.Message.TrimEnd('.')})");
        }
    }

    static string PathOf(MappedFile index, string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny("/\\:\0"))
            throw index.Fault($"\"{name}\" names no file beside the index");
        return Path.Combine(Path.GetDirectoryName(index.Path)!, name);
    }

    static PyDict Collect(MappedFile index, Dictionary<string, string> map, Shards shards)
    {
        var root = new PyDict();
        foreach (var (tensor, shard) in map)
            root[tensor] = shards[shard].Root.TryGetValue(tensor, out var value)
                ? value
                : throw index.Fault($"tensor \"{tensor}\" is not in \"{shard}\"");
        return root;
    }

    sealed class Shards : Dictionary<string, CheckpointContent>, IDisposable
    {
        public Dictionary<string, string> Metadata() => Values.SelectMany(shard => shard.Metadata)
            .DistinctBy(fact => fact.Key)
            .ToDictionary(fact => fact.Key, fact => fact.Value);

        public void Dispose()
        {
            foreach (var shard in Values)
                shard.Dispose();
        }
    }
}
