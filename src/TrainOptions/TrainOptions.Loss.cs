using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("loss-type", MetaValue = "NAME",
        HelpText = "ce, bce, asl, poly or jsd; without it cross entropy, or what --bce-loss says.")]
    public string LossType { get; set; } = "";

    [Option("smoothing", MetaValue = "X", HelpText = "Label smoothing. Default: 0.1.")]
    public double Smoothing { get; set; } = 0.1;

    [Option("jsd-loss", HelpText = "Cross entropy of the first look at each image, and how far the looks of "
        + "--aug-splits are from each other.")]
    public bool JsdLoss { get; set; }

    [Option("bce-loss", HelpText = "Binary cross entropy instead of cross entropy, where targets are soft.")]
    public bool BceLoss { get; set; }

    [Option("bce-sum", HelpText = "Sums it over the classes.")]
    public bool BceSum { get; set; }

    [Option("bce-target-thresh", MetaValue = "X", HelpText = "Targets above it count as 1.")]
    public double? BceTargetThresh { get; set; }

    [Option("bce-pos-weight", MetaValue = "X", HelpText = "Weight of positive targets.")]
    public double? BcePosWeight { get; set; }

    [Option("class-weight", MetaValue = "X|FILE|NAME", HelpText = "Weights of the classes in bce: a number, numbers "
        + "with commas, a file, or inv_freq or effective_num with --class-stats.")]
    public string ClassWeight { get; set; } = "";

    [Option("pos-weight", MetaValue = "X|FILE|NAME", HelpText = "Weights of the classes' positive targets in bce: a "
        + "number, numbers with commas, a file, or neg_pos with --class-stats.")]
    public string PosWeight { get; set; } = "";

    [Option("class-stats", MetaValue = "FILE",
        HelpText = "JSON file of how often the classes occur: pos_counts and num_samples.")]
    public string ClassStats { get; set; } = "";

    [Option("asl-gamma-neg", MetaValue = "X", HelpText = "Exponent of asl for other classes. Default: 4.")]
    public double AslGammaNeg { get; set; } = 4;

    [Option("asl-gamma-pos", MetaValue = "X", HelpText = "Exponent of asl for the label. Default: 1.")]
    public double AslGammaPos { get; set; } = 1;

    [Option("poly-epsilon", MetaValue = "X", HelpText = "Weight of the further term of poly. Default: 2.")]
    public double PolyEpsilon { get; set; } = 2;
}
