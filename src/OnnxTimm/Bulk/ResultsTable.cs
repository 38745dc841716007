using System.Globalization;
using System.Text;

namespace OnnxTimm;

/// <summary>
/// Accuracies of many networks as timm publishes them: the columns of its results, the best first, and what differs
/// from another set of images (generate_csv_results.py of timm).
/// </summary>
public sealed class ResultsTable
{
    static readonly string[] Columns =
        ["model", "img_size", "top1", "top1_err", "top5", "top5_err", "param_count", "crop_pct", "interpolation"];

    static readonly string[] Differences = ["top1_diff", "top5_diff", "rank_diff"];

    readonly string source;
    readonly Row[] rows;

    ResultsTable(string source, Row[] rows) => (this.source, this.rows) = (source, rows);

    /// <summary>Reads a table that bulk, validate or timm wrote.</summary>
    /// <param name="path">The CSV file, whose columns may have any order.</param>
    /// <exception cref="UserException">It lacks a column, or a number is none.</exception>
    public static ResultsTable Read(string path)
    {
        var lines = Csv.Rows(RegularFile.ReadText(path), path).ToArray();
        var at = Columns.Select(column => Array.IndexOf(lines.Length > 0 ? lines[0].Cells : [], column)).ToArray();
        if (Array.IndexOf(at, -1) is >= 0 and var missing)
            throw new UserException($"\"{path}\" has no column {Columns[missing]}: a table of validate or bulk has.");
        return new(path, [.. lines.Skip(1).Select(line => new Row(
            at.Select(i => i < line.Cells.Length ? line.Cells[i] : "").ToArray(), $"\"{path}\", line {line.Line}"))]);
    }

    /// <summary>Writes it, the best first.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="against">
    /// The same networks on other images: behind each row come how much better it is than there, in points, and by how
    /// many places; nothing for one that is not there.
    /// </param>
    /// <returns>How many rows.</returns>
    /// <exception cref="UserException">The file cannot be written, or is one of those that were read.</exception>
    public int Write(string path, ResultsTable? against = null)
    {
        if (new[] { this, against }.Any(t => t is not null && RealPath.Of(t.source) == RealPath.Of(path)))
            throw new UserException($"\"{path}\" is what the results come from: give them a file of their own.");
        var (own, other) = (Ranked(), against?.Ranked().Index().DistinctBy(r => r.Item.Key)
            .ToDictionary(r => r.Item.Key, r => (r.Index, r.Item)));
        var text = new StringBuilder(Csv.Row(other is null ? Columns : [.. Columns, .. Differences]));
        foreach (var (rank, row) in own.Index())
            text.Append(Csv.Row([.. row.Cells, .. other is null ? [] : Compared(row, rank, other)]));
        WriteBeside.Write(WriteBeside.Target(path), Encoding.UTF8.GetBytes($"{text}"));
        return rows.Length;
    }

    Row[] Ranked() => [.. rows.OrderByDescending(r => r.Top1).ThenByDescending(r => r.Top5)
        .ThenBy(r => r.Model, StringComparer.Ordinal)];

    static string[] Compared(Row row, int rank, Dictionary<(string, string), (int Rank, Row Row)> others) =>
        others.TryGetValue(row.Key, out var other)
            ? [Signed(row.Top1 - other.Row.Top1, "0.000", "+"), Signed(row.Top5 - other.Row.Top5, "0.000", "+"),
                Signed(other.Rank - rank, "0", "")]
            : ["", "", ""];

    static string Signed(double value, string format, string zero) =>
        $"{(value < 0 ? "-" : value > 0 ? "+" : zero)}{Math.Abs(value).ToString(format, CultureInfo.InvariantCulture)}";

    /// <summary>A network's row.</summary>
    /// <param name="texts">The cells of <see cref="Columns"/>.</param>
    /// <param name="place">Where it stands, for messages.</param>
    sealed class Row(string[] texts, string place)
    {
        public string Model => texts[0];

        public (string, string) Key => (texts[0], texts[1]);

        public double Top1 { get; } = Number(texts[2], place);

        public double Top5 { get; } = Number(texts[4], place);

        /// <summary>Texts, and numbers in timm's formats: parameters with commas, others with three places.</summary>
        public IEnumerable<string> Cells => texts.Select((text, i) => i switch
        {
            2 or 3 or 4 or 5 or 7 when text.Length > 0 => Format(text, "0.000"),
            6 when text.Length > 0 => Format(text, "#,##0.00"),
            _ => text,
        });

        string Format(string text, string format) =>
            Number(text, place).ToString(format, CultureInfo.InvariantCulture);

        static double Number(string text, string place) =>
            double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture,
                out var number) ? number : throw new UserException($"{place}: \"{text}\" is no number.");
    }
}
