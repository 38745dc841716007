using System.Security.Cryptography;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Loading;

/// <summary>From a name and a source of weights to a graph that can be run or written.</summary>
static class ModelLoader
{
    /// <summary>Builds the model and gives it its weights; they are read when they are used.</summary>
    /// <exception cref="UserException">No such model, no such file, or weights that do not fit.</exception>
    public static LoadedModel Load(ModelRequest request, Action<DownloadProgress>? progress = null)
    {
        var record = Zoo.Resolve(request.Name);
        var file = request.Checkpoint is { } path ? Open(path, request.UseEma) : null;
        try
        {
            var trained = file is null ? null : TrainedNetwork.Of(file, record);
            var options = trained?.Complete(request.Options)
                ?? request.Options with { ImgSize = request.Options.ImgSize ?? TestSize(record, request) };
            var model = Model.Build(record, options);
            if (file is null && request.Pretrained)
                file = Open(Download(record, progress), request.UseEma ?? false);
            return file is null
                ? new(model, Cards.Of(model, request.UseTestSize), null, null)
                : Fill(model, options, request, file, trained);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file with weights.</summary>
    /// <param name="path">The file, or a folder of checkpoints.</param>
    /// <param name="useEma">
    /// Whether averaged weights are preferred; null where they made the best checkpoint of a training the best.
    /// </param>
    public static StateDict Open(string path, bool? useEma)
    {
        var file = Checkpoint.FileOf(path);
        return Checkpoint.Open(file, useEma ?? TrainedNetwork.IsBest(file));
    }

    static LoadedModel Fill(
        Model model, ModelOptions options, ModelRequest request, StateDict file, TrainedNetwork? trained)
    {
        var record = model.Record;
        var result = StateDicts.Load(file, Shapes(model, options), Rules(model, request));
        var isHeadNew = model.Net.Classifiers.Any(prefix => result.Missing.Contains($"{prefix}.weight"));
        if (isHeadNew)
            model.ResetClassifier();
        StateDicts.Fill(model.Graph, result);
        var card = Cards.Of(model, request.UseTestSize) with { SourceFormat = FormatOf(file) };
        card = trained?.Describe(card) ?? card;
        var labels = trained?.Card.Labels ?? record.ClassNames;
        card = card with
        {
            Labels = !isHeadNew && model.Graph.Find("logits")?.Shape[1] == labels.Count ? labels : [],
        };
        return new(model, request.Checkpoint is null ? card.WithRecord(record) : card, result, file)
        {
            Note = trained?.Note(card, request.UseEma ?? TrainedNetwork.IsBest(file.Source)) ?? "",
        };
    }

    static (int, int)? TestSize(Pretrained record, ModelRequest request) =>
        request.UseTestSize && record.TestInputSize is [_, var height, var width] ? (height, width) : null;

    static string Download(Pretrained record, Action<DownloadProgress>? progress)
    {
        if (!record.HasWeights)
            throw new UserException($"There are no pretrained weights of {record.Name}.");
        var hub = new WeightHub(HubSettings.FromEnvironment(), progress);
        return hub.GetAsync(new WeightSource(record.HubId, record.HubFile, record.Url)).GetAwaiter().GetResult();
    }

    /// <summary>Checkpoints hold the whole network, also where only some of its maps are asked for.</summary>
    static (string, long[])[] Shapes(Model model, ModelOptions options)
    {
        var whole = options.FeaturesOnly ? Model.Build(model.Record, options with { FeaturesOnly = false }) : model;
        return [.. whole.Graph.StateDict.Select(entry => (entry.Name, entry.Weight.Shape.Sizes))];
    }

    /// <summary>
    /// timm's rules: pretrained weights are adapted to another head, those of a checkpoint only when the head is left
    /// out.
    /// </summary>
    internal static LoadOptions Rules(Model model, ModelRequest request)
    {
        var (record, image) = (model.Record, model.Graph.Inputs[0]);
        var adapts = request.Adapts || request.Checkpoint is null || model.Net.NumClasses == 0;
        return new()
        {
            FirstConv = record.FirstConv,
            Classifier = [.. model.Net.Classifiers],
            Channels = image.Channels,
            Classes = model.Net.NumClasses,
            LabelOffset = record.LabelOffset,
            AdaptsClassifier = adapts,
            Fits = model.Net.Fits,
            AllowMissing = [.. request.AllowMissing, .. StateDicts.SecondNames(model.Graph)],
            AllowUnexpected = [.. model.Net.Unused, .. request.AllowUnexpected],
        };
    }

    /// <summary>SHA-256 of a file with weights, computed beside what follows.</summary>
    public static LateFact Hash(StateDict weights)
    {
        var hash = Task.Run(() =>
        {
            using var file = RegularFile.OpenStream(weights.Source);
            return System.Convert.ToHexStringLower(SHA256.HashData(file));
        });
        return new(ModelCard.SourceKey, 2 * SHA256.HashSizeInBytes, hash);
    }

    /// <summary>The kind of a file with weights, as --format has it.</summary>
    public static string FormatOf(StateDict weights) => weights.Format.ToString().ToLowerInvariant();
}

/// <summary>A model with its weights.</summary>
/// <param name="Model">Graph and record.</param>
/// <param name="Card">What its file will say about it, but for the hash of the weights' file.</param>
/// <param name="Result">How the weights of the file became the model's; null for initial ones.</param>
/// <param name="File">The mapped file; null for initial weights.</param>
sealed record LoadedModel(Model Model, ModelCard Card, LoadResult? Result, StateDict? File)
    : IDisposable
{
    /// <summary>SHA-256 of the file, computed beside what follows; null for initial weights.</summary>
    public LateFact? Hash() => File is null ? null : ModelLoader.Hash(File);

    /// <summary>The card with the hash of the file.</summary>
    public ModelCard SignedCard() => Card with { Source = Hash()?.Value.Result ?? "" };

    /// <summary>What a checkpoint decided; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Says what a checkpoint decided and where initial values stayed.</summary>
    /// <param name="messages">Takes the lines.</param>
    /// <param name="flags">The flags that give trained weights.</param>
    public void Tell(TextWriter messages, string flags = "--checkpoint or --pretrained")
    {
        if (Note.Length > 0)
            messages.WriteLine($"onnxtimm: {Note}");
        if (Result is null)
            messages.WriteLine($"onnxtimm: {Card.Architecture} has its initial weights: {flags} "
                + "gives it trained ones.");
        else if (Result.Missing.Count > 0)
            messages.WriteLine($"onnxtimm: initial values stay in {string.Join(", ", Result.Missing)}");
    }

    public void Dispose() => File?.Dispose();
}
