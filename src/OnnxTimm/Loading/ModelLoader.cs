using System.Security.Cryptography;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>From a name and a source of weights to a graph that can be run or written.</summary>
public static class ModelLoader
{
    /// <summary>Builds the model and gives it its weights; they are read when they are used.</summary>
    /// <param name="request">Which model, and whose weights.</param>
    /// <param name="progress">Takes how far a download is, on any thread.</param>
    /// <param name="cancel">Ends a download.</param>
    /// <exception cref="UserException">No such model, no such file, or weights that do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LoadedModel Load(ModelRequest request, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default) => LoadAsync(request, progress, cancel).GetAwaiter().GetResult();

    /// <inheritdoc cref="Load"/>
    public static Task<LoadedModel> LoadAsync(ModelRequest request, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default) => Task.Run(() => ReadAsync(request, progress, cancel), cancel);

    static async Task<LoadedModel> ReadAsync(
        ModelRequest request, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var record = Named(request.Name);
        var file = request.Checkpoint is { } given ? Open(given, request.UseEma) : null;
        try
        {
            var trained = file is null ? null : TrainedNetwork.Of(file, record);
            var options = trained?.Complete(request.Options)
                ?? request.Options with { ImgSize = request.Options.ImgSize ?? TestSize(record, request) };
            var model = Model.Build(record, options);
            if (file is null && request.Pretrained)
            {
                var path = await DownloadAsync(record, progress, cancel).ConfigureAwait(false);
                file = Open(path, request.UseEma ?? false);
            }
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

    static Pretrained Named(string name)
    {
        try
        {
            return Zoo.Resolve(name);
        }
        catch (UserException e) when (File.Exists(name))
        {
            throw new UserException($"\"{name}\" is no .onnx file and no name of a network. Where it has weights, name "
                + $"their network and give it as the checkpoint: --checkpoint {name}.", e);
        }
        catch (UserException e) when (name.AsSpan().ContainsAny('/', '\\'))
        {
            throw new UserException($"There is no file \"{name}\".", e);
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
        request is { UseTestSize: true, Options.MaxSeqLen: null }
        && record.TestInputSize is [_, var height, var width] ? (height, width) : null;

    static Task<string> DownloadAsync(
        Pretrained record, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        if (!record.HasWeights)
            throw new UserException($"There are no pretrained weights of {record.Name}.");
        var hub = new WeightHub(HubSettings.FromEnvironment(), progress is null ? null : progress.Report);
        return hub.GetAsync(new WeightSource(record.HubId, record.HubFile, record.Url), cancel);
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
        var record = model.Record;
        var adapts = request.Adapts || request.Checkpoint is null || model.Net.NumClasses == 0;
        return new()
        {
            FirstConv = record.FirstConv,
            Classifier = [.. model.Net.Classifiers],
            Channels = model.Channels,
            Classes = model.Net.NumClasses,
            LabelOffset = record.LabelOffset,
            AdaptsClassifier = adapts,
            Fits = model.Net.Fits,
            AllowMissing = [.. request.AllowMissing, .. StateDicts.SecondNames(model.Graph)],
            AllowUnexpected = [.. model.Net.Unused, $"*.{CleanedWeights.AuxiliaryNorm}.*", .. request.AllowUnexpected],
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
