using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>Class names and their labels, from a file.</summary>
public sealed class ClassMap
{
    readonly Dictionary<string, int> labels = [];
    readonly string path;

    ClassMap(string path) => this.path = path;

    /// <summary>The name of each label up to the largest; empty where the file has none.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = Enumerable.Repeat("", labels.Values.DefaultIfEmpty(-1).Max() + 1).ToArray();
            foreach (var (name, label) in labels)
                names[label] = name;
            return names;
        }
    }

    /// <summary>The label of a class.</summary>
    public int this[string name] => labels.TryGetValue(name, out var label) ? label : throw new UserException(
        $"Class \"{name}\" is not in the class map {path}.{Nearest.Hint(name, labels.Keys)}");

    /// <summary>
    /// Reads <c>.txt</c> (a class a line, labels from 0 on, as timm) or <c>.tsv</c> (a head line with the columns
    /// <c>index</c> and <c>synset</c> or <c>name</c>). A relative path may begin at the data set's folder.
    /// </summary>
    public static ClassMap Load(string file, string root)
    {
        var path = File.Exists(file) ? file : Path.Combine(root, file);
        if (!File.Exists(path))
            throw new UserException($"There is no class map {file}, here or in {root}.");
        var map = new ClassMap(path);
        string[] lines = [.. RegularFile.ReadLines(path)];
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".txt":
                map.AddLines(lines);
                break;
            case ".tsv":
                map.AddTable(lines);
                break;
            default:
                throw new UserException($"A class map is a .txt or .tsv file, not {path}.");
        }
        return map.labels.Count > 0 ? map : throw new UserException($"The class map {path} is empty.");
    }

    void AddLines(string[] lines)
    {
        foreach (var (label, line) in lines.Index())
            if (line.Trim() is { Length: > 0 } name)
                Add(name, label, label + 1);
    }

    void AddTable(string[] lines)
    {
        var head = lines.FirstOrDefault("").Split('\t');
        var (index, name) = (Array.IndexOf(head, "index"), Array.FindIndex(head, h => h is "synset" or "name"));
        if (index < 0 || name < 0)
            throw new UserException($"{path} has no head line with the columns index and synset (or name).");
        foreach (var (row, line) in lines.Index().Skip(1).Where(l => l.Item.Length > 0))
        {
            var cells = line.Split('\t');
            if (cells.Length != head.Length
                || !int.TryParse(cells[index], NumberStyles.None, CultureInfo.InvariantCulture, out var label))
                throw new UserException(
                    $"{path}, line {row + 1}: {head.Length} columns with a number as index expected.");
            Add(cells[name], label, row + 1);
        }
    }

    void Add(string name, int label, int line)
    {
        if (label >= 10_000_000 || !labels.TryAdd(name, label))
            throw new UserException(
                $"{path}, line {line}: class \"{name}\" is there twice, or its label is too large.");
    }
}
