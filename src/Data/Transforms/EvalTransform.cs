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

    /// <inheritdoc/>
    public int Channels => config.Channels;

    /// <inheritdoc/>
    public int Height => config.Height;

    /// <inheritdoc/>
    public int Width => config.Width;

    ImageSize IImageTransform.Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw)
    {
        Apply(image.View(), chw);
        return new(Height, Width);
    }

    ImageSize IImageTransform.Apply(Image image, CounterRandom random, Span<float> chw, Draw draw)
    {
        Apply(image.View(), chw);
        return new(Height, Width);
    }

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
        if (config.Channels == 3)
        {
            Planes(source, place, chw);
            return;
        }
        using var gray = Gray(source);
        Planes(gray.View(), place, chw);
    }

    /// <summary>The model's input from an image file, of which only the part is decoded that the model sees.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="chw">The input: channels x height x width.</param>
    /// <exception cref="UserException">No image, cut short, too large or too narrow.</exception>
    public void Apply(ReadOnlySpan<byte> file, string name, Span<float> chw)
    {
        using var share = DecodeBudget.Shared.Open();
        var turn = config.Exif ? Orientation.Of(file) : Orientation.Upright;
        using var image = turn == Orientation.Upright
            ? ImageDecoder.Decode(file, name, share, (width, height) => Needed(width, height))
            : Orientation.Turn(ImageDecoder.Decode(file, name, share, (_, _) => null), turn);
        Apply(image.View(), chw);
    }

    /// <summary>The model's input from pixels of a caller's.</summary>
    /// <param name="frame">The pixels, which are read where they lie if their form allows it.</param>
    /// <param name="chw">The input: channels x height x width.</param>
    /// <exception cref="UserException">Too narrow.</exception>
    public void Apply(Frame frame, Span<float> chw)
    {
        if (frame.IsRgbx)
        {
            Apply(frame.View(), chw);
            return;
        }
        using var room = Image.Rent(frame.Width, frame.Height);
        Apply(frame, room, chw);
    }

    /// <summary>The same in memory of the caller's, for one frame after the other.</summary>
    /// <param name="frame">The pixels, of which only the part is read that the model sees.</param>
    /// <param name="room">An image of the frame's size, whose content is lost.</param>
    /// <param name="chw">The input: channels x height x width.</param>
    /// <exception cref="UserException">Too narrow.</exception>
    public void Apply(Frame frame, Image room, Span<float> chw)
    {
        var source = room.View();
        var part = Needed(frame.Width, frame.Height);
        var place = Place(ref source);
        frame.CopyTo(room, part);
        if (config.Channels == 1)
            Colours.Grayscale(room);
        Planes(source, place, chw);
    }

    Window? IImageTransform.Part(int width, int height, CounterRandom random) => Needed(width, height);

    /// <summary>The part of an image of a given size that the model sees.</summary>
    Window Needed(int width, int height)
    {
        var (w, h) = WithoutBorder(width, height);
        var place = Place(w, h);
        var inside = Resampler.Sources(w, h, place.Width, place.Height, place.Visible, place.Filter);
        return inside with
        {
            Left = inside.Left + config.CropBorderPixels,
            Top = inside.Top + config.CropBorderPixels,
        };
    }

    /// <summary>The rules for this image; cuts its border off.</summary>
    Placement Place(ref Pixels source)
    {
        var (width, height) = WithoutBorder(source.Width, source.Height);
        source = source.Crop(config.CropBorderPixels, config.CropBorderPixels, width, height);
        return Place(width, height);
    }

    (int Width, int Height) WithoutBorder(int width, int height)
    {
        var border = config.CropBorderPixels;
        return Math.Min(width, height) > 2L * border ? (width - 2 * border, height - 2 * border)
            : throw new UserException(
                $"Nothing is left of an image of {width}x{height} without a border of {border} pixels.");
    }

    /// <summary>The rules for an image of this size, its border cut off.</summary>
    Placement Place(int width, int height)
    {
        var place = Placement.Of(config, width, height);
        return place.Width > 0 && place.Height > 0 ? place : throw new UserException(
            $"An image of {width}x{height} is too narrow: it would be resized to {place.Width}x{place.Height}.");
    }

    void Planes(Pixels source, Placement place, Span<float> chw)
    {
        for (var c = 0; place.HasGaps && c < config.Channels; c++)
            chw.Slice(c * place.Plane, place.Plane).Fill(normalization[c][Fill(c)]);
        Resize(source, place, new FloatPlanesSink(chw, normalization, place));
    }

    void Resample<TSink>(Pixels source, Placement place, TSink sink) where TSink : IRowSink, allows ref struct
    {
        if (config.Channels == 3)
        {
            Resize(source, place, sink);
            return;
        }
        using var gray = Gray(source);
        Resize(gray.View(), place, sink);
    }

    static void Resize<TSink>(Pixels source, Placement place, TSink sink) where TSink : IRowSink, allows ref struct =>
        Resampler.Resize(source, new Box(0, 0, source.Width, source.Height), place.Width, place.Height, place.Visible,
            place.Filter, sink);

    static Image Gray(Pixels source)
    {
        var gray = source.ToImage();
        Colours.Grayscale(gray);
        return gray;
    }

    /// <summary>The colour of what shows no image: black, or the mean where the border is added.</summary>
    byte Fill(int channel) => config.CropMode == CropMode.Border
        ? (byte)Math.Clamp(Math.Round(255 * config.Mean[channel % config.Mean.Count]), 0, 255)
        : (byte)0;
}
