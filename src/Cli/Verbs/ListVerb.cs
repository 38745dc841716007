using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Verbs;

sealed class ListVerb : IVerb
{
    static readonly (string Name, ZooOrder Order)[] Orders =
    [
        ("name", ZooOrder.Name), ("top1", ZooOrder.Top1), ("params", ZooOrder.Params), ("gmacs", ZooOrder.GMacs),
    ];

    /// <summary>What a row says, by its heading; text of a number that is not known is empty.</summary>
    static readonly (string Head, Func<ZooRow, object?> Value, string Format)[] Columns =
    [
        ("name", row => row.Name, ""),
        ("module", row => row.Module, ""),
        ("params_m", row => row.Params / 1e6, "0.00"),
        ("gmacs", row => row.GMacs, "0.00"),
        ("macts_m", row => row.MActs, "0.0"),
        ("img_size", row => row.ImgSize, ""),
        ("num_features", row => row.Features, ""),
        ("top1", row => row.Top1, "0.0"),
        ("top5", row => row.Top5, "0.0"),
        ("result_size", row => row.ResultSize, ""),
        ("license", row => row.License, ""),
    ];

    [Value(0, MetaName = "filter", HelpText = "Wildcards such as \"resnet*\", one or several; all models without one.")]
    public IEnumerable<string> Filters { get; set; } = [];

    [Option("exclude", MetaValue = "PATTERN", Separator = ',',
        HelpText = "Wildcards of names to leave out, with commas between.")]
    public IEnumerable<string> Exclude { get; set; } = [];

    [Option("module", MetaValue = "MODULE", HelpText = "Only the models of one of timm's modules, such as resnet.")]
    public string Module { get; set; } = "";

    [Option("pretrained", HelpText = "Names with the tags of pretrained weights.")]
    public bool Pretrained { get; set; }

    [Option("license", MetaValue = "NAME,...", Separator = ',',
        HelpText = "Tags whose weights have one of these licences, such as apache-2.0,mit.")]
    public IEnumerable<string> Licenses { get; set; } = [];

    [Option("task", MetaValue = "TASK",
        HelpText = "Tags whose weights classify, or give features alone: classify, features.")]
    public string Task { get; set; } = "";

    [Option("min-params", MetaValue = "M", HelpText = "At least so many millions of parameters.")]
    public double? MinParams { get; set; }

    [Option("max-params", MetaValue = "M", HelpText = "At most so many millions of parameters.")]
    public double? MaxParams { get; set; }

    [Option("min-gmacs", MetaValue = "G", HelpText = "At least so many GMACs, 10^9 multiply-adds an image.")]
    public double? MinGmacs { get; set; }

    [Option("max-gmacs", MetaValue = "G", HelpText = "At most so many GMACs, 10^9 multiply-adds an image.")]
    public double? MaxGmacs { get; set; }

    [Option("max-size-px", MetaValue = "N", HelpText = "A default image of at most so many pixels a side.")]
    public int? MaxSize { get; set; }

    [Option("min-top1", MetaValue = "PERCENT", HelpText = "Tags with at least this published accuracy on ImageNet-1k.")]
    public double? MinTop1 { get; set; }

    [Option("sort", MetaValue = "KEY", HelpText = "name (default), top1, params or gmacs: the best or smallest first.")]
    public string Sort { get; set; } = "name";

    [Option("top", MetaValue = "N", HelpText = "Only so many of the first.")]
    public int? Top { get; set; }

    [Option("details", HelpText = "Print a table; on a terminal that is the default.")]
    public bool Details { get; set; }

    [Option("json", HelpText = "Print a JSON array: of names, with --details of objects.")]
    public bool AsJson { get; set; }

    [Option("csv", HelpText = "Print the table as CSV.")]
    public bool AsCsv { get; set; }

    /// <summary>Every word is a filter.</summary>
    public IEnumerable<string> Surplus => [];

    public int Run(Streams streams)
    {
        var rows = Zoo.Find(Query());
        if (rows.Count == 0)
            throw new UserException(Nothing());
        var isTable = Details || streams.Out is PlainWriter && !Console.IsOutputRedirected;
        streams.Out.WriteLine(AsCsv ? Csv(rows)
            : AsJson ? Details ? Objects(rows) : Json.Text(w => Json.Value(w, rows.Select(row => row.Name)))
            : isTable ? Table(rows)
            : string.Join('\n', rows.Select(row => row.Name)));
        return ExitCode.Ok;
    }

    ZooQuery Query() => new()
    {
        Patterns = [.. Filters],
        Exclude = [.. Exclude],
        Module = Known(Module, Zoo.Modules, "module"),
        Pretrained = Pretrained,
        Licenses = [.. Licenses.Select(name => Known(name, Zoo.Licenses, "license"))],
        Params = (MinParams, MaxParams),
        GMacs = (MinGmacs, MaxGmacs),
        MaxSize = MaxSize,
        MinTop1 = MinTop1,
        Top = Top,
        Classifies = Known(Task, ["classify", "features"], "task") is { Length: > 0 } task ? task == "classify" : null,
        Order = Orders.First(order => order.Name == Known(Sort, Orders.Select(o => o.Name), "order")).Order,
    };

    static string Known(string value, IEnumerable<string> all, string what) => value.Length == 0 || all.Contains(value)
        ? value
        : throw new UserException($"No {what} \"{value}\".{Nearest.Hint(value, all)}"
            + (all.Count() < 20 ? $" There are: {string.Join(", ", all)}." : ""));

    string Nothing()
    {
        var named = string.Join(" or ", Filters.Select(filter => $"\"{filter}\""));
        if (named.Length == 0)
            return Module.Length > 0 && Pretrained ? $"No model of the module \"{Module}\" has pretrained weights."
                : "No model fits all that is asked.";
        return $"No model{(Pretrained ? " with pretrained weights" : "")} matches {named}"
            + (Zoo.Find(new() { Patterns = [.. Filters] }).Count == 0
                ? $".{Nearest.Hint(Filters.First(), Zoo.Names)}" : " and the rest that is asked.");
    }

    static string Table(IReadOnlyList<ZooRow> rows)
    {
        var shown = Columns.Where(column => rows.Any(row => column.Value(row) is not null)).ToArray();
        string[][] cells =
            [[.. shown.Select(c => c.Head)], .. rows.Select(row => shown.Select(c => Text(c, row)).ToArray())];
        var widths = shown.Select((_, i) => cells.Max(line => line[i].Length)).ToArray();
        return string.Join('\n', cells.Select(line => string.Join("  ", line.Select((cell, i) =>
            shown[i].Value(rows[0]) is string ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd()));
    }

    static string Csv(IReadOnlyList<ZooRow> rows) => string.Join('\n', rows
        .Select(row => string.Join(',', Columns.Select(column => Text(column, row))))
        .Prepend(string.Join(',', Columns.Select(column => column.Head))));

    static string Objects(IReadOnlyList<ZooRow> rows) => Json.Text(w =>
    {
        w.WriteStartArray();
        foreach (var row in rows)
        {
            w.WriteStartObject();
            foreach (var column in Columns)
            {
                w.WritePropertyName(column.Head);
                Json.Value(w, column.Value(row));
            }
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });

    static string Text((string Head, Func<ZooRow, object?> Value, string Format) column, ZooRow row) =>
        column.Value(row) is IFormattable number ? number.ToString(column.Format, CultureInfo.InvariantCulture)
            : column.Value(row)?.ToString() ?? "";
}
