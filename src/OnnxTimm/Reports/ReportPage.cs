using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>The sections of a report as HTML.</summary>
static class ReportPage
{
    /// <summary>Classes up to which all pairs are shown, and otherwise how many pairs and classes.</summary>
    const int MostMatrix = 50, MostRows = 100;

    /// <summary>Characters of the options.</summary>
    const int MostOptions = 100_000;

    public static string Of(Report report) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <title>{Html.Encoded(Html.Cut(report.Title, 200))}</title>
        <style>
        {ReportStyle.Css}
        </style>
        </head>
        <body>
        <main>
        <h1>{Html.Text(report.Title)}</h1>
        {Html.Pairs("figures", report.Figures)}
        {string.Concat(Sections(report))}</main>
        </body>
        </html>

        """;

    static IEnumerable<string> Sections(Report report)
    {
        yield return Html.Section("Epochs", ReportChart.Of(report.Epochs));
        if (report.Judged is { Count: > 0 } judged)
        {
            yield return Html.Section("Classes taken for each other",
                judged.Occurring() is { Count: <= MostMatrix } classes ? Matrix(judged, classes) : Pairs(judged));
            yield return Html.Section("Accuracy by class", Classes(judged));
            yield return Html.Section("The worst mistakes", Mistakes(report, judged));
        }
        yield return Html.Section("By class", Labels(report.Labels));
        yield return Html.Section("Speed and memory", Html.Pairs("facts", report.Costs));
        yield return Html.Section("Once more",
            report.Command is { } command ? $"<pre>{Html.Encoded(command)}</pre>" : "");
        yield return Html.Section("Options", report.Options is { } options
            ? $"<details><summary>All options, as args.yaml has them</summary>\n<pre>"
                + $"{Html.Encoded(Html.Cut(options, MostOptions))}</pre></details>" : "");
    }

    static string Matrix(JudgedImages judged, IReadOnlyList<int> classes)
    {
        var counts = judged.All.CountBy(v => (v.Label, v.Said)).ToDictionary();
        var images = judged.All.CountBy(v => v.Label).ToDictionary();
        return "<p>Rows are what images are, columns what the model said.</p>\n"
            + "<div class=\"wide\"><table class=\"matrix\">\n<tr><td></td>"
            + string.Concat(classes.Select(c => $"<th scope=\"col\"><span>{Name(c)}</span></th>")) + "</tr>\n"
            + string.Concat(classes.Select(r =>
                $"<tr><th scope=\"row\">{Name(r)}</th>{string.Concat(classes.Select(c => Cell(r, c)))}</tr>\n"))
            + "</table></div>";

        string Name(int c) => Html.Text(Html.Cut(judged.Name(c), 24));

        string Cell(int r, int c) => !counts.TryGetValue((r, c), out var n) ? "<td></td>"
            : $"<td class=\"{(r == c ? "right" : "wrong")}\" style=\"--share:"
                + $"{Html.Number(100.0 * n / images[r], "0")}%\">{n}</td>";
    }

    static string Pairs(JudgedImages judged)
    {
        var pairs = judged.Confusions();
        return $"<p>The {Math.Min(pairs.Count, MostRows)} most frequent of {pairs.Count} pairs.</p>\n"
            + "<div class=\"wide\"><table>\n<tr><th>is</th><th>was taken for</th><th>images</th></tr>\n"
            + string.Concat(pairs.Take(MostRows).Select(p => $"<tr><td>{Html.Text(judged.Name(p.Label))}</td>"
                + $"<td>{Html.Text(judged.Name(p.Said))}</td><td>{p.Images}</td></tr>\n"))
            + "</table></div>";
    }

    static string Classes(JudgedImages judged)
    {
        var classes = judged.ByClass();
        var note = classes.Count <= MostRows ? ""
            : $"<p>The {MostRows} least often right of {classes.Count} classes.</p>\n";
        return note + "<div class=\"wide\"><table>\n<tr><th>class</th><th>images</th><th>right</th><th></th></tr>\n"
            + string.Concat(classes.Take(MostRows).Select(Row)) + "</table></div>";

        static string Row(ClassAccuracy c)
        {
            var percent = Html.Number(100.0 * c.Right / c.Images, "0.0");
            return $"<tr><td>{Html.Text(c.Name)}</td><td>{c.Images}</td><td>{percent} %</td>"
                + $"<td class=\"bar\"><i style=\"width:{percent}%\"></i></td></tr>\n";
        }
    }

    /// <summary>Classes of which an image may have several.</summary>
    static string Labels(IReadOnlyList<(string Name, LabelClass Found)> labels)
    {
        var occurring = labels.Where(l => l.Found.Images + l.Found.Said > 0)
            .OrderBy(l => l.Found.F1).ThenBy(l => l.Name, StringComparer.Ordinal).ToArray();
        var note = occurring.Length <= MostRows ? ""
            : $"<p>The {MostRows} with the least F1 of {occurring.Length} classes.</p>\n";
        return occurring.Length == 0 ? "" : note + "<div class=\"wide\"><table>\n<tr><th>class</th><th>images</th>"
            + "<th>said of</th><th>right</th><th>average precision</th><th>F1</th><th></th></tr>\n"
            + string.Concat(occurring.Take(MostRows).Select(l => Row(l.Name, l.Found))) + "</table></div>";

        static string Row(string name, LabelClass c)
        {
            var f1 = Html.Number(c.F1, "0.0");
            return $"<tr><td>{Html.Text(name)}</td><td>{c.Images}</td><td>{c.Said}</td><td>{c.Right}</td>"
                + $"<td>{Html.Number(c.Precision, "0.0")} %</td><td>{f1} %</td>"
                + $"<td class=\"bar\"><i style=\"width:{f1}%\"></i></td></tr>\n";
        }
    }

    static string Mistakes(Report report, JudgedImages judged)
    {
        var (worst, buffer) = (judged.Worst(Report.MostMistakes), new FileBuffer());
        if (worst.Count == 0)
            return "<p>None.</p>";
        var wrong = judged.All.Count(v => !v.IsRight);
        return $"<p>{worst.Count} of {wrong}; the model was surest of the first that they are something else.</p>\n"
            + $"<div class=\"mistakes\">\n{string.Concat(worst.Select(Figure))}</div>";

        string Figure(Verdict v)
        {
            var picture = report.Picture(v.Index, buffer) is { } jpeg
                ? $"<img alt=\"\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">" : "";
            var name = report.Data is { } data ? $"<small>{Html.Text(data.Name(v.Index))}</small>" : "";
            return $"<figure>{picture}<figcaption>is {Html.Text(judged.Name(v.Label))}<br>"
                + $"<b>said {Html.Text(judged.Name(v.Said))}, {Html.Number(100 * v.Probability, "0")} %</b>{name}"
                + "</figcaption></figure>\n";
        }
    }
}
