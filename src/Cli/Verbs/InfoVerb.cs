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

    [Option("num-classes", MetaValue = "N",
        HelpText = "Classes of the head; 0 gives features. Default: the model's own.")]
    public int? NumClasses { get; set; }

    [Option("json", HelpText = "Print a JSON object.")]
    public bool AsJson { get; set; }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        if (NetworkArguments.IsModelFile(Model))
        {
            if (ImgSize is not null || NumClasses is not null)
                throw new UserException($"\"{Model}\" is complete: --img-size and --num-classes belong to a model's "
                    + "name.");
            var file = FileFacts.Of(Model);
            streams.Out.WriteLine(AsJson ? Json.Object(file.Fields()) : Text(file.Rows()));
            return ExitCode.Ok;
        }
        var model = Zoo.Build(Model, new()
        {
            ImgSize = ImgSize is { } size ? (size, size) : null,
            NumClasses = NumClasses,
        });
        var facts = new ModelFacts(model);
        streams.Out.WriteLine(AsJson ? Json.Object(facts.Fields()) : Text(facts.Rows()));
        return ExitCode.Ok;
    }

    static string Text(IEnumerable<(string Name, string Value)> rows) =>
        string.Join('\n', rows.Select(r => $"{r.Name,-12} {r.Value}".TrimEnd()));
}
