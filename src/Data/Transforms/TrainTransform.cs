namespace OnnxTimm.Data;

/// <summary>
/// An image as a model sees it in training: a list of augmentations, normalisation, erasing. timm's
/// <c>create_transform(is_training=True)</c>. Safe to use from many threads.
/// </summary>
/// <param name="config">Size, channels, mean and std of the model's input.</param>
/// <param name="augmentations">Applied in order; they end at the model's size.</param>
/// <param name="erasing">Applied to normalised images, or null.</param>
public sealed class TrainTransform(
    DataConfig config, IReadOnlyList<IAugmentation> augmentations, RandomErasing? erasing) : IImageTransform
{
    const int BlurKernel = 23;
    static readonly Interval BlurSigma = new(0.1, 2);

    readonly Normalization normalization = new(config.Check().Mean, config.Std, config.Channels);

    public int Channels => config.Channels;

    public int Height => config.Height;

    public int Width => config.Width;

    /// <summary>What happens to an image, in order.</summary>
    public IReadOnlyList<IAugmentation> Augmentations => augmentations;

    /// <summary>timm's order: crop, flips, <paramref name="policy"/>, colours, blur, erasing.</summary>
    /// <param name="config">What to do.</param>
    /// <param name="policy">An augmentation such as AutoAugment, which stands for colour jitter; or null.</param>
    /// <param name="keepsJitter">Colour jitter in spite of a policy.</param>
    public static TrainTransform Create(TrainConfig config, IAugmentation? policy = null, bool keepsJitter = false)
    {
        var list = Crop(config);
        Add(list, config.HorizontalFlip, () => new HorizontalFlip());
        Add(list, config.VerticalFlip, () => new VerticalFlip());
        if (policy != null)
            list.Add(policy);
        if (config.ColorJitter.Count > 0 && (policy == null || keepsJitter))
            Add(list, config.ColorJitterProbability, () => ColorJitter.Of(config.ColorJitter));
        Add(list, config.GrayscaleProbability, () => new Grayscale());
        Add(list, config.GaussianBlurProbability, () => new GaussianBlur(BlurKernel, BlurSigma));
        return new(config.Data, list, config.Erasing);
    }

    /// <summary>Training without augmentation, timm's <c>no_aug</c>: both edges resized to the model's size.</summary>
    /// <param name="config">Size and normalisation of the model's input.</param>
    /// <param name="filters">The one resampling filter; bilinear where there are several.</param>
    public static EvalTransform Plain(DataConfig config, IReadOnlyList<Interpolation> filters) =>
        EvalTransform.Create(config with
        {
            CropMode = CropMode.Squash,
            CropPct = 1,
            CropBorderPixels = 0,
            Interpolation = filters.Count == 1 ? filters[0] : Interpolation.Bilinear,
        });

    public void Apply(Image image, CounterRandom random, Span<byte> chw)
    {
        if (erasing != null)
            throw new NotSupportedException("Random erasing changes normalised values: it needs batches of float32.");
        using var seen = Augment(image, random);
        for (var y = 0; y < Height; y++)
            Packing.ToPlanes(seen.Row(y), chw[(y * Width)..], Height * Width, Channels);
    }

    public void Apply(Image image, CounterRandom random, Span<float> chw)
    {
        using var seen = Augment(image, random);
        for (var y = 0; y < Height; y++)
            normalization.ToPlanes(seen.Row(y), chw[(y * Width)..], Height * Width);
        erasing?.Apply(chw, Height, Width, random);
    }

    Image Augment(Image image, CounterRandom random)
    {
        if (Channels == 1)
            Colours.Grayscale(image);
        foreach (var augmentation in augmentations)
            image = augmentation.Apply(image, random);
        return (image.Width, image.Height) == (Width, Height) ? image : throw new InvalidOperationException(
            $"The augmentations end at {image.Width}x{image.Height}, not at {Width}x{Height}.");
    }

    static List<IAugmentation> Crop(TrainConfig config)
    {
        var (w, h) = (config.Data.Width, config.Data.Height);
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

    static void Add(List<IAugmentation> list, double probability, Func<IAugmentation> create)
    {
        if (probability is < 0 or > 1)
            throw new UserException($"A probability lies in 0 .. 1, not at {probability}.");
        if (probability > 0)
            list.Add(probability < 1 ? new Sometimes(probability, create()) : create());
    }
}
