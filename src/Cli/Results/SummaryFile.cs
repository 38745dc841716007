using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli.Results;

/// <summary>The one row that validate and benchmark give, as a file.</summary>
static class SummaryFile
{
    /// <summary>Writes JSON or CSV: as asked for, else by the file's extension.</summary>
    public static void Save(string path, string? format, IReadOnlyList<(string Name, object? Value)> fields)
    {
        format ??= Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? "json" : "csv";
        ResultFiles.Save(path, format switch
        {
            "json" => Json.Object(fields) + "\n",
            "csv" => Csv(fields),
            _ => throw new UserException($"No results format \"{format}\": there are csv and json."),
        });
    }

    static string Csv(IReadOnlyList<(string Name, object? Value)> fields) =>
        $"{string.Join(',', fields.Select(f => f.Name))}\n"
        + $"{string.Join(',', fields.Select(f => ResultTable.Number(f.Value)))}\n";
}
