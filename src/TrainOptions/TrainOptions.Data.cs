using CommandLine;

namespace OnnxTimm.Train;

/// <summary>
/// The options of a training, under the names and with the defaults of timm's train.py. A property is a flag of the
/// command line and a key of args.yaml and of <c>--config</c> files.
/// </summary>
public partial class TrainOptions
{
    const string DefaultValSplit = "validation";

    [Value(0, MetaName = "data", HelpText = "Folder or tar of the data set.")]
    public string? Data { get; set; }

    [Option("data-dir", MetaValue = "DIR|FILE", HelpText = "Folder or tar of the data set.")]
    public string? DataDir { get; set; }

    [Option("dataset", MetaValue = "KIND", HelpText = "Kind of the data set: wds/, csv/, hfds/, or torch/ with a name "
        + "such as torch/cifar10. Without it a folder or tar of class/file.")]
    public string Dataset { get; set; } = "";

    [Option("train-split", MetaValue = "NAME", HelpText = "Part of the data set to train on. Default: train.")]
    public string TrainSplit { get; set; } = "train";

    [Option("val-split", MetaValue = "NAME",
        HelpText = "Part of the data set to validate on; empty for no validation. Default: validation.")]
    public string ValSplit { get; set; } = DefaultValSplit;

    [Option("val-share", MetaValue = "X", HelpText = "Share of the images to train on that is kept for validation "
        + "instead of --val-split: the same files at every run. Default: 0.")]
    public double ValShare { get; set; }

    [Option("class-map", MetaValue = "FILE", HelpText = "File of class names, in the order of their labels.")]
    public string ClassMap { get; set; } = "";

    [Option("input-key", MetaValue = "ENDINGS",
        HelpText = "Endings of the files that are images, such as '.webp;.jpg'; "
        + "all for whatever can be decoded. Without it .png, .jpg and .jpeg.")]
    public string? InputKey { get; set; }

    [Option("train-batches-per-epoch", MetaValue = "N",
        HelpText = "Batches of an epoch; by default as many as the images make.")]
    public int? TrainBatchesPerEpoch { get; set; }

    [Option("target-key", MetaValue = "FIELD",
        HelpText = "Where the labels are: a field, a column, or several with commas between them.")]
    public string? TargetKey { get; set; }

    [Option("target-format", MetaValue = "FORMAT",
        HelpText = "What a list of numbers is: indices of labels, or multihot, a value for each class. "
        + "Default: indices.")]
    public string TargetFormat { get; set; } = "indices";

    [Option("multi-label", HelpText = "An image may have several labels, or none.")]
    public bool MultiLabel { get; set; }

    [Option("input-img-mode", MetaValue = "MODE", HelpText = "RGB, or L for gray. Default: RGB.")]
    public string InputImgMode { get; set; } = "RGB";

    [Option("train-num-samples", MetaValue = "N", HelpText = "Train on the first images only.")]
    public int? TrainNumSamples { get; set; }

    [Option("val-num-samples", MetaValue = "N", HelpText = "Validate on the first images only.")]
    public int? ValNumSamples { get; set; }

    [Option('b', "batch-size", MetaValue = "N", HelpText = "Images of a batch. Default: 128.")]
    public int BatchSize { get; set; } = 128;

    [Option("validation-batch-size", MetaValue = "N",
        HelpText = "Images of a batch in validation; as in training by default.")]
    public int? ValidationBatchSize { get; set; }

    [Option("img-size", MetaValue = "N", HelpText = "Height and width of the model's image.")]
    public int? ImgSize { get; set; }

    [Option("input-size", Min = 3, Max = 3, MetaValue = "N",
        HelpText = "Channels, height and width of the model's image.")]
    public IEnumerable<int> InputSize { get; set; } = [];

    [Option("in-chans", MetaValue = "N", HelpText = "Channels of the model's image.")]
    public int? InChans { get; set; }

    [Option("crop-pct", MetaValue = "X", HelpText = "Part of the resized image that validation sees.")]
    public double? CropPct { get; set; }

    [Option("mean", MetaValue = "X", HelpText = "Mean of each channel that is subtracted.")]
    public IEnumerable<double> Mean { get; set; } = [];

    [Option("std", MetaValue = "X", HelpText = "Deviation of each channel that is divided by.")]
    public IEnumerable<double> Std { get; set; } = [];

    [Option("interpolation", MetaValue = "NAME", HelpText = "Resampling in validation.")]
    public string Interpolation { get; set; } = "";

    [Option('j', "workers", MetaValue = "N",
        HelpText = "Threads that decode and transform; 0 for one a core. Default: 4.")]
    public int Workers { get; set; } = 4;
}
