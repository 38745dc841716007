namespace OnnxTimm.Data;

/// <summary>
/// An image as a model sees it in training, in timm's three stages: what every view goes through, what makes views
/// differ, then normalisation and erasing. timm's <c>create_transform(is_training=True)</c>. Safe to use from many
/// threads.
/// </summary>
/// <param name="config">Size, channels, mean and std of the model's input.</param>
/// <param name="primary">Applied first, in order.</param>
/// <param name="secondary">Applied then; they end at the model's size.</param>
/// <param name="erasing">Applied to normalised images, or null.</param>
public sealed class TrainTransform(DataConfig config, IReadOnlyList<IAugmentation> primary,
    IReadOnlyList<IAugmentation> secondary, IErasing? erasing) : IImageTransform
{
    readonly Normalization normalization = new(config.Check().Mean, config.Std, config.Channels);

    /// <inheritdoc/>
    public int Channels => config.Channels;

    /// <inheritdoc/>
    public PatchConfig? Patches => config.Patches;

    /// <inheritdoc/>
    public int Height => config.Height;

    /// <inheritdoc/>
    public int Width => config.Width;

    /// <summary>What happens to an image, in order.</summary>
    public IEnumerable<IAugmentation> Augmentations => primary.Concat(secondary);

    /// <summary>timm's order: crop, flips, policy, colours, blur, erasing.</summary>
    public static TrainTransform Create(TrainConfig config) => new(config.Data,
        Operations.Of(config, AugmentStage.Primary), Operations.Of(config, AugmentStage.Secondary),
        config is { Data.Patches: { } patches, Erasing: { } erasing } ? new PatchErasing(patches.Side, erasing)
            : config.Erasing);

    /// <summary>Training without augmentation, timm's <c>no_aug</c>: both edges resized to the model's size.</summary>
    /// <param name="config">Size and normalisation of the model's input.</param>
    /// <param name="filters">The one resampling filter; bilinear where there are several.</param>
    public static IImageTransform Plain(DataConfig config, IReadOnlyList<Interpolation> filters) =>
        ImageTransforms.Evaluation(config with
        {
            CropMode = CropMode.Squash,
            CropPct = 1,
            CropBorderPixels = 0,
            Interpolation = filters.Count == 1 ? filters[0] : Interpolation.Bilinear,
        });

    /// <summary>The crop, where that comes first: it is the first to draw.</summary>
    Window? IImageTransform.Part(int width, int height, CounterRandom random) =>
        primary is [ICrop crop, ..] ? crop.Draw(width, height, random) : null;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Random erasing is asked for: it needs normalised values.</exception>
    public ImageSize Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw = default)
    {
        if (erasing != null)
            throw new NotSupportedException("Random erasing changes normalised values: it needs batches of float32.");
        using var seen = Augment(image, random, draw, null);
        for (var y = 0; y < seen.Height; y++)
            Packing.ToPlanes(seen.Row(y), chw[(y * seen.Width)..], seen.Height * seen.Width, Channels);
        return new(seen.Height, seen.Width);
    }

    /// <inheritdoc/>
    public ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw = default) =>
        Apply(image, random, chw, draw, null);

    /// <summary>The same; <paramref name="tell"/> is given each thing that is done to the image.</summary>
    public ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw, Action<string>? tell)
    {
        using var seen = Augment(image, random, draw, tell);
        var (height, width) = (seen.Height, seen.Width);
        for (var y = 0; y < height; y++)
            normalization.ToPlanes(seen.Row(y), chw[(y * width)..], height * width);
        if (!draw.IsSpared
            && erasing?.Apply(chw[..(Channels * height * width)], height, width, random) is > 0 and var count)
            tell?.Invoke($"erased {count}");
        return new(height, width);
    }

    /// <summary>Looks at one view share the chance of the first stage; each has its own for the others.</summary>
    Image Augment(Image image, CounterRandom random, Draw draw, Action<string>? tell)
    {
        if (Channels == 1)
            Colours.Grayscale(image);
        foreach (var augmentation in primary)
            image = augmentation.Apply(image, random, tell);
        if (draw.Split > 0)
            random.Branch(draw.Split);
        if (!draw.IsClean)
            foreach (var augmentation in secondary)
                image = augmentation.Apply(image, random, tell);
        return (Patches?.Fits(image.Height, image.Width) ?? (image.Width, image.Height) == (Width, Height)) ? image
            : throw new InvalidOperationException($"The augmentations end at {image.Width}x{image.Height}, "
                + $"not at {(object?)Patches ?? $"{Width}x{Height}"}.");
    }
}
