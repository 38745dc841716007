using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Models;
using OnnxTimm.Passes;

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
        var cost = Cost.Of(model.Graph);
        streams.Out.WriteLine(AsJson ? Json.Object(Fields(model, cost)) : Text(Rows(model, cost)));
        return ExitCode.Ok;
    }

    static IEnumerable<(string, object?)> Fields(Model model, Cost cost)
    {
        var (record, image) = (model.Record, model.Graph.Inputs[0]);
        yield return ("model", record.Name);
        yield return ("module", model.Family.Module);
        yield return ("params", model.ParamCount);
        yield return ("param_count", Math.Round(model.ParamCount / 1e6, 2));
        yield return ("gmacs", Math.Round(cost.Macs / 1e9, 2));
        yield return ("macts", Math.Round(cost.Activations / 1e6, 2));
        yield return ("img_size", image.Height);
        yield return ("input_size", image.Shape.Skip(1).Select(d => d.Size));
        yield return ("interpolation", record.Interpolation);
        yield return ("crop_pct", record.CropPct);
        yield return ("crop_mode", record.CropMode);
        yield return ("mean", record.Mean);
        yield return ("std", record.Std);
        yield return ("num_classes", model.Net.NumClasses);
        yield return ("num_features", model.NumFeatures);
        yield return ("first_conv", record.FirstConv);
        yield return ("classifier", model.Net.Classifiers);
        yield return ("license", record.License);
        yield return ("hf_hub_id", record.HubId);
        yield return ("url", record.Url);
        yield return ("tags", Tags(model));
    }

    static (string, string)[] Rows(Model model, Cost cost)
    {
        var (record, image) = (model.Record, model.Graph.Inputs[0]);
        return
        [
            ("model", $"{record.Name} (module {model.Family.Module})"),
            ("parameters", $"{model.ParamCount:N0} ({model.ParamCount / 1e6:F2} M)"),
            ("GMACs", $"{cost.Macs / 1e9:F2}"),
            ("activations", $"{cost.Activations / 1e6:F2} M"),
            ("input", $"{image.Name} {image.Shape} {image.Type}"),
            ("preprocess", $"{record.Interpolation}, crop {record.CropPct} {record.CropMode}, "
                + $"mean {string.Join(" ", record.Mean)}, std {string.Join(" ", record.Std)}"),
            ("head", model.Net.NumClasses == 0 ? $"{model.NumFeatures} features"
                : $"{string.Join(", ", model.Net.Classifiers)}: {model.NumFeatures} features to "
                    + $"{model.Net.NumClasses} classes"),
            ("weights", record.HasWeights ? $"{record.HubId ?? record.Url} ({record.License})" : "none"),
            ("tags", string.Join(", ", Tags(model))),
        ];
    }

    static string Text(IEnumerable<(string Name, string Value)> rows) =>
        string.Join('\n', rows.Select(r => $"{r.Name,-12} {r.Value}".TrimEnd()));

    static string[] Tags(Model model) => [.. Pretrained.Of(model.Family.Module).Values
        .Where(r => r.Architecture == model.Record.Architecture && r.Tag.Length > 0).Select(r => r.Tag)];
}
