using System.Text;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Results;

/// <summary>The README.md that a hub of models shows beside a file: front matter, figures, and how to use it.</summary>
/// <param name="model">The network in the file.</param>
/// <param name="card">What the file says about itself.</param>
/// <param name="file">The .onnx or .safetensors file.</param>
sealed class HubCard(Model model, ModelCard card, string file)
{
    /// <summary>By this line a card is known, which may be written anew.</summary>
    const string Mark = "<!-- Written by onnxtimm --card, which writes it anew. -->";

    /// <summary>Licences that the hub knows by their names; others are named beside "other".</summary>
    static readonly string[] HubLicenses =
    [
        "apache-2.0", "mit", "bsd-3-clause", "cc-by-4.0", "cc-by-nc-4.0", "apple-ascl", "apple-amlr", "gemma",
        "unknown",
    ];

    readonly string name = Path.GetFileName(file);

    /// <summary>What the index says of the weights; null where they are not timm's, or have another head.</summary>
    readonly ZooRow? tag = card.Tag.Length == 0 || model.Net.NumClasses != model.Record.NumClasses ? null
        : Zoo.Find(new() { Patterns = [model.Record.Name], Pretrained = true }) is [var row, ..] ? row : null;

    bool IsOnnx => Path.GetExtension(name).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    bool IsFeatures => !model.Graph.Outputs.Any(v => v.Name == "logits") || tag?.Classifies == false;

    /// <summary>Whether the weights are timm's, whose licence is known.</summary>
    string License => card.Tag.Length > 0 ? model.Record.License : "unknown";

    /// <exception cref="UserException">A README.md that somebody wrote is there.</exception>
    public static void CheckPlace(string file)
    {
        var place = PlaceOf(file);
        if (File.Exists(place) && !RegularFile.ReadText(place).Contains(Mark))
            throw new UserException($"\"{place}\" is there already, and --card did not write it: another folder for "
                + "--output keeps it.");
    }

    /// <summary>Writes it beside the file, and says so.</summary>
    public void Save(TextWriter output)
    {
        ResultFiles.Save(PlaceOf(file), Text());
        output.WriteLine($"{PlaceOf(file)}: a card for the hub");
    }

    /// <summary>The whole card.</summary>
    public string Text() => $"---\n{FrontMatter()}---\n{Mark}\n\n# {Title}\n\n{About()}\n\n{Figures()}\n"
        + $"## Use\n\nBy the command line of OnnxTimm:\n\n```sh\n{CommandLine()}\n```\n\nIn .NET:\n\n```csharp\n"
        + $"{Program()}```\n";

    static string PlaceOf(string file) => Path.Combine(Path.GetDirectoryName(file) ?? "", "README.md");

    string Title => tag?.Name ?? model.Record.Architecture;

    string FrontMatter()
    {
        var text = new StringBuilder();
        text.Append(HubLicenses.Contains(License) ? $"license: {License}\n"
            : $"license: other\nlicense_name: {License}\n");
        text.Append($"library_name: {(IsOnnx ? "onnx" : "timm")}\n");
        text.Append($"pipeline_tag: image-{(IsFeatures ? "feature-extraction" : "classification")}\n");
        text.Append($"tags:\n- image-{(IsFeatures ? "feature-extraction" : "classification")}\n- timm\n- onnxtimm\n");
        if (tag is not null && LabelSet.Of(tag.NumClasses!.Value)?.HubId is { } data)
            text.Append($"datasets:\n- {data}\n");
        if (card.Tag.Length > 0 && model.Record.HubId is { } hub)
            text.Append($"base_model: {hub}\n");
        return text.ToString();
    }

    string About() => $"`{name}` is {model.Record.Architecture}, of timm's module {model.Family.Module}, as "
        + (IsOnnx ? "an ONNX file that says itself how images are prepared." : "weights under timm's names.")
        + (card.Tag.Length == 0
            ? " Its weights are not timm's: whose they are, and their licence, is yours to say here."
            : model.Record.HubId is { } hub ? $" Its weights are those of [{hub}](https://huggingface.co/{hub})."
            : "");

    string Figures()
    {
        var (cost, image) = (Cost.Of(model.Graph), card.Preprocess);
        var filter = image.Interpolation.ToString().ToLowerInvariant();
        var rows = new List<(string, FormattableString)>
        {
            ("parameters", $"{model.ParamCount / 1e6:F2} M"),
            ("GMACs", $"{cost.Macs / 1e9:F2}"),
            ("activations", $"{cost.Activations / 1e6:F2} M"),
            image.Patches is { } patches ? ("patches", (FormattableString)$"at most {patches}, {filter}")
                : ("image", $"{image.Channels} × {image.Height} × {image.Width}, {filter}, crop {image.CropPct}"),
            ("mean, std", $"{string.Join(" ", image.Mean)}, {string.Join(" ", image.Std)}"),
            ("output", $"{string.Join(", ", model.Graph.Outputs.Select(v => $"{v.Name} {v.Shape}"))}"),
        };
        if (tag?.Top1 is { } top1)
            rows.Add(("ImageNet-1k",
                $"top-1 {top1:F1} %, top-5 {tag.Top5:F1} % at {tag.ResultSize} px (timm's results)"));
        return "| | |\n|---|---|\n" + string.Concat(rows.Select(row =>
            $"| {row.Item1} | {FormattableString.Invariant(row.Item2)} |\n"));
    }

    string CommandLine() => IsOnnx ? $"onnxtimm infer --model {name} --data-dir PHOTOS"
        : $"onnxtimm infer --model {model.Record.Architecture} --checkpoint {name} --data-dir PHOTOS";

    string Use => IsFeatures ? "float[] features = model.Embed(\"photo.jpg\");"
        : "foreach (var p in model.Classify(\"photo.jpg\", top: 5))\n    Console.WriteLine(p);";

    /// <summary>What a head of another width than the name's own is asked for by.</summary>
    string Options => model.Net.NumClasses == Zoo.Resolve(model.Record.Architecture).NumClasses ? ""
        : $", new() {{ Model = new() {{ NumClasses = {model.Net.NumClasses} }} }}";

    string Opened => IsOnnx ? $"Classifier.Open(\"{name}\")"
        : $"Classifier.Create(\"{model.Record.Architecture}\", \"{name}\"{Options})";

    string Program() => $"using OnnxTimm;\n\nusing var model = {Opened};\n{Use}\n";
}
