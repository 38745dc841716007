using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;

namespace OnnxTimm.Cli.Verbs;

sealed class DiffVerb : IVerb
{
    [Value(0, MetaName = "a", Required = true, HelpText = "A model's name, an .onnx file, or a file with weights.")]
    public string First { get; set; } = "";

    [Value(1, MetaName = "b", Required = true, HelpText = "The other.")]
    public string Second { get; set; } = "";

    [Option("json", HelpText = "Print a JSON object, with all names.")]
    public bool AsJson { get; set; }

    [Value(2, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        using var first = ModelSide.Of(First);
        using var second = ModelSide.Of(Second);
        var diff = new ModelDiff(first, second);
        streams.Out.WriteLine(AsJson ? Json.Object(diff.Fields()) : diff.Text());
        return ExitCode.Ok;
    }
}
