namespace OnnxTimm.Data;

/// <summary>
/// An image as a model sees it in evaluation and inference: timm's <c>create_transform(is_training=False)</c>.
/// Only the pixels that the model sees are resampled, and a row goes to the target while it is in the cache.
/// Safe to use from many threads.
/// </summary>
public sealed class EvalTransform : IImageTransform
{
    readonly DataConfig config;
    readonly Normalization normalization;

    EvalTransform(DataConfig config)
    {
        this.config = config;
        normalization = new Normalization(config.Mean, config.Std, config.Channels);
    }

    /// <exception cref="UserException">The config asks for what images do not have.</exception>
    public static EvalTransform Create(DataConfig config) => new(config.Check());

    public int Channels => config.Channels;

    public int Height => config.Height;

    public int Width => config.Width;

    void IImageTransform.Apply(Image image, CounterRandom random, Span<byte> chw) => Apply(image.View(), chw);

    void IImageTransform.Apply(Image image, CounterRandom random, Span<float> chw) => Apply(image.View(), chw);

    /// <summary>The image that the model sees, height x width of the config, before normalisation.</summary>
    public Image Apply(Pixels source)
    {
        var place = Place(ref source);
        var image = Image.Rent(config.Width, config.Height);
        if (place.HasGaps)
            image.Fill(Fill(0), Fill(1), Fill(2));
        Resample(source, place, new ImageSink(image, place.InsetX, place.InsetY));
        return image;
    }

    /// <summary>The image that the model sees, as uint8 planes: channels x height x width.</summary>
    public void Apply(Pixels source, Span<byte> chw)
    {
        var place = Place(ref source);
        for (var c = 0; place.HasGaps && c < config.Channels; c++)
            chw.Slice(c * place.Plane, place.Plane).Fill(Fill(c));
        Resample(source, place, new BytePlanesSink(chw, config.Channels, place));
    }

    /// <summary>The model's input: normalised float32 planes, channels x height x width.</summary>
    public void Apply(Pixels source, Span<float> chw)
    {
        var place = Place(ref source);
        for (var c = 0; place.HasGaps && c < config.Channels; c++)
            chw.Slice(c * place.Plane, place.Plane).Fill(normalization[c][Fill(c)]);
        Resample(source, place, new FloatPlanesSink(chw, normalization, place));
    }

    /// <summary>The rules for this image; cuts its border off.</summary>
    Placement Place(ref Pixels source)
    {
        var border = config.CropBorderPixels;
        if (source.Width <= 2 * border || source.Height <= 2 * border)
            throw new UserException($"Nothing is left of {source.Width}x{source.Height} without a border of {border}.");
        source = source.Crop(border, border, source.Width - 2 * border, source.Height - 2 * border);
        var place = Placement.Of(config, source.Width, source.Height);
        return place.Width > 0 && place.Height > 0 ? place : throw new UserException(
            $"An image of {source.Width}x{source.Height} is too narrow: it would be resized to "
            + $"{place.Width}x{place.Height}.");
    }

    void Resample<TSink>(Pixels source, Placement place, TSink sink) where TSink : IRowSink, allows ref struct
    {
        var box = new Box(0, 0, source.Width, source.Height);
        if (config.Channels == 3)
        {
            Resampler.Resize(source, box, place.Width, place.Height, place.Visible, place.Filter, sink);
            return;
        }
        using var gray = source.ToImage();
        Colours.Grayscale(gray);
        Resampler.Resize(gray.View(), box, place.Width, place.Height, place.Visible, place.Filter, sink);
    }

    /// <summary>The colour of what shows no image: black, or the mean where the border is added.</summary>
    byte Fill(int channel) => config.CropMode == CropMode.Border
        ? (byte)Math.Clamp(Math.Round(255 * config.Mean[channel % config.Mean.Count]), 0, 255)
        : (byte)0;
}
