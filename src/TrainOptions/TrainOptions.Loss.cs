using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("loss-type", MetaValue = "NAME",
        HelpText = "ce, bce, asl, poly or jsd; with --multi-label bce, asl, poly, twoway, zlpr or db. Without it cross "
        + "entropy, what --bce-loss says, or bce of several labels.")]
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

    [Option("asl-clip", MetaValue = "X",
        HelpText = "What asl of several labels adds to the probability of a negative. Default: 0.05.")]
    public double AslClip { get; set; } = 0.05;

    [Option("poly-gamma", MetaValue = "X",
        HelpText = "Exponent of poly's focal factor, of several labels. Default: 0.")]
    public double PolyGamma { get; set; }

    [Option("poly-alpha", MetaValue = "X", HelpText = "Weight of positives in poly, of several labels.")]
    public double? PolyAlpha { get; set; }

    [Option("twoway-tp", MetaValue = "X", HelpText = "Temperature of positives in twoway. Default: 4.")]
    public double TwowayTp { get; set; } = 4;

    [Option("twoway-tn", MetaValue = "X", HelpText = "Temperature of negatives in twoway. Default: 1.")]
    public double TwowayTn { get; set; } = 1;

    [Option("db-neg-scale", MetaValue = "X", HelpText = "Scale of the logits of negatives in db. Default: 2.")]
    public double DbNegScale { get; set; } = 2;

    [Option("db-init-bias", MetaValue = "X", HelpText = "Factor of db's bias by how rare a class is. Default: 0.05.")]
    public double DbInitBias { get; set; } = 0.05;

    [Option("db-focal-gamma", MetaValue = "X", HelpText = "Exponent of db's focal factor. Default: 2.")]
    public double DbFocalGamma { get; set; } = 2;

    [Option("multi-label-threshold", MetaValue = "X",
        HelpText = "Probability from which on a class counts as said, for F1 of several labels. Default: 0.5.")]
    public double MultiLabelThreshold { get; set; } = 0.5;

    [Option("poly-epsilon", MetaValue = "X", HelpText = "Weight of the further term of poly. Default: 2.")]
    public double PolyEpsilon { get; set; } = 2;
}
