using OnnxTimm.Infer;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>How <see cref="FineTune"/> trains: what is not said here is as it fits most pretrained networks.</summary>
public sealed record FineTuneOptions
{
    /// <summary>
    /// A file or folder of weights, or a tag of timm's; null for those of the name. Another number of classes begins a
    /// classifier anew.
    /// </summary>
    public string? Weights { get; init; }

    /// <summary>Times that all images are trained on.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Epochs without a better result after which the training ends; null for none.</summary>
    public int? EarlyStop { get; init; }

    /// <summary>
    /// Trains the classifier alone, which is quicker and enough where the images are like the weights' own.
    /// </summary>
    public bool HeadOnly { get; init; }

    /// <summary>
    /// Computes each block again when its gradients are, instead of keeping its maps: less memory, the same numbers,
    /// more time.
    /// </summary>
    public bool GradCheckpointing { get; init; }

    /// <summary>Images of an update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>AdamW's rate, which falls to 0 along a cosine; null for 0.001 of the head alone, else 0.0003.</summary>
    public double? LearningRate { get; init; }

    /// <summary>AdamW's decay of weights, norms and biases apart.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Height and width of the image; null for the network's own.</summary>
    public int? ImgSize { get; init; }

    /// <summary>The least part of a picture that a random crop shows, up to 1 for the whole.</summary>
    public double SmallestCrop { get; init; } = 0.5;

    /// <summary>Probability of a mirror image: 0 where left and right mean something.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>
    /// Part of the images that is kept for validation where the data have no folder <c>val</c> of their own; 0 for no
    /// validation.
    /// </summary>
    public double ValShare { get; init; } = 0.1;

    /// <summary>
    /// Folder of the run: checkpoints, results, the best model. Null for a new one below <c>output/train</c>. One that
    /// holds a run that was stopped goes on with it.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Whether report.html, a page about the training, is made in the folder at its end.</summary>
    public bool Report { get; init; } = true;

    /// <summary>Seed of everything random: one seed, one result.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Device and threads.</summary>
    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>
    /// Changes the parts of the training before it begins: another optimizer, loss, sampler, augmentation, schedule,
    /// also ones of your own; null for none.
    /// </summary>
    public Func<TrainParts, TrainParts>? Parts { get; init; }

    internal double Rate => LearningRate ?? (HeadOnly ? 1e-3 : 3e-4);

    /// <exception cref="UserException">A number is out of its range.</exception>
    internal void Check()
    {
        (string Name, object? Value, string Range)[] numbers =
        [
            (nameof(Epochs), Epochs, "epochs"), (nameof(EarlyStop), EarlyStop, "early-stop"),
            (nameof(BatchSize), BatchSize, "batch-size"),
            (nameof(LearningRate), LearningRate, "lr"), (nameof(WeightDecay), WeightDecay, "weight-decay"),
            (nameof(ImgSize), ImgSize, "img-size"), (nameof(SmallestCrop), SmallestCrop, "scale"),
            (nameof(Flip), Flip, "hflip"), (nameof(ValShare), ValShare, "val-share"), (nameof(Seed), Seed, "seed"),
        ];
        foreach (var (name, value, range) in numbers)
            NumberRanges.Check(range, value, name);
        Runtime.CheckTraining();
    }
}
