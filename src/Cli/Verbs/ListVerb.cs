using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Verbs;

sealed class ListVerb : IVerb
{
    [Value(0, MetaName = "filter", HelpText = "A wildcard such as \"resnet*\"; all models without one.")]
    public string Filter { get; set; } = "";

    [Option("module", MetaValue = "MODULE", HelpText = "Only the models of one of timm's modules, such as resnet.")]
    public string Module { get; set; } = "";

    [Option("pretrained", HelpText = "Names with the tags of pretrained weights.")]
    public bool Pretrained { get; set; }

    [Option("json", HelpText = "Print a JSON array.")]
    public bool AsJson { get; set; }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        var modules = Zoo.Modules;
        if (Module.Length > 0 && !modules.Contains(Module))
            throw new UserException($"No module \"{Module}\".{Nearest.Hint(Module, modules)}");
        string[] names = [.. Zoo.List(Filter, Module, Pretrained)];
        if (names.Length == 0)
            throw new UserException(Filter.Length > 0
                ? $"No model{(Pretrained ? " with pretrained weights" : "")} matches \"{Filter}\"."
                    + Nearest.Hint(Filter, Zoo.Names)
                : $"No model of the module \"{Module}\" has pretrained weights.");
        streams.Out.WriteLine(AsJson ? Json.Text(w => Json.Value(w, names)) : string.Join('\n', names));
        return ExitCode.Ok;
    }
}
