using OnnxTimm.Data;

namespace OnnxTimm.Train;

public static partial class OptionParts
{
    /// <summary>The images to train on.</summary>
    /// <exception cref="UserException">There are none, or no folder was given.</exception>
    public static IDataset Train(TrainOptions o) => o.ValShare == 0 ? Open(o, o.TrainSplit) : Part(o, s => s.Others);

    /// <summary>The images to validate on; null where the options want no validation.</summary>
    /// <param name="o">The options.</param>
    /// <param name="classes">The classes that are trained: a folder's name means the same in both.</param>
    /// <exception cref="UserException">There are none but those that are trained on.</exception>
    public static IDataset? Eval(TrainOptions o, IReadOnlyList<string> classes) =>
        o.ValShare != 0 ? Part(o, s => s.Share)
        : o.ValSplit.Length == 0 ? null
        : Open(o, CheckedValSplit(o), classes);

    /// <summary>Batches to train on.</summary>
    /// <param name="o">The options.</param>
    /// <param name="data">The images.</param>
    /// <param name="config">What the model expects of an image.</param>
    public static Loader TrainBatches(TrainOptions o, IDataset data, DataConfig config) =>
        new(data, LoaderSizes(o, config), new()
        {
            BatchSize = o.BatchSize,
            IsTraining = true,
            Sampler = Sampler(o, data),
            IsMultiLabel = o.MultiLabel,
            Seed = (ulong)o.Seed,
            Threads = o.Workers,
        });

    /// <summary>Batches to validate on.</summary>
    public static Loader EvalBatches(TrainOptions o, IDataset data, DataConfig config) =>
        new(data, EvalTransform.Create(config), new()
        {
            BatchSize = o.ValidationBatchSize ?? o.BatchSize,
            IsMultiLabel = o.MultiLabel,
            Threads = o.Workers,
        });

    /// <summary>A model's image, as the options change it.</summary>
    public static DataConfig Config(TrainOptions o, DataConfig model) => model with
    {
        CropPct = o.CropPct ?? model.CropPct,
        Interpolation = o.Interpolation.Length > 0 ? Interpolations.Parse(o.Interpolation) : model.Interpolation,
        Mean = DataConfig.PerChannel("mean", o.Mean, model.Channels) ?? model.Mean,
        Std = DataConfig.PerChannel("std", o.Std, model.Channels) ?? model.Std,
    };

    static IDataset Open(TrainOptions o, string split, IReadOnlyList<string>? classes = null) =>
        DatasetKinds.Open(Request(o, split) with
        {
            Classes = classes,
            // Only what is validated on takes its classes from what is trained on.
            Samples = classes is null ? o.TrainNumSamples : o.ValNumSamples,
        });

    static DatasetRequest Request(TrainOptions o, string split) => new(Root(o))
    {
        Kind = o.Dataset,
        Split = split,
        ClassMap = o.ClassMap,
        InputKey = o.InputKey,
        TargetKey = o.TargetKey,
        IsMultihot = DatasetRequest.ParseFormat(o.TargetFormat),
        IsMultiLabel = o.MultiLabel,
        IsGray = DatasetRequest.ParseMode(o.InputImgMode),
    };

    static string Root(TrainOptions o) => o.Root ?? throw new UserException(
        "There is nothing to train on: give the data set's folder, as --data-dir or by itself.");

    /// <summary>One of the two parts of the images to train on.</summary>
    static Subset Part(TrainOptions o, Func<(int[] Share, int[] Others), int[]> part)
    {
        if (!o.HasDefaultValSplit)
            throw new UserException("Either --val-split or --val-share says what is validated on, not both.");
        var whole = Open(o, o.TrainSplit);
        var indices = part(Subset.Split(whole, o.ValShare));
        if (indices.Length > 0)
            return new(whole, indices);
        whole.Dispose();
        throw new UserException($"{whole.Count} images are too few to keep a share of each class for validation.");
    }

