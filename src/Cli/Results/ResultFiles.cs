using System.Text;

namespace OnnxTimm.Cli.Results;

/// <summary>Where results go, and in which form.</summary>
static class ResultFiles
{
    static readonly (string Format, string Extension, Func<ResultTable, string> Write)[] Table =
    [
        ("csv", ".csv", t => t.ToCsv()),
        ("json", ".json", t => t.ToJson()),
        ("json-split", ".json", t => t.ToSplitJson()),
    ];

    /// <summary>The formats asked for; without any, what the file's ending says.</summary>
    /// <exception cref="UserException">A format or an ending that there is not.</exception>
    public static string[] Formats(string? file, IEnumerable<string> asked)
    {
        string[] formats = [.. asked];
        foreach (var format in formats.Where(f => !Table.Any(row => row.Format == f)))
            throw Nearest.Unknown("results format", format, Table.Select(row => row.Format));
        var byEnding = FormatOf(file);
        return formats.Length > 0 ? formats : [byEnding];
    }

    /// <summary>The format that a file's ending says, in letters of either case: csv where there is none.</summary>
    /// <exception cref="UserException">The ending says nothing.</exception>
    public static string FormatOf(string? file) => Ending(file) switch
    {
        "" => "csv",
        var ending when Table.FirstOrDefault(row => row.Extension == ending).Format is { } format => format,
        var ending => throw new UserException($"\"{file}\" ends in {ending}: results are written as .csv or .json."),
    };

    /// <summary>
    /// Writes a file for each format; the ending is added, or replaced where there are several formats.
    /// </summary>
    /// <exception cref="UserException">Several formats for what is no file.</exception>
    public static void Write(ResultTable table, string[] formats, string? folder, string name)
    {
        foreach (var (path, write) in Places(formats, folder, name))
            Save(path, write(table));
    }

    /// <summary>Says before there is a table whether its files can be written.</summary>
    /// <exception cref="UserException">They cannot, or there are several formats for what is no file.</exception>
    public static void Check(string[] formats, string? folder, string name)
    {
        foreach (var (path, _) in Places(formats, folder, name))
            WriteBeside.Check(path);
    }

    static IEnumerable<(string Path, Func<ResultTable, string> Write)> Places(
        string[] formats, string? folder, string name)
    {
        var path = folder is null ? name : Path.Combine(folder, name);
        var isSpecial = SpecialFile.Is(WriteBeside.Target(path));
        if (isSpecial && formats.Length > 1)
            throw new UserException($"\"{path}\" is no file: it takes one format, not {string.Join(", ", formats)}.");
        var isNamed = Table.Any(row => row.Extension == Ending(path));
        var stem = isNamed ? path[..^Path.GetExtension(path).Length] : path;
        return Table.Where(row => formats.Contains(row.Format)).Select(row => (
            isSpecial || (formats.Length == 1 && row.Extension == Ending(path)) ? path
                : row.Format == "json-split" && formats.Contains("json") ? $"{stem}-split{row.Extension}"
                : stem + row.Extension, row.Write));
    }

    /// <summary>Writes a text; a file appears complete or not at all.</summary>
    public static void Save(string path, string text) =>
        WriteBeside.Write(WriteBeside.Target(path), Encoding.UTF8.GetBytes(text));

    static string Ending(string? file) => Path.GetExtension(file)?.ToLowerInvariant() ?? "";
}
