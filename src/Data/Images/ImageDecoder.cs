namespace OnnxTimm.Data;

/// <summary>
/// Decodes image files to what Pillow's <c>Image.open(f).convert("RGB")</c> gives: no rotation by EXIF, no colour
/// management, alpha dropped without compositing, 16-bit gray saturated at 255. <see cref="Orientation"/> turns.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Pixels above which Pillow refuses an image as a decompression bomb: 2 x 89,478,485.</summary>
    public const long PixelLimit = 2 * (1024L * 1024 * 1024 / 4 / 3);

    /// <summary>
    /// Found by name, so that who has the assembly beside has the formats without a word. What is compiled ahead of
    /// time without it has none: the compiler sees that there is no such class.
    /// </summary>
    internal static IFurtherFormats? Further { get; } =
        Type.GetType("OnnxTimm.Data.FurtherFormats, OnnxTimm.Formats") is { } found
            ? (IFurtherFormats?)Activator.CreateInstance(found) : null;

    static string Formats => $"JPEG, PNG, GIF{(Further is null ? "" : $", {Further.Names}")}";

    /// <summary>Reads and decodes a file.</summary>
    public static Image Decode(string path) => Decode(RegularFile.ReadBytes(path), path);

    /// <summary>Decodes the bytes of an image file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="UserException">No image, cut short, or of more pixels than the limit.</exception>
    public static Image Decode(ReadOnlySpan<byte> file, string name) => Decode(file, name, null, (_, _) => null);

    /// <summary>
    /// Decodes at least the part that a function of width and height names; other pixels may be left undefined.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="share">Waits for memory; null for no limit but that of pixels.</param>
    /// <param name="part">The part that is wanted; null for all.</param>
    internal static Image Decode(
        ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share, Func<int, int, Window?> part)
    {
        try
        {
            return DecodeAny(file, name, share, part);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new UserException($"{name} is cut short or damaged: {e.Message}.", e);
        }
        catch (NotSupportedException e)
        {
            throw new UserException($"{name} cannot be decoded: {e.Message}.", e);
        }
    }

    static Image DecodeAny(
        ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share, Func<int, int, Window?> part)
    {
        if (GifDecoder.Is(file))
            return DecodeGif(file, name, share);
        if (PngDecoder.Is(file))
            return DecodePng(file, name, share);
        return JpegDecoder.Is(file) ? DecodeJpeg(file, name, share, part) : DecodeFurther(file, name, share);
    }

    static Image DecodeJpeg(
        ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share, Func<int, int, Window?> part)
    {
        var header = JpegHeader.Read(file);
        var (width, height) = (header.Frame.Width, header.Frame.Height);
        CheckSize(width, height, name);
        var window = part(width, height);
        share?.Take(width, height, header.IsOneScan ? DecodeBudget.BytesPerPixel : 2 * DecodeBudget.BytesPerPixel);
        return JpegDecoder.Decode(header, file, window);
    }

    /// <summary>What is wrong with an image, whatever failed on it.</summary>
    public static UserException Fault(string name, Exception e) => e as UserException ?? new UserException(
        $"{name} cannot be used: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}", e);

    internal static Image DecodeFurther(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share = null) =>
        Further?.TryDecode(file, name, share) ?? throw NotAnImage(file, name);

    static Image DecodePng(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share)
    {
        var header = PngHeader.Read(file);
        CheckSize(header.Width, header.Height, name);
        share?.Take(header.Width, header.Height);
        return PngDecoder.Decode(header, file);
    }

    static Image DecodeGif(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share)
    {
        try
        {
            var gif = new GifDecoder(file);
            CheckSize(gif.Width, gif.Height, name);
            share?.Take(gif.Width, gif.Height);
            return gif.Decode();
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new UserException($"{name} is cut short or damaged.", e);
        }
    }

    internal static void CheckSize(int width, int height, string name)
    {
        if (Math.BigMul(width, height) > PixelLimit)
            throw new UserException(
                $"{name} declares {width}x{height} pixels, more than the limit of {PixelLimit}.");
    }

    static UserException NotAnImage(ReadOnlySpan<byte> file, string name) => new(file.IsEmpty
        ? $"{name} is empty."
        : Misplaced.Find(file) is { } what ? $"{name} is no image: {what}."
        : $"{name} is no image that can be decoded ({Formats}): it begins with "
            + $"{Convert.ToHexString(file[..Math.Min(8, file.Length)])}.");
}
