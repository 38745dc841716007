using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OnnxTimm;

/// <summary>
/// The results of many networks as CSV, a row each. It is written whole after each row, so that a run that ends early
/// goes on with what is missing.
/// </summary>
public sealed class BulkTable
{
    static readonly string[] SizeColumns = ["img_size", "infer_img_size", "train_img_size"];

    readonly string path;
    readonly List<string> columns = [];
    readonly List<Dictionary<string, string>> rows = [];

    /// <param name="path">The file, whose rows are kept where it is there.</param>
    /// <exception cref="UserException">It is no such table.</exception>
    public BulkTable(string path)
    {
        this.path = path;
        if (!File.Exists(path))
            return;
        var lines = Csv.Rows(RegularFile.ReadText(path), path).ToArray();
        columns = [.. lines.Length > 0 ? lines[0].Cells : []];
        if (columns.Count > 0 && !columns.Contains("model"))
            throw new UserException($"\"{path}\" is no table of results: it has no column model.");
        foreach (var (line, cells) in lines.Skip(1))
            rows.Add(cells.Length == columns.Count
                ? columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second)
                : throw new UserException($"\"{path}\", line {line}: {cells.Length} cells, not {columns.Count}."));
    }

    /// <summary>Rows so far.</summary>
    public int Count => rows.Count;

    /// <summary>Whether there is a row of a network at its size and crop, where it has some.</summary>
    public bool Has(BulkModel model) => rows.Any(row => row["model"] == model.Name
        && Fits(row, SizeColumns, model.ImgSize) && Fits(row, ["crop_pct"], model.CropPct));

    /// <summary>Says before any row comes whether the file could be written.</summary>
    /// <exception cref="UserException">It could not.</exception>
    public void Check() => WriteBeside.Check(path);

    /// <summary>Adds a row and writes the file.</summary>
    /// <param name="result">An object of JSON with a model and numbers.</param>
    /// <exception cref="UserException">The file cannot be written.</exception>
    public void Add(JsonElement result)
    {
        var row = result.EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value));
        columns.AddRange(row.Keys.Except(columns).ToArray());
        rows.Add(row);
        Write();
    }

    /// <summary>Writes the rows ordered by a column, the largest first; false where one lacks it.</summary>
    public bool Sort(string column)
    {
        if (rows.Count == 0 || rows.Any(row => Number(row.GetValueOrDefault(column)) is null))
            return false;
        var sorted = rows.OrderByDescending(row => Number(row[column])).ToArray();
        rows.Clear();
        rows.AddRange(sorted);
        Write();
        return true;
    }

    void Write() => WriteBeside.Write(WriteBeside.Target(path), Encoding.UTF8.GetBytes(Csv.Row(columns)
        + string.Concat(rows.Select(row => Csv.Row(columns.Select(column => row.GetValueOrDefault(column)))))));

    static bool Fits(Dictionary<string, string> row, string[] names, double? value) => value is null
        || names.Select(name => Number(row.GetValueOrDefault(name))).OfType<double>().ToArray() is var found
        && (found.Length == 0 || found.Contains(value.Value));

    static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
