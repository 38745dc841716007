using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Results;

/// <summary>What a model says of an image.</summary>
/// <param name="Name">Path of the image below the data folder.</param>
/// <param name="Top">The best classes.</param>
/// <param name="Names">Names of all classes; where one has none its index stands for it.</param>
sealed record ResultRow(string Name, TopClasses Top, IReadOnlyList<string> Names)
{
    public string[] Labels => Array.ConvertAll(Top.Index, i => ModelCard.LabelOf(Names, i));
}

/// <summary>Which columns the results have, as the flags of timm's inference.py say.</summary>
sealed class ResultColumns
{
    readonly List<(string Name, Func<ResultRow, Array> Values)> columns = [];

    public ResultColumns(string name, string index, string? label, string? output, string? type, bool withoutOutput)
    {
        Name = name;
        columns.Add((index, p => p.Top.Index));
        if (label is not null)
            columns.Add((label, p => p.Labels));
        if (type is not (null or "prob" or "logit"))
            throw Nearest.Unknown("output type", type, "prob", "logit");
        if (!withoutOutput && type is null or "prob")
            columns.Add((type is null ? "prob" : output ?? "prob", p => p.Top.Prob));
        if (!withoutOutput && type is null or "logit")
            columns.Add((type is null ? "logit" : output ?? "logit", p => p.Top.Logit));
    }

    /// <summary>Name of the column of image paths.</summary>
    public string Name { get; }

    /// <summary>The columns of values: a list for each image.</summary>
    public IReadOnlyList<(string Name, Func<ResultRow, Array> Values)> Values => columns;
}

/// <summary>The results of a run in the forms that timm's inference.py writes.</summary>
sealed class ResultTable(ResultColumns columns, IReadOnlyList<ResultRow> rows)
{
    /// <summary>A line an image; of several classes each has a column of its own, counted from 0.</summary>
    public string ToCsv()
    {
        var width = rows.Count > 0 ? rows[0].Top.Index.Length : 1;
        var heads = columns.Values.SelectMany(c =>
            Enumerable.Range(0, width).Select(i => width == 1 ? c.Name : $"{c.Name}_{i}"));
        var lines = rows.Select(row => columns.Values.SelectMany(c => c.Values(row).Cast<object>()).Prepend(row.Name));
        return string.Concat(lines.Prepend(heads.Prepend(columns.Name)).Select(Csv.Row));
    }

    /// <summary>An object with the image's path as key and a list for each column.</summary>
    public string ToJson() => Json.Text(w =>
    {
        w.WriteStartObject();
        foreach (var row in rows)
        {
            w.WriteStartObject(row.Name);
            foreach (var (name, values) in columns.Values)
            {
                w.WritePropertyName(name);
                Json.Value(w, values(row));
            }
            w.WriteEndObject();
        }
        w.WriteEndObject();
    });

    /// <summary>The names of the columns and the rows, apart.</summary>
    public string ToSplitJson() => Json.Text(w =>
    {
        w.WriteStartObject();
        w.WritePropertyName("columns");
        Json.Value(w, columns.Values.Select(c => c.Name).Prepend(columns.Name));
        w.WriteStartArray("data");
        foreach (var row in rows)
            Json.Value(w, columns.Values.Select(c => (object)c.Values(row)).Prepend(row.Name));
        w.WriteEndArray();
        w.WriteEndObject();
    });
}
