using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>What the checkpoint of a training says of the network whose weights it holds.</summary>
/// <param name="Source">The file.</param>
/// <param name="Card">How images are prepared and classes called.</param>
/// <param name="Args">The options of the training.</param>
/// <param name="Classes">Rows of its classifier; null where it has none.</param>
sealed record TrainedNetwork(string Source, ModelCard Card, RunArgs Args, long? Classes)
{
    /// <summary>Whether a file is by its name the best checkpoint of a training.</summary>
    public static bool IsBest(string path) =>
        Path.GetFileName(path) == CheckpointFolder.Best + TrainCheckpoint.Extension;

    /// <summary>What a file says; null where it is neither the checkpoint of a training nor made from one.</summary>
    /// <exception cref="UserException">It says what cannot be.</exception>
    public static TrainedNetwork? Of(StateDict file, Pretrained record)
    {
        if (ModelCard.Read(file.Metadata, file.Source) is not { } card)
            return null;
        var image = card.Preprocess;
        const int most = DataConfig.LargestSide;
        if (image is not { Channels: > 0, Height: > 0 and <= most, Width: > 0 and <= most }
            || image.Mean.Count != image.Channels || image.Std.Count != image.Channels)
            throw new UserException($"\"{file.Source}\" is damaged: no image can be prepared as it says.");
        var args = RunArgs.Parse(file.Metadata.GetValueOrDefault(TrainCheckpoint.ArgsKey, ""), file.Source);
        return new(file.Source, card, args, record.Classifier
            .Select(prefix => file.GetValueOrDefault($"{prefix}.weight")?.Shape.FirstOrDefault()).FirstOrDefault());
    }

    /// <summary>The network that was trained, but for what is asked for.</summary>
    public ModelOptions Complete(ModelOptions asked) => asked with
    {
        NumClasses = asked.NumClasses ?? (int?)Classes,
        ImgSize = asked.MaxSeqLen is null ? asked.ImgSize ?? (Card.Preprocess.Height, Card.Preprocess.Width) : null,
        InChans = asked.InChans ?? Card.Preprocess.Channels,
        GlobalPool = asked.GlobalPool ?? Args.Gp,
        BnEps = asked.BnEps ?? Args.BnEps,
        OutputStride = asked.OutputStride ?? Args.OutputStride,
    };

    /// <summary>The card of a network with the training's way of preparing images, at the network's size.</summary>
    public ModelCard Describe(ModelCard network) => network.Preprocess.Channels != Card.Preprocess.Channels ? network
        : network with
        {
            Preprocess = Card.Preprocess with
            {
                Height = network.Preprocess.Height,
                Width = network.Preprocess.Width,
                Patches = network.Preprocess.Patches,
            },
            IsMultiLabel = Card.IsMultiLabel,
        };

    /// <summary>A line on what was taken from the file.</summary>
    public string Note(ModelCard taken, bool average)
    {
        var image = taken.Preprocess;
        return $"\"{Source}\" is of a training: images of {image.Size} prepared as there, "
            + (taken.Labels.Count > 0 ? $"{Amount.Of(taken.Labels.Count, "label")}" : "no labels")
            + (!Args.ModelEma ? "."
                : average ? "; the average of the weights (--no-use-ema takes themselves)."
                : "; the weights themselves (--use-ema takes their average).");
    }
}
