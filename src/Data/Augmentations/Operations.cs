namespace OnnxTimm.Data;

/// <summary>When an image is augmented, in timm's three steps (transforms_factory.py, <c>separate</c>).</summary>
public enum AugmentStage
{
    /// <summary>What every view of an image goes through: crop and flips.</summary>
    Primary,

    /// <summary>What makes views differ: policies, colours, blur.</summary>
    Secondary,
}

/// <summary>The operations of a training transform, in timm's order.</summary>
static class Operations
{
    const int BlurKernel = 23;
    static readonly Interval BlurSigma = new(0.1, 2);

    /// <summary>Stage, name, probability and what is done, by the options.</summary>
    public static readonly (AugmentStage Stage, string Name, Func<TrainConfig, double> Probability,
        Func<TrainConfig, IEnumerable<IAugmentation>> Create)[] Table =
    [
        (AugmentStage.Primary,   "crop",      _ => 1,                            Crop),
        (AugmentStage.Primary,   "hflip",     c => c.HorizontalFlip,             _ => [new HorizontalFlip()]),
        (AugmentStage.Primary,   "vflip",     c => c.VerticalFlip,               _ => [new VerticalFlip()]),
        (AugmentStage.Secondary, "policy",    c => c.Policy is null ? 0 : 1,     c => [c.Policy!]),
        (AugmentStage.Secondary, "jitter",    Jitter,                    c => [ColorJitter.Of(c.ColorJitter)]),
        (AugmentStage.Secondary, "grayscale", c => c.GrayscaleProbability,       _ => [new Grayscale()]),
        (AugmentStage.Secondary, "blur",      c => c.GaussianBlurProbability,
            _ => [new GaussianBlur(BlurKernel, BlurSigma)]),
    ];

    /// <summary>What a stage does.</summary>
    /// <exception cref="UserException">A probability is none.</exception>
    public static IReadOnlyList<IAugmentation> Of(TrainConfig config, AugmentStage stage) =>
    [
        .. from row in Table
        where row.Stage == stage
        let probability = Checked(row.Probability(config), row.Name)
        where probability > 0
        from made in row.Create(config)
        select probability < 1 ? new Sometimes(probability, made) : made,
    ];

    static double Checked(double probability, string name) => probability is >= 0 and <= 1 ? probability
        : throw new UserException($"A probability lies in 0 .. 1, not at {probability} ({name}).");

    /// <summary>A policy stands for colour jitter, unless both are asked for.</summary>
    static double Jitter(TrainConfig c) =>
        c.ColorJitter.Count > 0 && (c.Policy is null || c.KeepsJitter) ? c.ColorJitterProbability : 0;

    static IEnumerable<IAugmentation> Crop(TrainConfig config)
    {
        var (w, h) = (config.Data.Width, config.Data.Height);
        if (config.Data.Patches is { } patches)
            return
            [
                new RandomResizedCropToSequence(
                    patches, config.Scale ?? new(0.08, 1), config.Ratio ?? new(3.0 / 4, 4.0 / 3), config.Filters),
            ];
        if (config.CropMode == TrainCropMode.ResizedCrop)
            return
            [
                new RandomResizedCrop(
                    w, h, config.Scale ?? new(0.08, 1), config.Ratio ?? new(3.0 / 4, 4.0 / 3), config.Filters),
            ];
        return
        [
            new RandomResizeKeepRatio(
                w, h, config.Scale ?? new(0.8, 1), config.Ratio ?? new(0.9, 1 / 0.9), config.Filters),
            config.CropMode == TrainCropMode.KeepRatioCenter ? new CenterCropOrPad(w, h) : new RandomCropOrPad(w, h),
        ];
    }
}
