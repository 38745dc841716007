using OnnxTimm.Data;

namespace OnnxTimm.Train;

public static partial class OptionParts
{
    static readonly string[] SizeSchedules = ["constant", "progressive"];

    static readonly SortedDictionary<string, Func<double, double>> BatchWeights = new(StringComparer.Ordinal)
    {
        ["linear"] = ratio => ratio,
        ["none"] = _ => 1,
        ["sqrt"] = Math.Sqrt,
    };

    /// <summary>How often batches have which size; null for one size.</summary>
    /// <exception cref="UserException">What is asked for contradicts itself.</exception>
    internal static SizeSchedule? Sizes(TrainOptions o)
    {
        if (!SizeSchedules.Contains(o.TrainSizeSchedule))
            throw Nearest.Unknown("train-size-schedule", o.TrainSizeSchedule, SizeSchedules);
        int[] sizes = [.. o.TrainImgSizes], batches = [.. o.TrainBatchSizes];
        double[] probabilities = [.. o.TrainSizeProbs];
        if (sizes.Length == 0)
            return batches.Length + probabilities.Length == 0 ? null : throw new UserException(
                "--train-batch-sizes and --train-size-probs are about --train-img-sizes, which are not given.");
        CheckOneEach("train-batch-sizes", batches.Length, sizes.Length);
        CheckOneEach("train-size-probs", probabilities.Length, sizes.Length);
        if (o.AugSplits > 0)
            throw new UserException("--aug-splits makes batches of its own size: not with --train-img-sizes.");
        if (o.EpochRepeats > 1)
            throw new UserException("--epoch-repeats is for batches of one size: with --train-img-sizes give "
                + "--train-batches-per-epoch.");
        if (o.KdModelName.Length > 0)
            throw new UserException("--kd-model-name asks a teacher about images of one size: not with "
                + "--train-img-sizes.");
        var schedule = new SizeSchedule(batches.Length > 0 ? batches : [.. sizes.Select(_ => o.BatchSize)])
        {
            IsProgressive = o.TrainSizeSchedule == "progressive",
            Epochs = o.Epochs,
            Spread = o.TrainSizeScheduleSpread,
            RandomMix = o.TrainSizeRandomMix,
            BatchCount = o.TrainBatchesPerEpoch,
        };
        return probabilities.Length == 0 ? schedule : schedule with { Probabilities = probabilities };
    }

    /// <summary>What batches may be.</summary>
    static LoaderSize[] LoaderSizes(TrainOptions o, DataConfig config) => Sizes(o) is not { } schedule
        ? [new(Transform(o, config), o.BatchSize * Math.Max(1, o.AugSplits))]
        : [.. o.TrainImgSizes.Zip(schedule.BatchSizes, (size, count) =>
            new LoaderSize(Transform(o, config with { Height = size, Width = size }), count))];

    /// <summary>How much the gradients of a batch count, by its images; null where all count the same.</summary>
    /// <exception cref="UserException">No such rule.</exception>
    internal static Func<int, double>? BatchWeight(TrainOptions o)
    {
        var (ofSizes, ofPatches) = (Rule("variable-batch-loss-scale", o.VariableBatchLossScale),
            Rule("naflex-loss-scale", o.NaflexLossScale));
        return o.NaflexLoader ? images => ofPatches((double)images / o.BatchSize)
            : o.VariableBatchLossScale != "none" && Sizes(o)?.MeanBatchSize is { } mean
                ? images => ofSizes(images / mean) : null;

        static Func<double, double> Rule(string flag, string name) =>
            BatchWeights.TryGetValue(name, out var rule) ? rule : throw Nearest.Unknown(flag, name, BatchWeights.Keys);
    }

    static void CheckOneEach(string flag, int count, int sizes)
    {
        if (count > 0 && count != sizes)
            throw new UserException($"--{flag} has {count} numbers and --train-img-sizes {sizes}: one each.");
    }
}
