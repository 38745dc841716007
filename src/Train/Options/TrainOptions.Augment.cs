using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("no-aug", HelpText = "Trains on the images as validation sees them.")]
    public bool NoAug { get; set; }

    [Option("train-crop-mode", HelpText = "How a training image is cropped: rrc, rkrc or rkrr.")]
    public string? TrainCropMode { get; set; }

    [Option("scale", HelpText = "Least and largest part of the image in a random crop.")]
    public IEnumerable<double> Scale { get; set; } = [0.08, 1];

    [Option("ratio", HelpText = "Least and largest aspect ratio of a random crop.")]
    public IEnumerable<double> Ratio { get; set; } = [3.0 / 4, 4.0 / 3];

    [Option("hflip", HelpText = "Probability of a mirror image.")]
    public double Hflip { get; set; } = 0.5;

    [Option("vflip", HelpText = "Probability of an image upside down.")]
    public double Vflip { get; set; }

    [Option("color-jitter", HelpText = "Strength of random changes of colour.")]
    public double? ColorJitter { get; set; } = 0.4;

    [Option("color-jitter-prob", HelpText = "Probability of any change of colour.")]
    public double? ColorJitterProb { get; set; }

    [Option("grayscale-prob", HelpText = "Probability of a gray image.")]
    public double? GrayscaleProb { get; set; }

    [Option("gaussian-blur-prob", HelpText = "Probability of a blurred image.")]
    public double? GaussianBlurProb { get; set; }

    [Option("reprob", HelpText = "Probability of an erased rectangle.")]
    public double Reprob { get; set; }

    [Option("remode", HelpText = "What fills it: const, rand or pixel.")]
    public string Remode { get; set; } = "pixel";

    [Option("recount", HelpText = "Rectangles at most.")]
    public int Recount { get; set; } = 1;

    [Option("smoothing", HelpText = "Label smoothing.")]
    public double Smoothing { get; set; } = 0.1;

    [Option("train-interpolation", HelpText = "Resampling in training: random, bilinear or bicubic.")]
    public string TrainInterpolation { get; set; } = "random";

    [Option("bce-loss", HelpText = "Binary cross entropy instead of cross entropy, where targets are soft.")]
    public bool BceLoss { get; set; }

    [Option("bce-sum", HelpText = "Sums it over the classes.")]
    public bool BceSum { get; set; }

    [Option("bce-target-thresh", HelpText = "Targets above it count as 1.")]
    public double? BceTargetThresh { get; set; }

    [Option("bce-pos-weight", HelpText = "Weight of positive targets.")]
    public double? BcePosWeight { get; set; }
}
