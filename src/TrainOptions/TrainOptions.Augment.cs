using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("no-aug", HelpText = "Trains on the images as validation sees them.")]
    public bool NoAug { get; set; }

    [Option("train-crop-mode", MetaValue = "MODE", HelpText = "How a training image is cropped: rrc, rkrc or rkrr.")]
    public string? TrainCropMode { get; set; }

    [Option("scale", MetaValue = "X",
        HelpText = "Least and largest part of the image in a random crop. Default: 0.08 1.")]
    public IEnumerable<double> Scale { get; set; } = [0.08, 1];

    [Option("ratio", MetaValue = "X",
        HelpText = "Least and largest aspect ratio of a random crop. Default: 0.75 1.333.")]
    public IEnumerable<double> Ratio { get; set; } = [3.0 / 4, 4.0 / 3];

    [Option("hflip", MetaValue = "X", HelpText = "Probability of a mirror image. Default: 0.5.")]
    public double Hflip { get; set; } = 0.5;

    [Option("vflip", MetaValue = "X", HelpText = "Probability of an image upside down. Default: 0.")]
    public double Vflip { get; set; }

    [Option("color-jitter", MetaValue = "X", HelpText = "Strength of random changes of colour. Default: 0.4.")]
    public double? ColorJitter { get; set; } = 0.4;

    [Option("color-jitter-prob", MetaValue = "X", HelpText = "Probability of any change of colour.")]
    public double? ColorJitterProb { get; set; }

    [Option("grayscale-prob", MetaValue = "X", HelpText = "Probability of a gray image.")]
    public double? GrayscaleProb { get; set; }

    [Option("gaussian-blur-prob", MetaValue = "X", HelpText = "Probability of a blurred image.")]
    public double? GaussianBlurProb { get; set; }

    [Option("aa", MetaValue = "POLICY", HelpText = "Augmentation policy, which stands for colour jitter: original, "
        + "originalr, v0, v0r, 3a, rand-m9-mstd0.5-inc1, augmix-m3 and the like.")]
    public string Aa { get; set; } = "";

    [Option("aug-splits", MetaValue = "N",
        HelpText = "Looks at each image, the first without policy and colours; 0 for none, or 2 and more. Default: 0.")]
    public int AugSplits { get; set; }

    [Option("resplit", HelpText = "Erases nothing in the first of the looks.")]
    public bool Resplit { get; set; }

    [Option("aug-repeats", MetaValue = "X",
        HelpText = "Pictures of an image, each augmented by itself, in an epoch of as many pictures; 0 for one of each "
        + "image. Default: 0.")]
    public double AugRepeats { get; set; }

    [Option("reprob", MetaValue = "X", HelpText = "Probability of an erased rectangle. Default: 0.")]
    public double Reprob { get; set; }

    [Option("remode", MetaValue = "MODE", HelpText = "What fills it: const, rand or pixel. Default: pixel.")]
    public string Remode { get; set; } = "pixel";

    [Option("recount", MetaValue = "N", HelpText = "Rectangles at most. Default: 1.")]
    public int Recount { get; set; } = 1;

    [Option("mixup", MetaValue = "X",
        HelpText = "Concentration of the shares in which images are mixed; 0 for no mixup. Default: 0.")]
    public double Mixup { get; set; }

    [Option("cutmix", MetaValue = "X",
        HelpText = "Concentration of the shares that rectangles of another image take; 0 for no cutmix. Default: 0.")]
    public double Cutmix { get; set; }

    [Option("cutmix-minmax", MetaValue = "X",
        HelpText = "Least and largest edge of cutmix's rectangles as part of the image's, instead of --cutmix.")]
    public IEnumerable<double> CutmixMinmax { get; set; } = [];

    [Option("mixup-prob", MetaValue = "X", HelpText = "Probability of mixup or cutmix. Default: 1.")]
    public double MixupProb { get; set; } = 1;

    [Option("mixup-switch-prob", MetaValue = "X",
        HelpText = "Probability of cutmix where both are on. Default: 0.5.")]
    public double MixupSwitchProb { get; set; } = 0.5;

    [Option("mixup-mode", MetaValue = "MODE", HelpText = "What is drawn anew for each batch, pair, elem(ent), or "
        + "half, which mixes the second half of a batch into the first. Default: batch.")]
    public string MixupMode { get; set; } = "batch";

    [Option("mixup-off-epoch", MetaValue = "N",
        HelpText = "Epoch from which on nothing is mixed; 0 for none. Default: 0.")]
    public int MixupOffEpoch { get; set; }

    [Option("train-interpolation", MetaValue = "NAME",
        HelpText = "Resampling in training: random, bilinear or bicubic. Default: random.")]
    public string TrainInterpolation { get; set; } = "random";
}
