using System.Globalization;
using System.Text.Json;

namespace OnnxTimm.Data;

/// <summary>
/// Class names and their labels, from a file. A name may stand at several labels ("crane" is a bird and a machine), as
/// long as no folder is called so.
/// </summary>
public sealed class ClassMap
{
    const int MostLabels = 10_000_000;

    readonly Dictionary<string, int> labels = [];
    readonly Dictionary<string, int> doubles = [];
    readonly SortedDictionary<int, string> names = [];
    readonly string source;

    ClassMap(string source) => this.source = source;

    /// <summary>The name of each label up to the largest; empty where the file has none.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var list = Enumerable.Repeat("", names.Keys.DefaultIfEmpty(-1).Max() + 1).ToArray();
            foreach (var (label, name) in names)
                list[label] = name;
            return list;
        }
    }

    /// <summary>The label of a class; null where the map does not have it.</summary>
    /// <exception cref="UserException">It has the name at several labels.</exception>
    public int? Find(string name) => !labels.TryGetValue(name, out var label) ? null
        : !doubles.TryGetValue(name, out var other) ? label
        : throw new UserException($"Class \"{name}\" stands in {this} twice, as {label} and {other}: which one the "
            + "folder means cannot be told.");

    /// <summary>What to say of a class that the map does not have.</summary>
    public UserException Missing(string name) =>
        new($"Class \"{name}\" is not in {this}.{Nearest.Hint(name, labels.Keys)}");

    /// <summary>What the map was read from, for messages.</summary>
    public override string ToString() => source;

    /// <summary>
    /// Reads <c>.txt</c> (a class a line, labels from 0 on, as timm), <c>.tsv</c> (a head line with the columns
    /// <c>index</c> and <c>synset</c> or <c>name</c>) or <c>.json</c> (a list of classes, or an object of labels by
    /// class). A relative path may begin at the data set's folder.
    /// </summary>
    /// <exception cref="UserException">It is absent, or no class map.</exception>
    public static ClassMap Load(string file, string root)
    {
        var path = Find(file, root);
        var map = new ClassMap($"the class map {path}");
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".txt":
                map.AddLines(RegularFile.ReadLines(path));
                break;
            case ".tsv":
                map.AddTable([.. RegularFile.ReadLines(path)], path);
                break;
            case ".json":
                map.AddJson(RegularFile.ReadText(path), path);
                break;
            default:
                throw new UserException($"A class map is a .txt, .tsv, .json or .pkl file, not {path}.");
        }
        return map.labels.Count > 0 ? map : throw new UserException($"The class map {path} is empty.");
    }

    /// <summary>The file of a class map, here or below a folder.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static string Find(string file, string root) => File.Exists(file) ? file
        : Path.Combine(root, file) is var below && File.Exists(below) ? below
        : throw new UserException($"There is no class map \"{file}\", here or in \"{root}\".");

    /// <summary>The map of labels by class.</summary>
    /// <param name="classes">Names and labels.</param>
    /// <param name="path">The file they were read from.</param>
    /// <exception cref="UserException">A label cannot be.</exception>
    public static ClassMap Of(IEnumerable<KeyValuePair<string, long>> classes, string path)
    {
        var map = new ClassMap($"the class map {path}");
        foreach (var (name, label) in classes)
            map.Add(name, label is >= 0 and < MostLabels ? (int)label
                : throw new UserException($"{path}: \"{name}\" has the label {label}."));
        return map;
    }

    /// <summary>The map of a list of classes, such as those of another data set.</summary>
    /// <param name="classes">Names in the order of their labels.</param>
    /// <param name="source">What messages call the list.</param>
    public static ClassMap Of(IReadOnlyList<string> classes, string source)
    {
        var map = new ClassMap(source);
        map.AddLines(classes);
        return map;
    }

    void AddLines(IEnumerable<string> lines)
    {
        foreach (var (label, line) in lines.Index())
            if (line.Trim() is { Length: > 0 } name)
                Add(name, label);
    }

    void AddJson(string text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array)
                AddLines(root.EnumerateArray().Select(e => e.GetString() ?? ""));
            else
                foreach (var (name, label) in root.EnumerateObject().Select(p => (p.Name, p.Value.GetInt32())))
                    Add(name, label is >= 0 and < MostLabels ? label
                        : throw new UserException($"{path}: \"{name}\" has the label {label}."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new UserException($"The class map {path} is neither a list of classes nor an object of labels by "
                + $"class: {e.Message}", e);
        }
    }

    void AddTable(string[] lines, string path)
    {
        var head = lines.FirstOrDefault("").Split('\t');
        var (index, name) = (Array.IndexOf(head, "index"), Array.FindIndex(head, h => h is "synset" or "name"));
        if (index < 0 || name < 0)
            throw new UserException($"{path} has no head line with the columns index and synset (or name).");
        foreach (var (row, line) in lines.Index().Skip(1).Where(l => l.Item.Length > 0))
        {
            var cells = line.Split('\t');
            if (cells.Length != head.Length || !int.TryParse(cells[index], NumberStyles.None,
                CultureInfo.InvariantCulture, out var label) || label >= MostLabels)
                throw new UserException($"{path}, line {row + 1}: {head.Length} columns with a number below "
                    + $"{MostLabels} as index expected.");
            Add(cells[name], label);
        }
    }

    void Add(string name, int label)
    {
        names[label] = name;
        if (!labels.TryAdd(name, label) && labels[name] != label)
            doubles[name] = label;
    }
}
