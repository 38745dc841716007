using OnnxTimm.Data;

namespace OnnxTimm.Train;

// What the options make of images of any shape.
public static partial class OptionParts
{
    /// <summary>Which numbers of patches batches have; null where images have one size.</summary>
    /// <param name="o">The options.</param>
    /// <param name="config">What the model expects of an image; a default one to check the options alone.</param>
    /// <exception cref="UserException">What is asked for contradicts itself.</exception>
    internal static SequenceSchedule? Sequences(TrainOptions o, DataConfig config)
    {
        if (!o.NaflexLoader)
            return o.GivenOfNaflex().FirstOrDefault() is { } flag
                ? throw new UserException($"{flag} belongs to --naflex-loader, which is not given.") : null;
        CheckPatches(o);
        double[] probabilities = [.. o.NaflexPatchSizeProbs];
        int[] sides = o.NaflexPatchSizes.Any() ? [.. o.NaflexPatchSizes] : [config.Patches?.Side ?? 16];
        if (probabilities.Length > 0 && probabilities.Length != o.NaflexPatchSizes.Count())
            throw new UserException($"--naflex-patch-size-probs has {probabilities.Length} numbers and "
                + $"--naflex-patch-sizes {o.NaflexPatchSizes.Count()}: one each.");
        if (!o.NaflexTrainSeqLens.Any())
            throw new UserException("--naflex-train-seq-lens has no numbers.");
        return new SequenceSchedule(o.NaflexTrainSeqLens, (long)o.BatchSize * o.NaflexTrainSeqLens.Max())
        {
            PatchSizes = sides,
            Probabilities = probabilities,
        }.Check();
    }

    static SequenceSampler SequencesOf(TrainOptions o, IDataset data, SequenceSchedule schedule) =>
        new(data.Count, schedule, (ulong)o.Seed, Rank.Only);

    static Loader TrainBatches(TrainOptions o, IDataset data, SequenceSampler sampler, DataConfig config) =>
        TrainBatches(o, data, Counted(o, data, sampler), [.. sampler.Sizes.Select(size => new LoaderSize(
            Transform(o, config with { Patches = new(size.Side, size.SeqLen) }), size.Count))]);

    /// <summary>How images of different shapes are mixed with each other.</summary>
    static PatchMixup PatchMix(TrainOptions o) => new()
    {
        MixupAlpha = o.Mixup,
        CutmixAlpha = o.Cutmix,
        Probability = o.MixupProb,
        SwitchProbability = o.MixupSwitchProb,
        OffEpoch = o.MixupOffEpoch,
    };

    /// <summary>What else can be asked for of images of one size alone, and why.</summary>
    static void CheckPatches(TrainOptions o)
    {
        const string shape = "images of any shape are seen whole", looks = "timm's loader of patches has one look";
        (bool IsAsked, string Flag, string Why)[] others =
        [
            (o.TrainImgSizes.Any(), "train-img-sizes", "that is a loader of its own"),
            (o.AugSplits > 0, "aug-splits", $"{looks} at an image"),
            (o.AugRepeats > 0, "aug-repeats", $"{looks} at an image"),
            (o.Resplit, "resplit", $"{looks} at an image"),
            (o.KdModelName.Length > 0, "kd-model-name", "it asks a teacher about images of one size"),
            (o.CutmixMinmax.Any(), "cutmix-minmax", "timm's mixing of patches has --mixup and --cutmix"),
            (o.MixupMode is not "batch", "mixup-mode", "timm's mixing of patches draws once for a batch"),
            (o.TrainCropMode is not (null or "" or "rrc"), "train-crop-mode", "a crop keeps nearly the image's shape"),
            (o.CropPct is not null, "crop-pct", shape),
            (o.ImgSize is not null, "img-size", shape),
            (o.InputSize.Any(), "input-size", $"{shape}; --in-chans says how many colours there are"),
        ];
        foreach (var (_, flag, why) in others.Where(other => other.IsAsked))
            throw new UserException($"--{flag} does not go with --naflex-loader: {why}.");
    }
}
