using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>Trains a pretrained network on images of one's own.</summary>
public static class FineTune
{
    /// <summary>
    /// Trains on a folder of images, validates after each epoch, and keeps the best. When it is stopped, its state is
    /// stored, and the same call goes on from it where <see cref="FineTuneOptions.Folder"/> says so.
    /// </summary>
    /// <param name="name">timm's name, with or without a tag, such as "resnet50.a1_in1k".</param>
    /// <param name="data">
    /// A folder of <c>class/file</c>, or of <c>train</c> and <c>val</c> with these in them; each may be a .tar.
    /// </param>
    /// <param name="options">How it trains; null for the defaults.</param>
    /// <param name="progress">
    /// Takes what happens, on the thread that trains: <see cref="UpdateEnded"/>, <see cref="EpochEnded"/>, ...
    /// </param>
    /// <param name="cancel">Stops it after the update that is in progress.</param>
    /// <exception cref="UserException">No such model, no images, or weights that do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the message says where its state is.</exception>
    /// <example>
    /// <code>
    /// var run = await FineTune.RunAsync("tf_efficientnet_lite0", "data", new() { Epochs = 3, HeadOnly = true });
    /// Console.WriteLine(run.Best.Result.Eval?.Top1);
    /// run.Best.Export("best.onnx");
    /// </code>
    /// </example>
    public static async Task<FineTuneRun> RunAsync(string name, string data, FineTuneOptions? options = null,
        IProgress<TrainEvent>? progress = null, CancellationToken cancel = default)
    {
        options ??= new();
        options.Check();
        using var images = await Task.Run(() => FineTuneImages.Open(data, options.ValShare), cancel)
            .ConfigureAwait(false);
        var request = ModelRequest.Of(name, options.Weights) with
        {
            Adapts = true,
            UseEma = options.Weights is null ? null : true,
            Options = new()
            {
                NumClasses = images.Train.Classes.Count,
                ImgSize = options.ImgSize is { } side ? (side, side) : null,
                Seed = (ulong)options.Seed,
            },
        };
        using var loaded = await ModelLoader.LoadAsync(request, Downloads(progress), cancel).ConfigureAwait(false);
        return await Task.Run(() => Run(options, images, loaded, Watching(options, progress), cancel), cancel)
            .ConfigureAwait(false);
    }

    static IProgress<TrainEvent> Watching(FineTuneOptions options, IProgress<TrainEvent>? progress) =>
        options.Report ? new TrainReport(progress ?? new Nobody()) : progress ?? new Nobody();

    static FineTuneRun Run(FineTuneOptions options, FineTuneImages images, LoadedModel loaded,
        IProgress<TrainEvent> events, CancellationToken cancel)
    {
        var parts = FineTuneParts.Of(options, images, loaded, events);
        using var trainer = new Trainer(options.Parts?.Invoke(parts) ?? parts);
        if (!trainer.Run(cancel))
            throw new OperationCanceledException(
                $"The training was stopped; its state is in \"{trainer.Folder}\".", cancel);
        var metric = parts.Policy.Metric;
        var best = parts.Policy.IsDecreasing ? trainer.Results.MinBy(r => r.Metric(metric))
            : trainer.Results.MaxBy(r => r.Metric(metric));
        return new(trainer.Folder, [.. trainer.Results],
            new(Path.Combine(trainer.Folder, "model_best.onnx"), best!));
    }

    /// <summary>What is known of a network for training it.</summary>
    internal static Trainee Trainee(Model model) => new(model.Record.Architecture, model.Graph)
    {
        NoWeightDecay = [.. model.NoWeightDecay],
        Stem = model.Facts.Groups.Stem,
        Blocks = model.Facts.Groups.Blocks,
        Head = model.ClassifierParams,
        ImageSize = model.Net.Patches is null ? model.Graph.Inputs[0].Width : model.Record.InputSize[2],
        Resized = shape => (shape.Patches is { } cut ? model.Patched(cut.MaxSeqLen, cut.Side)
            : model.Resized(shape.Height, shape.Width)).Graph,
        Write = (graph, path) => Exporter.Write(graph, graph.Metadata, path, new(), source: null),
    };

    static Megabytes? Downloads(IProgress<TrainEvent>? progress) => progress is null ? null : new(progress);

    /// <summary>A download as remarks, one a tenth.</summary>
    sealed class Megabytes(IProgress<TrainEvent> progress) : IProgress<DownloadProgress>
    {
        long told = -1;

        public void Report(DownloadProgress value)
        {
            if (value.Total is not > 0 || value.Done * 10 / value.Total is not { } tenth || tenth == told)
                return;
            told = tenth;
            progress.Report(new TrainRemark($"{value.File}: {value.Done / 1e6:F1} of {value.Total / 1e6:F1} MB"));
        }
    }

    sealed class Nobody : IProgress<TrainEvent>
    {
        public void Report(TrainEvent value)
        {
        }
    }
}