    /// <summary>
    /// The split to validate on, which must not be what is trained on unless it was asked for by name.
    /// </summary>
    static string CheckedValSplit(TrainOptions o)
    {
        const string offer = "Give --val-split NAME, --val-share 0.1 for a part of the images to train on, "
            + "or --val-split \"\" for no validation.";
        var (root, place) = (Root(o), "");
        try
        {
            place = DatasetKinds.PlaceOf(Request(o, o.ValSplit));
        }
        catch (UserException e)
        {
            throw new UserException($"There is nothing to validate on. {e.Message} {offer}", e);
        }
        return o.ValSplit == o.TrainSplit || place != DatasetKinds.PlaceOf(Request(o, o.TrainSplit)) ? o.ValSplit
            : throw new UserException("There is nothing to validate on but the images to train on: "
                + $"{root} has no split \"{o.ValSplit}\". {offer}");
    }

    /// <summary>Which images make the batches: in timm's several looks, and spared from erasing where asked.</summary>
    static ISampler Sampler(TrainOptions o, IDataset data)
    {
        var (sizes, seed) = (Sizes(o), (ulong)o.Seed);
        // Batches of several sizes are cut from the images one by one.
        var batch = sizes is null ? o.BatchSize : 1;
        var sampler = o.AugRepeats > 0 ? Samplers.Repeated(data.Count, batch, seed, o.AugRepeats, Rank.Only)
            : Samplers.ForTraining(data, batch, seed);
        if (sizes is not null)
            sampler = new ScheduledSampler(sampler, sizes, sampler.BatchCount, seed);
        else if (EpochBatches(o, data.Count) is { } batches && sampler.BatchCount > 0)
            sampler = Samplers.Fixed(sampler, batches);
        if (o.AugSplits > 0)
            sampler = Samplers.Split(sampler, o.AugSplits);
        return o.Resplit ? Samplers.Spare(sampler, o.AugSplits > 0 ? o.AugSplits : 2) : sampler;
    }

    /// <summary>Batches of an epoch, where they do not follow from the images.</summary>
    static int? EpochBatches(TrainOptions o, int images) => o.TrainBatchesPerEpoch
        ?? (o.EpochRepeats > 1 && IsStreamed(o) ? (int)Math.Ceiling(images * o.EpochRepeats / o.BatchSize) : null);

    /// <summary>Whether timm reads the data set as a stream, whose epochs <c>--epoch-repeats</c> lengthens.</summary>
    static bool IsStreamed(TrainOptions o) => o.Dataset.Split('/')[0] is "wds" or "hfids";

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
            Policy = o.Aa.Length > 0 ? AugmentPolicy.Parse(o.Aa, PolicySettings.Of(config, filters)) : null,
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
            Erasing = o.Reprob > 0 ? new(o.Reprob, RandomErasing.ParseMode(o.Remode), o.Recount) : null,
        });
    }

    /// <summary>How images are mixed with each other; null for not at all.</summary>
    /// <exception cref="UserException">What is asked for contradicts itself.</exception>
    internal static Mixup? Mix(TrainOptions o)
    {
        var edges = Range(o.CutmixMinmax, "cutmix-minmax");
        var mode = Data.Mixup.ParseMode(o.MixupMode);
        if (o.Mixup <= 0 && o.Cutmix <= 0 && edges is null)
            return null;
        if (o.AugSplits > 0)
            throw new UserException("--aug-splits compares looks at an image, and --mixup or --cutmix mixes it with "
                + "others: either, not both.");
        if ((Sizes(o)?.BatchSizes ?? [o.BatchSize]).FirstOrDefault(size => size % 2 != 0) is not 0 and var odd)
            throw new UserException("--mixup and --cutmix make pairs: "
                + $"--{(o.TrainBatchSizes.Any() ? "train-batch-sizes" : "batch-size")} {odd} is odd.");
        if (edges is { } e && e.From >= e.To)
            throw new UserException($"--cutmix-minmax rises, unlike {e.From} {e.To}.");
        return new()
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
