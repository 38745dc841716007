
namespace OnnxTimm.Cli.Results;

/// <summary>The rows that validate and benchmark give, as a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsJson">JSON, else CSV.</param>
sealed record SummaryFile(string Path, bool IsJson)
{
    /// <summary>JSON or CSV: as asked for, else by the file's ending; null where no file was asked for.</summary>
    /// <exception cref="UserException">There is no such form, or the file cannot be written.</exception>
    public static SummaryFile? Of(string? path, string? format)
    {
        if (path is null)
            return null;
        var isJson = (format ?? ResultFiles.FormatOf(path)) switch
        {
            "json" => true,
            "csv" => false,
            _ => throw Nearest.Unknown("results format", format!, "csv", "json"),
        };
        WriteBeside.Check(path);
        return new(path, isJson);
    }

    /// <summary>Writes a row; behind those of a CSV file that is there, where that is asked for.</summary>
    /// <exception cref="UserException">The rows that are there have other columns.</exception>
    public void Save(IReadOnlyList<(string Name, object? Value)> fields, bool append = false)
    {
        var head = Csv.Row(fields.Select(f => f.Name));
        var before = append && File.Exists(Path) ? RegularFile.ReadText(Path) : "";
        if (before.Length > 0 && !before.StartsWith(head, StringComparison.Ordinal))
            throw new UserException($"\"{Path}\" has other columns than these results: {head.Trim()}.");
        ResultFiles.Save(Path, IsJson ? Json.Object(fields) + "\n"
            : (before.Length > 0 ? before : head) + Csv.Row(fields.Select(f => f.Value)));
    }

    /// <summary>Writes several rows, of which some may lack columns.</summary>
    public void Save(IReadOnlyList<IReadOnlyList<(string Name, object? Value)>> rows)
    {
        string[] columns = [.. rows.SelectMany(row => row.Select(f => f.Name)).Distinct()];
        ResultFiles.Save(Path, IsJson ? Objects(rows) + "\n" : Csv.Row(columns) + string.Concat(rows.Select(row =>
            Csv.Row(columns.Select(column => row.FirstOrDefault(f => f.Name == column).Value)))));
    }

    /// <summary>Several rows as an array of objects.</summary>
    public static string Objects(IReadOnlyList<IReadOnlyList<(string Name, object? Value)>> rows) =>
        Json.Text(w => Json.Value(w, rows.Select(row => row.Select(f => KeyValuePair.Create(f.Name, f.Value)))));
}
