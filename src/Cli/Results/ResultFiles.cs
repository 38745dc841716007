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

    /// <summary>The formats asked for; without any, what the file's extension says, else csv.</summary>
    public static string[] Formats(string? file, IEnumerable<string> asked)
    {
        string[] formats = [.. asked];
        foreach (var format in formats.Where(f => !Table.Any(row => row.Format == f)))
            throw new UserException(
                $"No results format \"{format}\": there are {string.Join(", ", Table.Select(row => row.Format))}.");
        return formats.Length > 0 ? formats : [Path.GetExtension(file) == ".json" ? "json" : "csv"];
    }

    /// <summary>
    /// Writes a file for each format; the extension is added, or replaced where there are several formats.
    /// </summary>
    public static void Write(ResultTable table, string[] formats, string? folder, string name)
    {
        var path = folder is null ? name : Path.Combine(folder, name);
        var extensions = Table.Select(row => row.Extension);
        var stem = extensions.Contains(Path.GetExtension(path)) ? path[..^Path.GetExtension(path).Length] : path;
        foreach (var (format, extension, write) in Table.Where(row => formats.Contains(row.Format)))
            Save(format == "json-split" && formats.Contains("json") ? $"{stem}-split{extension}" : stem + extension,
                write(table));
    }

    /// <summary>Writes a text file; it appears complete or not at all.</summary>
    public static void Save(string path, string text) => WriteBeside.Write(path, Encoding.UTF8.GetBytes(text));
}
