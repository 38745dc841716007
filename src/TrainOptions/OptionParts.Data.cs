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
        Sequences(o, config) is { } sequences ? TrainBatches(o, data, SequencesOf(o, data, sequences), config)
            : TrainBatches(o, data, Sampler(o, data), LoaderSizes(o, config));

    static Loader TrainBatches(TrainOptions o, IDataset data, ISampler sampler, IReadOnlyList<LoaderSize> sizes) =>
        new(data, sizes, new()
        {
            BatchSize = o.BatchSize,
            IsTraining = true,
            Sampler = sampler,
            IsMultiLabel = o.MultiLabel,
            Seed = (ulong)o.Seed,
            Threads = o.Workers,
        });

    /// <summary>Batches to validate on.</summary>
    public static Loader EvalBatches(TrainOptions o, IDataset data, DataConfig config) =>
        new(data, ImageTransforms.Evaluation(config), new()
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
        sampler = sizes is null ? Counted(o, data, sampler)
            : new ScheduledSampler(sampler, sizes, sampler.BatchCount, seed);
        if (o.AugSplits > 0)
            sampler = Samplers.Split(sampler, o.AugSplits);
        return o.Resplit ? Samplers.Spare(sampler, o.AugSplits > 0 ? o.AugSplits : 2) : sampler;
    }

    /// <summary>As many batches as are asked for.</summary>
    static ISampler Counted(TrainOptions o, IDataset data, ISampler sampler) =>
        EpochBatches(o, data.Count) is { } batches && sampler.BatchCount > 0 ? Samplers.Fixed(sampler, batches)
            : sampler;

    /// <summary>Batches of an epoch, where they do not follow from the images.</summary>
    static int? EpochBatches(TrainOptions o, int images) => o.TrainBatchesPerEpoch
        ?? (o.EpochRepeats > 1 && IsStreamed(o) ? (int)Math.Ceiling(images * o.EpochRepeats / o.BatchSize) : null);

    /// <summary>Whether timm reads the data set as a stream, whose epochs <c>--epoch-repeats</c> lengthens.</summary>
    static bool IsStreamed(TrainOptions o) => o.Dataset.Split('/')[0] is "wds" or "hfids";
}
