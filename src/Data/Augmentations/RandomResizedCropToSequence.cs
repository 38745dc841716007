namespace OnnxTimm.Data;

/// <summary>
/// A crop of random area and of nearly the image's own shape, resized to as many whole patches as are allowed; timm's
/// class of that name (naflex_transforms.py).
/// </summary>
/// <param name="Patches">What the image is to be cut into.</param>
/// <param name="Scale">Area of the crop as part of the image's.</param>
/// <param name="Ratio">Width / height of the crop over that of the image.</param>
/// <param name="Filters">One of them is drawn.</param>
public sealed record RandomResizedCropToSequence(
    PatchConfig Patches, Interval Scale, Interval Ratio, IReadOnlyList<Interpolation> Filters)
    : ITellingAugmentation, ICrop
{
    const int Tries = 10;

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        var (left, top, width, height) = Draw(image.Width, image.Height, random);
        var (rows, columns) = Patches.GridOf(height, width);
        tell?.Invoke($"crop {width}x{height}+{left}+{top} of {image.Width}x{image.Height}");
        tell?.Invoke($"{columns}x{rows} patches");
        var crop = image.View().Crop(left, top, width, height);
        using (image)
            return Resampler.Resize(crop, columns * Patches.Side, rows * Patches.Side, Filters.Draw(random));
    }

    /// <summary>A crop of an image of that size; the middle where ten tries do not fit.</summary>
    internal Window Draw(int imageWidth, int imageHeight, CounterRandom random)
    {
        var shape = (double)imageWidth / imageHeight;
        for (var i = 0; i < Tries; i++)
        {
            var area = (double)imageHeight * imageWidth * Scale.Draw(random);
            var ratio = shape * Ratio.DrawLog(random);
            var (h, w) = ((int)Math.Round(Math.Sqrt(area / ratio)), (int)Math.Round(Math.Sqrt(area * ratio)));
            if (w <= imageWidth && h <= imageHeight && w > 0 && h > 0)
            {
                var top = random.Integer(0, imageHeight - h);
                return new(random.Integer(0, imageWidth - w), top, w, h);
            }
        }
        return Middle(imageWidth, imageHeight, shape);
    }

    Window ICrop.Draw(int imageWidth, int imageHeight, CounterRandom random) => Draw(imageWidth, imageHeight, random);

    /// <summary>All of the image, but for what a range that leaves out its own shape takes away.</summary>
    Window Middle(int imageWidth, int imageHeight, double shape)
    {
        var h = Ratio.From > 1 ? Math.Max(1, (int)Math.Round(imageWidth / (shape * Ratio.From))) : imageHeight;
        var w = Ratio.To < 1 ? Math.Max(1, (int)Math.Round(imageHeight * (shape * Ratio.To))) : imageWidth;
        return new((imageWidth - w) / 2, (imageHeight - h) / 2, w, h);
    }
}
