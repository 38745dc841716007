using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli.Verbs;

sealed class AverageVerb : IVerb
{
    [Option("input", Required = true, MetaValue = "DIR", HelpText = "Folder of the checkpoints of a run.")]
    public string Input { get; set; } = "";

    [Option("filter", MetaValue = "PATTERN", HelpText = "Which files, such as 'checkpoint-1?.safetensors', or "
        + "'*/last.pth.tar' in folders below. Default: *.pth.tar, or without such files checkpoint-*.safetensors.")]
    public string? Filter { get; set; }

    [Option("output", Default = "./averaged.safetensors", MetaValue = "FILE", HelpText = "The file to write.")]
    public string Output { get; set; } = "";

    [Option("no-use-ema", HelpText = "Take the weights themselves where a checkpoint has their average.")]
    public bool NoUseEma { get; set; }

    [Option("no-sort", HelpText = "Average all files, whatever they reached.")]
    public bool NoSort { get; set; }

    [Option('n', "count", Default = 10, MetaValue = "N", HelpText = "How many of the best are averaged.")]
    public int Count { get; set; }

    [Value(0, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        var chosen = AveragedWeights.Best(Input, Filter, NoSort ? null : Count);
        var saved = AveragedWeights.Write(chosen.Select(c => c.File), Output, !NoUseEma);
        streams.Error.WriteLine("Averaged:");
        foreach (var (file, metric) in chosen)
            streams.Error.WriteLine($"{metric?.ToString(CultureInfo.InvariantCulture)} {file}".TrimStart());
        CleanVerb.Tell(saved, streams.Out);
        return ExitCode.Ok;
    }
}
