namespace OnnxTimm.Data;

/// <summary>
/// Resizes so that the shorter edge fills the target, then sometimes zooms and sometimes stretches a little; timm's
/// ResizeKeepRatio as its crop modes <c>rkrc</c> and <c>rkrr</c> use it. A crop or padding must follow.
/// </summary>
/// <param name="Width">Target width.</param>
/// <param name="Height">Target height.</param>
/// <param name="Scale">Area that is kept; drawn with probability one half.</param>
/// <param name="Ratio">Change of the aspect ratio; drawn with probability one half.</param>
/// <param name="Filters">One of them is drawn.</param>
public sealed record RandomResizeKeepRatio(
    int Width, int Height, Interval Scale, Interval Ratio, IReadOnlyList<Interpolation> Filters) : IAugmentation
{
    const double Probability = 0.5;

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        var zoom = random.Chance(Probability) ? 1 / Math.Sqrt(Scale.Draw(random)) : 1;
        var stretch = random.Chance(Probability) ? Math.Sqrt(Ratio.DrawLog(random)) : 1;
        var ratio = Math.Min((double)image.Height / Height, (double)image.Width / Width);
        var h = Math.Max(1, (int)Math.Round(image.Height * (zoom / stretch) / ratio));
        var w = Math.Max(1, (int)Math.Round(image.Width * (zoom * stretch) / ratio));
        using (image)
            return Resampler.Resize(image.View(), w, h, Filters.Draw(random));
    }
}

/// <summary>Cuts the middle, or mirrors the image at its edges where it is too small; timm's CenterCropOrPad.</summary>
public sealed record CenterCropOrPad(int Width, int Height) : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        var crop = Placement.Centered(image.Width, image.Height, Width, Height, default).Crop;
        using (image)
            return Padding.CropOrPad(image.View(), crop.Left, crop.Top, Width, Height, PadMode.Reflect);
    }
}

/// <summary>Cuts or pads at a random place; timm's RandomCropOrPad.</summary>
public sealed record RandomCropOrPad(int Width, int Height) : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        var top = Draw(image.Height - Height, random);
        var left = Draw(image.Width - Width, random);
        using (image)
            return Padding.CropOrPad(image.View(), left, top, Width, Height, PadMode.Reflect);
    }

    static int Draw(int room, CounterRandom random) => Math.Sign(room) * random.Integer(0, Math.Abs(room));
}
