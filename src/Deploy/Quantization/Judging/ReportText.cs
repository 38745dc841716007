using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTimm.Deploy;

/// <summary>A report as JSON for scripts, and as a page for people.</summary>
public static class ReportText
{
    static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    const string Style = "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        + "table{border-collapse:collapse;margin:1em 0}"
        + "td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}"
        + "td.n{text-align:right}.w{background:#fff3cd;padding:.5em 1em}";

    /// <summary>The text for a file, by its ending.</summary>
    /// <exception cref="UserException">It is neither .json nor .html.</exception>
    public static Func<QuantizeReport, string> For(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => Json,
        ".html" or ".htm" => Html,
        var other => throw new UserException($"No report of the form \"{other}\": there are .html and .json."),
    };

    /// <summary>An object with the report's properties.</summary>
    public static string Json(QuantizeReport report) => JsonSerializer.Serialize(report, Options) + "\n";

    /// <summary>A page that needs nothing else.</summary>
    public static string Html(QuantizeReport r)
    {
        var title = $"{Text(r.Model)}: {r.Recipe}";
        var page = new StringBuilder($"<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>"
            + $"<style>{Style}</style><h1>{title}</h1>");
        foreach (var sentence in r.Verdict)
            page.Append($"<p class=\"w\">{Text(sentence)}</p>");
        Table(page, ["", ""], Facts(r));
        page.Append("<h2>Agreement</h2>");
        Table(page, ["", "images", "same class as float32", "right in float32", "right with codes"],
            Judgements(r).Select(j => (string[])[j.What, $"{j.Of.Count}", $"{j.Of.Same}", $"{j.Of.RightBefore}",
                $"{j.Of.RightAfter}"]));
        page.Append("<h2>Speed</h2>");
        Table(page, ["threads", "ms float32", "ms codes", "times as fast"], r.Speeds.Select(s => (string[])
            [$"{s.Threads}", Number(s.Before), Number(s.After), Number(s.Factor)]));
        page.Append("<h2>What the runtime runs</h2>");
        Table(page, ["operator", "float32", "codes"], r.GraphAfter.Operators.Keys.Union(r.GraphBefore.Operators.Keys)
            .Select(op => (string[])[op, $"{r.GraphBefore.Operators.GetValueOrDefault(op)}",
                $"{r.GraphAfter.Operators.GetValueOrDefault(op)}"]));
        Rows(page, "Tensors", r.Tensors);
        Rows(page, "Weights", r.Weights);
        return page.Append("</html>\n").ToString();
    }

    static IEnumerable<string[]> Facts(QuantizeReport r)
    {
        yield return ["recipe", $"{r.Recipe}: {r.Why}"];
        yield return ["ranges", r.Method];
        yield return ["size", $"{Number(r.BytesBefore / 1e6)} MB, then {Number(r.BytesAfter / 1e6)} MB"];
        yield return ["8-bit instructions of this processor", string.Join(", ", r.Instructions.DefaultIfEmpty("none"))];
        if (r.Spared.Count > 0)
            yield return ["left in float by the budget", string.Join(", ", r.Spared)];
    }

    static IEnumerable<(string What, Judgement Of)> Judgements(QuantizeReport r)
    {
        if (r.AsWritten is { } written)
            yield return ("by the arithmetic of the file", written);
        if (r.OnThisProcessor is { } here)
            yield return ("by this processor's kernels", here);
    }

    static void Rows(StringBuilder page, string title, IReadOnlyList<QualityRow> rows)
    {
        if (rows.Count == 0)
            return;
        page.Append($"<h2>{title}: signal over error</h2>");
        Table(page, ["", "dB"],
            rows.Select(row => (string[])[row.Name, row.Decibels is { } db ? Number(db) : "exact"]));
    }

    static void Table(StringBuilder page, string[] head, IEnumerable<string[]> rows)
    {
        page.Append("<table><tr>").AppendJoin("", head.Select(h => $"<th>{Text(h)}</th>")).Append("</tr>");
        foreach (var row in rows)
            page.Append("<tr>").AppendJoin("", row.Select((cell, i) =>
                $"<td{(i > 0 && head.Length > 2 ? " class=\"n\"" : "")}>{Text(cell)}</td>")).Append("</tr>");
        page.Append("</table>");
    }

    static string Number(double x) => x.ToString("0.##", CultureInfo.InvariantCulture);

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
