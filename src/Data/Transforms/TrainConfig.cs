namespace OnnxTimm.Data;

/// <summary>How a training crop is made.</summary>
public enum TrainCropMode
{
    /// <summary>A crop of random area and aspect ratio, resized (<c>rrc</c>).</summary>
    ResizedCrop,

    /// <summary>Resized with a little zoom and stretch, then the middle (<c>rkrc</c>).</summary>
    KeepRatioCenter,

    /// <summary>Resized with a little zoom and stretch, then a random place (<c>rkrr</c>).</summary>
    KeepRatioRandom,
}

/// <summary>How images are changed in training, with the defaults of timm's <c>create_transform</c>.</summary>
public sealed record TrainConfig
{
    /// <summary>Size, mean and std of the model's input.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>How a part of an image is chosen.</summary>
    public TrainCropMode CropMode { get; init; }

    /// <summary>Part of the area; null for 0.08 .. 1, or 0.8 .. 1 where the ratio is kept.</summary>
    public Interval? Scale { get; init; }

    /// <summary>Aspect ratio; null for 3/4 .. 4/3, or 0.9 .. 1/0.9 where the ratio is kept.</summary>
    public Interval? Ratio { get; init; }

    /// <summary>Probability of mirroring left and right.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of mirroring top and bottom.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Strengths of colour jitter (see <see cref="ColorJitter.Of"/>); empty for none.</summary>
    public IReadOnlyList<double> ColorJitter { get; init; } = [0.4];

    /// <summary>An augmentation such as AutoAugment, which stands for colour jitter; null for none.</summary>
    public IAugmentation? Policy { get; init; }

    /// <summary>Colour jitter in spite of a policy.</summary>
    public bool KeepsJitter { get; init; }

    /// <summary>Probability of colour jitter.</summary>
    public double ColorJitterProbability { get; init; } = 1;

    /// <summary>Probability of taking the colour away.</summary>
    public double GrayscaleProbability { get; init; }

    /// <summary>Probability of blurring.</summary>
    public double GaussianBlurProbability { get; init; }

    /// <summary>Resampling filters, one of which is drawn.</summary>
    public IReadOnlyList<Interpolation> Filters { get; init; } = RandomInterpolation.All;

    /// <summary>Erasing after normalisation, of whole patches where the image is cut into these; or null.</summary>
    public RandomErasing? Erasing { get; init; }

    /// <summary>The crop mode called <paramref name="name"/>; none means <c>rrc</c>.</summary>
    public static TrainCropMode ParseCropMode(string? name) => name switch
    {
        null or "" or "rrc" => TrainCropMode.ResizedCrop,
        "rkrc" => TrainCropMode.KeepRatioCenter,
        "rkrr" => TrainCropMode.KeepRatioRandom,
        _ => throw Nearest.Unknown("training crop mode", name, "rrc", "rkrc", "rkrr"),
    };
}
