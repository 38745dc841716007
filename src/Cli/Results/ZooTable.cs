using System.Globalization;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Results;

/// <summary>Rows of the index as a table for people, and as CSV and JSON for programs.</summary>
/// <param name="rows">The rows.</param>
/// <param name="merged">Whether figures are those of the merged form.</param>
sealed class ZooTable(IReadOnlyList<ZooRow> rows, bool merged = false)
{
    readonly Column[] columns =
    [
        new("name", row => row.Name),
        new("module", row => row.Module),
        new("params_m", row => (merged ? row.Merged!.Params : row.Params) / 1e6, "0.00"),
        new("gmacs", row => merged ? row.Merged!.GMacs : row.GMacs, "0.00"),
        // What merging leaves of the activations is not in the index, nor how fast a merged form is.
        new("macts_m", row => merged ? null : row.MActs, "0.0"),
        new("img_size", row => row.ImgSize),
        new("num_features", row => row.Features),
        new("top1", row => row.Top1, "0.0"),
        new("top5", row => row.Top5, "0.0"),
        new("result_size", row => row.ResultSize),
        new("cpu_per_sec", row => merged ? null : row.CpuSpeed, "0.0"),
        new("gpu_per_sec", row => merged ? null : row.GpuSpeed, "0"),
        new("license", row => row.License),
        new("task", row => row.Classifies is { } classifies ? Task(classifies) : null),
    ];

    /// <summary>What weights are for, as --task has it.</summary>
    public static string Task(bool classifies) => classifies ? "classify" : "features";

    /// <summary>Names in full, numbers right; columns of which nothing is known are left out.</summary>
    /// <param name="heads">The columns, all by default.</param>
    public string Text(params string[] heads)
    {
        var shown = columns.Where(column => (heads.Length == 0 || heads.Contains(column.Head))
            && rows.Any(row => column.Value(row) is not null)).ToArray();
        string[][] cells =
            [[.. shown.Select(c => c.Head)], .. rows.Select(row => shown.Select(c => c.Text(row)).ToArray())];
        var widths = shown.Select((_, i) => cells.Max(line => line[i].Length)).ToArray();
        return string.Join('\n', cells.Select(line => string.Join("  ", line.Select((cell, i) =>
            shown[i].Value(rows[0]) is string ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd()));
    }

    public string Csv() => string.Join('\n', rows
        .Select(row => string.Join(',', columns.Select(column => column.Text(row))))
        .Prepend(string.Join(',', columns.Select(column => column.Head))));

    /// <summary>An array of objects.</summary>
    public string Objects() => Json.Text(w => Json.Value(w, Rows()));

    /// <summary>Each row as named values, for JSON.</summary>
    /// <param name="heads">The columns, all by default.</param>
    public IEnumerable<IEnumerable<KeyValuePair<string, object?>>> Rows(params string[] heads) => rows.Select(row =>
        columns.Where(column => heads.Length == 0 || heads.Contains(column.Head))
            .Select(column => KeyValuePair.Create(column.Head, column.Value(row))));

    /// <param name="Head">The heading.</param>
    /// <param name="Value">What a row says; null where that is not known.</param>
    /// <param name="Format">How numbers are written.</param>
    sealed record Column(string Head, Func<ZooRow, object?> Value, string Format = "")
    {
        public string Text(ZooRow row) => Value(row) is IFormattable number
            ? number.ToString(Format, CultureInfo.InvariantCulture) : Value(row)?.ToString() ?? "";
    }
}
