using System.Text.Json;

namespace OnnxTimm.Data;

/// <summary>Which shards make a split of a WebDataset: a pattern, or what its <c>_info.json</c> says.</summary>
/// <param name="Paths">The files, in order.</param>
/// <param name="Samples">How many samples they are said to have; null where nobody says.</param>
/// <param name="Label">The field of a sample's .json that is its label; empty for its .cls.</param>
sealed record ShardList(IReadOnlyList<string> Paths, int? Samples, string Label)
{
    static readonly string[] InfoFiles = ["_info.json", "info.json"];

    /// <summary>
    /// A split: <c>train-{000..099}.tar</c>, with <c>|12345</c> behind it the number of samples, with <c>::</c>
    /// between several patterns; or the name of one in the folder's <c>_info.json</c>.
    /// </summary>
    /// <exception cref="UserException">No such split, or shards that are not there.</exception>
    public static ShardList Of(string root, string split)
    {
        var info = Info(root);
        var list = split.Contains("tar", StringComparison.Ordinal) || split.Contains("..", StringComparison.Ordinal)
            ? OfPattern(split) : OfInfo(info, root, split);
        string[] paths = [.. list.Paths.Select(p => Path.Combine(root, p))];
        string[] missing = [.. paths.Where(p => !File.Exists(p))];
        return missing.Length == 0 ? list with { Paths = paths } : throw new UserException(
            $"{missing.Length} of {paths.Length} shards are not there: {Findings.Names(missing)}.");
    }

    static ShardList OfPattern(string split)
    {
        var bar = split.LastIndexOf('|');
        var (pattern, count) = bar < 0 ? (split, null) : (split[..bar], Count(split[(bar + 1)..], split));
        string[] paths = [.. pattern.Split("::").SelectMany(BracePattern.Expand)];
        return paths.Length <= BracePattern.MostNames ? new(paths, count, "")
            : throw new UserException($"\"{split}\" stands for more than {BracePattern.MostNames} files.");
    }

    static int? Count(string text, string split) => int.TryParse(text, out var count) && count > 0 ? count
        : throw new UserException($"\"{split}\": behind the bar stands the number of samples, not \"{text}\".");

    static ShardList OfInfo(JsonElement? info, string root, string split)
    {
        if (info is not { } known)
            throw new UserException($"No split \"{split}\": {root} has no {InfoFiles[0]}. A pattern names the shards, "
                + "such as 'train-{0000..0099}.tar'.");
        if (Get(known, "splits") is not { ValueKind: JsonValueKind.Object } splits)
            throw Broken(root, "has no \"splits\"");
        string[] names = [.. splits.EnumerateObject().Select(s => s.Name)];
        var name = Splits.Synonyms(split).FirstOrDefault(names.Contains)
            ?? throw Nearest.Unknown($"split in the {InfoFiles[0]} of {root}", split, names);
        var found = splits.GetProperty(name);
        return Get(found, "filenames") is { ValueKind: JsonValueKind.Array } files
            && files.EnumerateArray().All(f => f.ValueKind == JsonValueKind.String)
            ? new([.. files.EnumerateArray().Select(f => f.GetString()!)],
                Get(found, "num_samples") is { ValueKind: JsonValueKind.Number } n && n.TryGetInt32(out var count)
                    ? count > 0 ? count : throw Broken(root, $"has {count} as \"num_samples\" of \"{name}\"") : null,
                Get(found, "alt_label") is { ValueKind: JsonValueKind.String } label ? label.GetString()! : "")
            : throw Broken(root, $"has no list of \"filenames\" for the split \"{name}\"");
    }

    static JsonElement? Info(string root)
    {
        if (InfoFiles.Select(f => Path.Combine(root, f)).FirstOrDefault(File.Exists) is not { } path)
            return null;
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadText(path));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new UserException($"{path} is no JSON: {e.Message}", e);
        }
    }

    static JsonElement? Get(JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value) ? value : null;

    static UserException Broken(string root, string what) => new($"The {InfoFiles[0]} of {root} {what}.");
}
