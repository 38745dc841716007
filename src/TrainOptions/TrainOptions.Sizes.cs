using CommandLine;

namespace OnnxTimm.Train;

/// <summary>Images of several sizes by turns.</summary>
public partial class TrainOptions
{
    [Option("epoch-repeats", MetaValue = "X",
        HelpText = "How often an epoch of wds/ or hfids/ sees the images; 0 is once. Default: 0.")]
    public double EpochRepeats { get; set; }

    [Option("train-img-sizes", MetaValue = "N",
        HelpText = "Heights and widths that images have by turns, a batch all the same. Validation has --img-size.")]
    public IEnumerable<int> TrainImgSizes { get; set; } = [];

    [Option("train-batch-sizes", MetaValue = "N",
        HelpText = "Images of a batch of each of --train-img-sizes; --batch-size for all by default.")]
    public IEnumerable<int> TrainBatchSizes { get; set; } = [];

    [Option("train-size-probs", MetaValue = "X",
        HelpText = "How often batches have each of --train-img-sizes, relative to the others; equally by default.")]
    public IEnumerable<double> TrainSizeProbs { get; set; } = [];

    [Option("train-size-schedule", MetaValue = "NAME",
        HelpText = "constant, or progressive: epochs go from the first of --train-img-sizes to the last. "
        + "Default: constant.")]
    public string TrainSizeSchedule { get; set; } = "constant";

    [Option("train-size-schedule-spread", MetaValue = "X",
        HelpText = "How far a progressive epoch strays from its size, in places of the list. Default: 0.65.")]
    public double TrainSizeScheduleSpread { get; set; } = 0.65;

    [Option("train-size-random-mix", MetaValue = "X",
        HelpText = "Share of a progressive epoch's batches that have any of the sizes. Default: 0.1.")]
    public double TrainSizeRandomMix { get; set; } = 0.1;

    [Option("variable-batch-loss-scale", MetaValue = "NAME",
        HelpText = "How gradients of a batch count by its images over those of a batch on average: none, sqrt, "
        + "linear. Default: none.")]
    public string VariableBatchLossScale { get; set; } = "none";
}
