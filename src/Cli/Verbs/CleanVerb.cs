using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli.Verbs;

sealed class CleanVerb : IVerb
{
    [Option("checkpoint", Required = true, MetaValue = "FILE", HelpText = "The checkpoint, of any kind.")]
    public string Checkpoint { get; set; } = "";

    [Option("output", MetaValue = "FILE",
        HelpText = "The file to write. Default: the checkpoint's name, in the current folder.")]
    public string? Output { get; set; }

    [Option("no-use-ema", HelpText = "Take the weights themselves where the checkpoint has their average.")]
    public bool NoUseEma { get; set; }

    [Option("no-hash", HelpText = "Leave the first digits of the file's hash out of its name.")]
    public bool NoHash { get; set; }

    [Option("clean-aux-bn", HelpText = "Leave out the batch norms that further looks of a training had.")]
    public bool CleanAuxBn { get; set; }

    [Value(0, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        Tell(CleanedWeights.Write(Checkpoint, Output, !NoUseEma, !NoHash, CleanAuxBn), streams.Out);
        return ExitCode.Ok;
    }

    internal static void Tell(SavedWeights saved, TextWriter output)
    {
        var megabytes = new FileInfo(saved.Path).Length / 1e6;
        output.WriteLine(
            $"{saved.Path}: {Amount.Of(saved.Tensors, "tensor")}, {megabytes:F1} MB, SHA-256 {saved.Sha256}");
    }
}
