using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Deploy;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Verbs;

sealed class ExportVerb : ModelArguments, IVerb
{
    [Value(0, MetaName = "model", Required = true, HelpText = "A model's name, with or without a tag.")]
    public override string Model { get; set; } = "";

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The .onnx file to write.")]
    public string Output { get; set; } = "";

    [Option('b', "batch-size", MetaValue = "N", HelpText = "Fixes the images of one call. Default: any number.")]
    public int? BatchSize { get; set; }

    [Option("features-only", HelpText = "Gives the maps of the stages instead of logits.")]
    public bool FeaturesOnly { get; set; }

    [Option("out-indices", MetaValue = "N",
        HelpText = "Which maps; negative ones count from the end. Default: the model's own.")]
    public IEnumerable<int> OutIndices { get; set; } = [];

    [Option("opset", MetaValue = "N",
        HelpText = "Version of ONNX's operators, from 7 to 26. Default: 18, or what the target takes.")]
    public int? Opset { get; set; }

    [Option("target", MetaValue = "NAME",
        HelpText = "Whom the file is for, such as ort-1.14 or opencv; \"help\" lists them.")]
    public string? TargetName { get; set; }

    [Option("optimize", MetaValue = "LEVEL",
        HelpText = "Writes what ONNX Runtime makes of the network on this machine: extended, or all with this "
            + "processor's layouts of weights; as .ort by the file's ending.")]
    public string? Optimize { get; set; }

    [Option("no-fold", HelpText = "Writes the network as it is trained, with its batch norms.")]
    public bool NoFold { get; set; }

    [Option("labels", MetaValue = "FILE", HelpText = "Names of the classes, one a line, to be kept in the file.")]
    public string? Labels { get; set; }

    [Option("card", HelpText = "Writes a README.md beside the file, as the hub shows it.")]
    public bool Card { get; set; }

    public int Run(Streams streams)
    {
        if (Card)
            HubCard.CheckPlace(Output);
        var options = Options().CheckFor(Output);
        using var loaded = ModelLoader.Load(Request(), streams);
        var named = Labels is not { } file ? loaded
            : loaded with
            {
                Card = loaded.Card with { Labels = Cards.Labels(file, loaded.Model.Net.NumClasses) },
            };
        named.Export(Output, options).Tell(streams);
        loaded.Tell(streams.Error);
        if (Card)
            new HubCard(loaded.Model, named.Card, Output).Save(streams.Out);
        return ExitCode.Ok;
    }

    /// <summary>The verb; null where the targets were asked for, which are then written.</summary>
    public static IVerb? Parse(VerbRow row, string[] args, Streams streams)
    {
        if (!args.Contains("--target=help") && !args.Zip(args.Skip(1)).Contains(("--target", "help")))
            return Arguments.Of<ExportVerb>(row, args, streams);
        TargetList.Write(streams.Out);
        return null;
    }

    ExportOptions Options() => new()
    {
        Fold = !NoFold,
        Target = Target,
        Optimize = Optimize,
    };

    Target? Target => TargetName is null ? null : TargetTable.Named(TargetName);

    protected override ModelRequest Request()
    {
        int[] indices = [.. OutIndices];
        var request = base.Request();
        request = request with
        {
            Options = request.Options with
            {
                BatchSize = BatchSize,
                FeaturesOnly = FeaturesOnly,
                OutIndices = indices.Length > 0 ? indices : null,
                Opset = LowerOpset.Supported(Opset ?? request.Options.Opset),
            },
        };
        return Target is { } target ? request.For(target, Opset) : request;
    }
}
