using OnnxTimm.Data;

namespace OnnxTimm.Train;

// What the options make of images.
public static partial class OptionParts
{
    /// <summary>What is done to the images that are trained on.</summary>
    /// <exception cref="UserException">A policy or a number that cannot be.</exception>
    internal static IImageTransform Transform(TrainOptions o, DataConfig config)
    {
        var filters = RandomInterpolation.Parse(o.TrainInterpolation);
        if (o.AugSplits == 1)
            throw new UserException("--aug-splits 1: one look at an image is no split; give 0 or at least 2.");
        if (o.NoAug && o.AugSplits > 0)
            throw new UserException("--aug-splits asks for looks that differ, and --no-aug for none that do.");
        if (o.NoAug)
            return TrainTransform.Plain(config, [config.Interpolation]);
        return TrainTransform.Create(new()
        {
            Data = config,
            Policy = o.Aa.Length > 0 ? AugmentPolicy.Parse(o.Aa, PolicySettings.Of(Shifted(config), filters)) : null,
            KeepsJitter = AugmentPolicy.KeepsJitter(o.Aa),
            CropMode = TrainConfig.ParseCropMode(o.TrainCropMode),
            Scale = Range(o.Scale, "scale"),
            Ratio = Range(o.Ratio, "ratio"),
            HorizontalFlip = o.Hflip,
            VerticalFlip = o.Vflip,
            ColorJitter = o.ColorJitter is > 0 and var strength ? [strength] : [],
            ColorJitterProbability = o.ColorJitterProb ?? 1,
            GrayscaleProbability = o.GrayscaleProb ?? 0,
            GaussianBlurProbability = o.GaussianBlurProb ?? 0,
            Filters = filters,
            Erasing = RandomErasing.ParseMode(o.Remode) is var fill && o.Reprob > 0
                ? new(o.Reprob, fill, o.Recount) : null,
        });
    }

    /// <summary>What a policy takes for the size of an image of any shape, as timm does.</summary>
    static DataConfig Shifted(DataConfig config) =>
        config.Patches is null ? config : config with { Height = 224, Width = 224 };

    /// <summary>How images are mixed with each other; null for not at all.</summary>
    /// <exception cref="UserException">What is asked for contradicts itself.</exception>
    internal static IBatchMix? Mix(TrainOptions o)
    {
        var edges = Range(o.CutmixMinmax, "cutmix-minmax");
        var mode = Data.Mixup.ParseMode(o.MixupMode);
        if (o.Mixup <= 0 && o.Cutmix <= 0 && edges is null)
            return null;
        if (o.AugSplits > 0)
            throw new UserException("--aug-splits compares looks at an image, and --mixup or --cutmix mixes it with "
                + "others: either, not both.");
        if (o.NaflexLoader)
            return PatchMix(o);
        if ((Sizes(o)?.BatchSizes ?? [o.BatchSize]).FirstOrDefault(size => size % 2 != 0) is not 0 and var odd)
            throw new UserException("--mixup and --cutmix make pairs: "
                + $"--{(o.TrainBatchSizes.Any() ? "train-batch-sizes" : "batch-size")} {odd} is odd.");
        if (edges is { } e && e.From >= e.To)
            throw new UserException($"--cutmix-minmax rises, unlike {e.From} {e.To}.");
        return new Mixup()
        {
            MixupAlpha = o.Mixup,
            CutmixAlpha = o.Cutmix,
            CutmixMinmax = edges,
            Probability = o.MixupProb,
            SwitchProbability = o.MixupSwitchProb,
            Mode = mode,
            OffEpoch = o.MixupOffEpoch,
        };
    }

    static Interval? Range(IEnumerable<double> values, string name) => values.ToArray() switch
    {
        [] => null,
        [var from, var to] => new(from, to),
        var other => throw new UserException($"--{name} takes two numbers, not {other.Length}."),
    };
}
