namespace OnnxTimm.Data;

/// <summary>
/// The members of a shard that belong together: they stand one after the other and have one name up to the first point
/// behind the last slash, what follows being the name of the part, such as jpg, cls or json.
/// </summary>
/// <param name="Key">The common name.</param>
/// <param name="Parts">The members by what follows, in small letters.</param>
sealed record ShardSample(string Key, IReadOnlyDictionary<string, TarEntry> Parts)
{
    public static IEnumerable<ShardSample> Of(IEnumerable<TarEntry> entries)
    {
        var (key, parts) = ("", new Dictionary<string, TarEntry>());
        foreach (var entry in entries)
        {
            var point = entry.Name.IndexOf('.', entry.Name.LastIndexOf('/') + 1);
            // What begins with two underscores is WebDataset's own.
            if (point < 0 || entry.Name.StartsWith("__", StringComparison.Ordinal))
                continue;
            if (entry.Name[..point] != key && parts.Count > 0)
            {
                yield return new(key, parts);
                parts = [];
            }
            key = entry.Name[..point];
            parts[entry.Name[(point + 1)..].ToLowerInvariant()] = entry;
        }
        if (parts.Count > 0)
            yield return new(key, parts);
    }

    /// <summary>The first part of those that are asked for.</summary>
    public TarEntry? Part(IEnumerable<string> names)
    {
        foreach (var name in names)
            if (Parts.TryGetValue(name, out var entry))
                return entry;
        return null;
    }
}
