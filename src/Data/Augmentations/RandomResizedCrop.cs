namespace OnnxTimm.Data;

/// <summary>An augmentation that first takes a part of an image, and says which.</summary>
interface ICrop
{
    /// <summary>The part of an image of a size.</summary>
    Window Draw(int imageWidth, int imageHeight, CounterRandom random);
}

/// <summary>
/// A crop of random area and aspect ratio, resized to one size; timm's RandomResizedCropAndInterpolation
/// (transforms.py), after Inception (arXiv:1409.4842).
/// </summary>
/// <param name="Width">Output width.</param>
/// <param name="Height">Output height.</param>
/// <param name="Scale">Area of the crop as part of the image's.</param>
/// <param name="Ratio">Width / height of the crop.</param>
/// <param name="Filters">One of them is drawn.</param>
public sealed record RandomResizedCrop(
    int Width, int Height, Interval Scale, Interval Ratio, IReadOnlyList<Interpolation> Filters)
    : ITellingAugmentation, ICrop
{
    const int Tries = 10;

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        var (left, top, width, height) = Draw(image.Width, image.Height, random);
        tell?.Invoke($"crop {width}x{height}+{left}+{top} of {image.Width}x{image.Height}");
        var crop = image.View().Crop(left, top, width, height);
        using (image)
            return Resampler.Resize(crop, Width, Height, Filters.Draw(random));
    }

    /// <summary>A crop of an image of that size; the middle where ten tries do not fit.</summary>
    internal Window Draw(int imageWidth, int imageHeight, CounterRandom random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var area = Scale.Draw(random) * imageWidth * imageHeight;
            var ratio = Ratio.DrawLog(random);
            // Math.Round rounds halves to even, as Python does.
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w <= imageWidth && h <= imageHeight && w > 0 && h > 0)
                return new(random.Integer(0, imageWidth - w), random.Integer(0, imageHeight - h), w, h);
        }
        return Middle(imageWidth, imageHeight);
    }

    Window ICrop.Draw(int imageWidth, int imageHeight, CounterRandom random) => Draw(imageWidth, imageHeight, random);

    Window Middle(int imageWidth, int imageHeight)
    {
        var ratio = (double)imageWidth / imageHeight;
        var w = ratio > Ratio.To ? Math.Max(1, (int)Math.Round(imageHeight * Ratio.To)) : imageWidth;
        var h = ratio < Ratio.From ? Math.Max(1, (int)Math.Round(imageWidth / Ratio.From)) : imageHeight;
        return new((imageWidth - w) / 2, (imageHeight - h) / 2, w, h);
    }
}

/// <summary>Which filter a training resize uses.</summary>
public static class RandomInterpolation
{
    /// <summary>What <c>random</c> means in timm.</summary>
    public static IReadOnlyList<Interpolation> All { get; } = [Interpolation.Bilinear, Interpolation.Bicubic];

    /// <summary>The filters that a name stands for: one, or the two of <c>random</c>.</summary>
    public static IReadOnlyList<Interpolation> Parse(string name) =>
        name == "random" ? All : [Interpolations.Parse(name)];

    internal static Interpolation Draw(this IReadOnlyList<Interpolation> filters, CounterRandom random) =>
        filters.Count == 1 ? filters[0] : filters[random.Integer(0, filters.Count - 1)];
}
