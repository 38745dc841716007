using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Verbs;

sealed class InfoVerb : IVerb
{
    [Value(0, MetaName = "model", Required = true,
        HelpText = "A name as \"onnxtimm list\" shows it, with or without a tag; or an .onnx file.")]
    public string Model { get; set; } = "";

    [Option("img-size", MetaValue = "N", HelpText = "Height and width of the image. Default: the model's own.")]
    public int? ImgSize { get; set; }

    [Option("input-size", MetaValue = "N", HelpText = "Channels, height and width of the image: three numbers.")]
    public IEnumerable<int> InputSize { get; set; } = [];

    [Option("in-chans", MetaValue = "N", HelpText = "Channels of the image. Default: the model's own.")]
    public int? InChans { get; set; }

    [Option("num-classes", MetaValue = "N",
        HelpText = "Classes of the head; 0 gives features. Default: the model's own.")]
    public int? NumClasses { get; set; }

    [Option("model-kwargs", MetaValue = "KEY=VALUE",
        HelpText = "What else the network can be asked for: output_stride=8, 16 or 32, which dilates its last stages.")]
    public IEnumerable<string> ModelKwargs { get; set; } = [];

    [Option("json", HelpText = "Print a JSON object.")]
    public bool AsJson { get; set; }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    /// <summary>The model as a file, which has all that shapes a network.</summary>
    string CompleteFile =>
        ImgSize is null && !InputSize.Any() && InChans is null && NumClasses is null && !ModelKwargs.Any() ? Model
            : throw new UserException($"\"{Model}\" is complete: --img-size, --input-size, --in-chans, --num-classes "
                + "and --model-kwargs belong to a model's name.");

    public int Run(Streams streams)
    {
        if (NetworkArguments.IsModelFile(Model))
        {
            var file = FileFacts.Of(CompleteFile);
            streams.Out.WriteLine(AsJson ? Json.Object(file.Fields()) : Text(file.Rows()));
            return ExitCode.Ok;
        }
        var (channels, image) = NetworkArguments.SizeOf(InputSize, ImgSize, InChans);
        var model = Zoo.Build(Model, new()
        {
            ImgSize = image,
            InChans = channels,
            NumClasses = NumClasses,
            OutputStride = NetworkArguments.StrideOf(ModelKwargs),
        });
        var facts = new ModelFacts(model);
        streams.Out.WriteLine(AsJson ? Json.Object(facts.Fields()) : Text(facts.Rows()));
        return ExitCode.Ok;
    }

    static string Text(IEnumerable<(string Name, string Value)> rows) =>
        string.Join('\n', rows.Select(r => $"{r.Name,-12} {r.Value}".TrimEnd()));
}
