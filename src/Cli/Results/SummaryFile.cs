
namespace OnnxTimm.Cli.Results;

/// <summary>The one row that validate and benchmark give, as a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsJson">JSON, else CSV.</param>
sealed record SummaryFile(string Path, bool IsJson)
{
    /// <summary>JSON or CSV: as asked for, else by the file's ending; null where no file was asked for.</summary>
    /// <exception cref="UserException">There is no such form.</exception>
    public static SummaryFile? Of(string? path, string? format) => path is null ? null
        : new(path, (format ?? ResultFiles.FormatOf(path)) switch
        {
            "json" => true,
            "csv" => false,
            _ => throw Nearest.Unknown("results format", format!, "csv", "json"),
        });

    public void Save(IReadOnlyList<(string Name, object? Value)> fields) => ResultFiles.Save(Path, IsJson
        ? Json.Object(fields) + "\n"
        : Csv.Row(fields.Select(f => f.Name)) + Csv.Row(fields.Select(f => f.Value)));
}
