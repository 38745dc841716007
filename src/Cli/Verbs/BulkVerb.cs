using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli.Verbs;

sealed class BulkVerb : IVerb
{
    static readonly string[] Commands = ["validate", "benchmark"];

    [Option("model-list", Required = true, MetaValue = "LIST", HelpText = "all; all_in1k, networks with weights of "
        + "1000 classes at each size of theirs; all_res, all at each size; a wildcard; or a file with a name a line.")]
    public string ModelList { get; set; } = "";

    [Option("results-file", Default = "./results.csv", MetaValue = "FILE",
        HelpText = "The table to write; networks that have a row in it are left out.")]
    public string ResultsFile { get; set; } = "";

    [Option("sort-key", MetaValue = "COLUMN",
        HelpText = "Column to sort by, the largest first. Default: top1, or the samples per second of a benchmark.")]
    public string? SortKey { get; set; }

    [Option("pretrained", HelpText = "Only networks with weights, a row for each tag.")]
    public bool Pretrained { get; set; }

    [Option("delay", MetaValue = "SECONDS", HelpText = "Rest between two networks. Default: 0.")]
    public double Delay { get; set; }

    [Value(0, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    /// <summary>The command of each network: its name and its flags.</summary>
    string[] command = [];

    /// <summary>The same as it is read.</summary>
    IVerb? read;

    public bool Stops => true;

    /// <summary>Its own flags stand before the command that is run, the command's behind it.</summary>
    public static IVerb? Parse(VerbRow row, string[] args, Streams streams)
    {
        var at = Words.FirstWord<BulkVerb>(row.Name, args);
        if (Arguments.Of<BulkVerb>(row, args[..at], streams) is not BulkVerb verb)
            return null;
        if (at == args.Length)
            throw new UserException("bulk needs a command behind its flags: validate or benchmark, with the flags of "
                + "that, but for --model.");
        // timm's own scripts are called by their files.
        var name = args[at].EndsWith(".py", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(args[at])
            : args[at];
        if (!Commands.Contains(name))
            throw Nearest.Unknown("command of bulk", name, Commands);
        // Networks that are chosen for their weights are validated with them.
        var weighs = name == "validate" && (verb.Pretrained || verb.ModelList == "all_in1k");
        verb.command = [name, .. args[(at + 1)..], .. weighs ? ["--pretrained"] : (string[])[]];
        return verb;
    }

    public int Run(Streams streams)
    {
        // A benchmark crops nothing.
        BulkModel[] models = [.. BulkModel.Of(ModelList, Pretrained)
            .Select(model => command[0] == "validate" ? model : model with { CropPct = null }).Distinct()];
        if (!IsToRun(models[0], streams))
            return ExitCode.Ok;
        var table = new BulkTable(ResultsFile);
        var before = table.Count;
        streams.Error.WriteLine(
            $"{Amount.Of(models.Length, "network")}, {models.Count(table.Has)} of them in {ResultsFile}.");
        using var stop = new Interrupt();
        var run = new BulkRun
        {
            Command = [.. Program, .. command],
            Table = table,
            Delay = TimeSpan.FromSeconds(Delay),
            Log = streams.Error.WriteLine,
        };
        try
        {
            return Finish(run.RunAsync(models, stop.Token).GetAwaiter().GetResult(), table, before, streams);
        }
        catch (OperationCanceledException)
        {
            streams.Error.WriteLine(
                $"Stopped: {ResultsFile} has {Amount.Of(table.Count, "row")}; the same command goes on.");
            return ExitCode.Stopped;
        }
    }

    int Finish(IReadOnlyList<(BulkModel Model, string Fault)> faults, BulkTable table, int before, Streams streams)
    {
        if (!table.Sort(Key))
            streams.Error.WriteLine($"onnxtimm: not all rows have the column {Key}: they are not sorted.");
        foreach (var (model, fault) in faults)
            streams.Error.WriteLine($"onnxtimm: {model.Name} failed: {fault}");
        streams.Out.WriteLine($"{ResultsFile}: {Amount.Of(table.Count, "row")}, {table.Count - before} of them new, "
            + $"{Amount.Of(faults.Count, "network")} failed");
        return faults.Count == 0 ? ExitCode.Ok : ExitCode.Partial;
    }

    string Key => SortKey ?? read switch
    {
        BenchmarkVerb { Bench: "train" } => "train_samples_per_sec",
        BenchmarkVerb => "infer_samples_per_sec",
        _ => "top1",
    };

    /// <summary>
    /// What is wrong with the command's flags is said before the first of many processes, and where they ask for help
    /// there is nothing to run.
    /// </summary>
    bool IsToRun(BulkModel model, Streams streams)
    {
        var row = VerbRow.All.Single(v => v.Name == command[0]);
        read = row.Parse(row, [.. command[1..], .. model.Words], new(streams.Out, TextWriter.Null));
        (read as RunArguments)?.CheckDevice();
        return read is not null;
    }

    /// <summary>This program: its own file, or the one beside where a host runs it.</summary>
    static string[] Program => Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "onnxtimm"
        ? [Environment.ProcessPath!] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "onnxtimm.dll")];
}
