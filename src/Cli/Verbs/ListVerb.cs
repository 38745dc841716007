using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Verbs;

sealed class ListVerb : IVerb
{
    static readonly string[] Orders = [.. Enum.GetNames<ZooOrder>().Select(name => name.ToLowerInvariant())];

    static readonly string[] Tasks = [ZooTable.Task(true), ZooTable.Task(false)];

    [Value(0, MetaName = "filter", HelpText = "Wildcards such as \"resnet*\", one or several; all models without one.")]
    public IEnumerable<string> Filters { get; set; } = [];

    [Option("exclude", MetaValue = "PATTERN,...", HelpText = "Wildcards of names to leave out, with commas between.")]
    public string Exclude { get; set; } = "";

    [Option("module", MetaValue = "MODULE", HelpText = "Only the models of one of timm's modules, such as resnet.")]
    public string Module { get; set; } = "";

    [Option("pretrained", HelpText = "Names with the tags of pretrained weights.")]
    public bool Pretrained { get; set; }

    [Option("license", MetaValue = "NAME,...",
        HelpText = "Tags whose weights have one of these licences, such as apache-2.0,mit.")]
    public string Licenses { get; set; } = "";

    [Option("task", MetaValue = "TASK",
        HelpText = "Tags whose weights classify, or give features, as those of CLIP do: classify, features.")]
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

    [Option("merged", HelpText = "Networks with branches that an export merges into one operator, with parameters and "
        + "work of the merged form.")]
    public bool Merged { get; set; }

    [Option("sort", MetaValue = "KEY",
        HelpText = "name (default), top1, params, gmacs, cpu, gpu: the best, smallest or fastest first.")]
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

    /// <summary>
    /// Reads the flags and, at the same time, the index, which takes as long as that; so does JSON's first use.
    /// </summary>
    public static IVerb? Parse(VerbRow row, string[] args, Streams streams)
    {
        new Thread(() =>
        {
            _ = Zoo.Licenses;
            if (args.Contains("--json"))
                Json.Text(w => w.WriteStringValue(""));
        })
        { IsBackground = true }.Start();
        return Arguments.Of<ListVerb>(row, args, streams);
    }

    public int Run(Streams streams)
    {
        if (AsCsv && AsJson)
            throw new UserException("Either --csv or --json, not both.");
        var rows = Zoo.Find(Query());
        if (rows.Count == 0)
            throw new UserException(Nothing());
        var isTable = Details || streams.Out is PlainWriter && !Console.IsOutputRedirected;
        var table = new ZooTable(rows, Merged);
        streams.Out.WriteLine(AsCsv ? table.Csv()
            : AsJson ? Details ? table.Objects() : Json.Text(w => Json.Value(w, rows.Select(row => row.Name)))
            : isTable ? table.Text()
            : string.Join('\n', rows.Select(row => row.Name)));
        return ExitCode.Ok;
    }

    ZooQuery Query() => new()
    {
        Patterns = [.. Filters],
        Exclude = Items(Exclude),
        Module = Known("module", Module, Zoo.Modules),
        Pretrained = Pretrained,
        Licenses = Array.ConvertAll(Items(Licenses), name => Known("license", name, Zoo.Licenses)),
        Params = (MinParams, MaxParams),
        GMacs = (MinGmacs, MaxGmacs),
        MaxSize = MaxSize,
        MinTop1 = MinTop1 is not (> 0 and <= 1) ? MinTop1 : throw new UserException(string.Create(
            CultureInfo.InvariantCulture, $"--min-top1 is in per cent: {MinTop1 * 100:0.##}, not {MinTop1}.")),
        Top = Top,
        Classifies = Known("task", Task, Tasks) is { Length: > 0 } task ? task == Tasks[0] : null,
        Merged = Merged,
        Order = Array.IndexOf(Orders, Sort) is >= 0 and var order ? (ZooOrder)order
            : throw Nearest.Unknown("order", Sort, Orders),
    };

    static string[] Items(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);

    static string Known(string what, string name, IEnumerable<string> all) =>
        name.Length == 0 || all.Contains(name) ? name : throw Nearest.Unknown(what, name, all);

    string Nothing()
    {
        var named = string.Join(" or ", Filters.Select(filter => $"\"{filter}\""));
        if (named.Length == 0)
            return Module.Length > 0 && Pretrained ? $"No model of the module \"{Module}\" has pretrained weights."
                : "No model fits all that is asked.";
        return $"No model{(Pretrained ? " with pretrained weights" : "")} matches {named}"
            + (HasAny([.. Filters]) ? " and the rest that is asked." : $".{Meant(Filters.First())}");
    }

    /// <summary>A name that is only the beginning of others is told from one that is mistyped.</summary>
    static string Meant(string filter) => HasAny($"{filter}*") ? $" Did you mean '{filter}*'?"
        : Nearest.Hint(filter, [.. Zoo.Names, .. Zoo.Modules.Select(module => $"{module}*").Where(p => HasAny(p))]);

    static bool HasAny(params string[] patterns) => Zoo.Find(new() { Patterns = patterns, Top = 1 }).Count > 0;
}
