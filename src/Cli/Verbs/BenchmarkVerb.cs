using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

sealed partial class BenchmarkVerb : RunArguments, IVerb
{
    static readonly string[] Modes = ["inference", "train", "both"];

    [Option('m', "model", MetaValue = "MODEL",
        HelpText = "A model's name, a wildcard of names such as 'test_*', or an .onnx file.")]
    public override string Model { get; set; } = "";

    [Option("model-list", MetaValue = "FILE", HelpText = "A file with a model's name a line, instead of --model.")]
    public string? ModelList { get; set; }

    [Option("bench", Default = "both", MetaValue = "MODE",
        HelpText = "inference, train or both; an .onnx file has no training.")]
    public string Bench { get; set; } = "both";

    [Option("detail", HelpText = "Also the times of a training step's parts: forward, backward, optimizer.")]
    public bool Detail { get; set; }

    [Option("no-retry", HelpText = "Try no smaller batches where one is too large for the memory.")]
    public bool NoRetry { get; set; }

    [Option("num-warm-iter", Default = 10, MetaValue = "N", HelpText = "Calls before the clock starts.")]
    public int NumWarmIter { get; set; }

    [Option("num-bench-iter", Default = 40, MetaValue = "N", HelpText = "Calls that are timed.")]
    public int NumBenchIter { get; set; }

    [Option("threads", MetaValue = "N", HelpText = "Threads that share the work of a call. Default: one a core.")]
    public int Threads { get; set; }

    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there: as .json or .csv.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "csv or json. Default: by the file's ending.")]
    public string? ResultsFormat { get; set; }

    [Option("json", HelpText = "Print only the JSON of the results.")]
    public bool AsJson { get; set; }

    long? paramCount;

    public int Run(Streams streams)
    {
        if (!Modes.Contains(Bench))
            throw Nearest.Unknown("benchmark", Bench, Modes);
        if (Bench == "train" && IsFile)
            throw new UserException($"\"{Model}\" is a file for inference: training is measured on a model's name.");
        var file = SummaryFile.Of(ResultsFile, ResultsFormat);
        CheckDevice();
        return Names() is { } names ? RunAll(names, file, streams) : RunOne(file, streams);
    }

    public override void CheckDevice()
    {
        if (Bench != "inference" && !IsFile && !Device.Provider.Trains)
            throw new UserException($"{Device.Provider.Name} runs networks but does not train them: give --bench "
                + "inference.");
        base.CheckDevice();
    }

    /// <summary>The models of a list or of a wildcard; null for a single one.</summary>
    string[]? Names() => (ModelList, Model) switch
    {
        (not null, not "") => throw new UserException("Either --model or --model-list, not both."),
        ({ } list, _) => [.. BulkModel.Of(list, pretrained: false).Select(model => model.Name).Distinct()],
        (_, "") => throw new UserException("Say which model: --model NAME, or --model-list FILE."),
        (_, var name) when name == "all" || name.Contains('*') => [.. BulkModel.Of(name, false).Select(m => m.Name)],
        _ => null,
    };

    int RunOne(SummaryFile? file, Streams streams)
    {
        var fields = Measure(AsJson ? TextWriter.Null : streams.Error);
        file?.Save(fields);
        streams.Out.WriteLine(AsJson ? Json.Object(fields) : $"--result\n{Json.Object(fields)}");
        return ExitCode.Ok;
    }

    /// <summary>One after the other, the fastest first in the results; one that fails is named and left out.</summary>
    int RunAll(string[] names, SummaryFile? file, Streams streams)
    {
        var results = new List<(string Name, object? Value)[]>();
        foreach (var name in names)
            try
            {
                Model = name;
                results.Add(Measure(AsJson ? TextWriter.Null : streams.Error));
            }
            catch (Exception e) when (e is UserException or OutOfMemoryException)
            {
                streams.Error.WriteLine($"onnxtimm: {name} failed: {e.Message.ReplaceLineEndings(" ")}");
            }
        var key = Bench == "train" ? "train_samples_per_sec" : "infer_samples_per_sec";
        var sorted = results.OrderByDescending(row => (double)row.Single(f => f.Name == key).Value!).ToArray();
        file?.Save(sorted);
        streams.Out.WriteLine(AsJson ? SummaryFile.Objects(sorted) : $"--result\n{SummaryFile.Objects(sorted)}");
        return results.Count == names.Length ? ExitCode.Ok : ExitCode.Partial;
    }

    (string Name, object? Value)[] Measure(TextWriter messages) =>
    [
        ("model", Model),
        .. Bench == "train" ? [] : Try(batch => [.. Inference(batch, messages)], messages),
        .. Bench == "inference" || IsFile ? [] : Try(batch => [.. Training(batch, messages)], messages),
        ("param_count", paramCount is { } count ? Math.Round(count / 1e6, 2) : null),
    ];

    /// <summary>With the batch that is asked for, or a smaller one that the machine can bear.</summary>
    (string, object?)[] Try(Func<int, (string, object?)[]> run, TextWriter messages)
    {
        var batch = BatchSize ?? (Device.Provider.IsApart ? 256 : 8);
        return NoRetry ? run(batch) : BatchDecay.Run(batch, run, text => messages.WriteLine($"onnxtimm: {text}"));
    }
}
