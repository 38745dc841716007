using SkiaSharp;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes image files to what Pillow's <c>Image.open(f).convert("RGB")</c> gives: no rotation by EXIF, no colour
/// management, alpha dropped without compositing, 16-bit gray saturated at 255.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Pixels above which Pillow refuses an image as a decompression bomb: 2 x 89,478,485.</summary>
    public const long PixelLimit = 2 * (1024L * 1024 * 1024 / 4 / 3);

    /// <summary>Reads and decodes a file.</summary>
    public static Image Decode(string path) => Decode(RegularFile.ReadBytes(path), path);

    /// <summary>Decodes the bytes of an image file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="pixelLimit">Most pixels, compared with what the header says, before any memory is taken.</param>
    /// <exception cref="UserException">No image, cut short, or too large.</exception>
    public static Image Decode(ReadOnlySpan<byte> file, string name, long pixelLimit = PixelLimit) =>
        Decode(file, name, pixelLimit, (_, _) => null);

    /// <summary>
    /// Decodes at least the part that a function of width and height names; other pixels may be left undefined.
    /// </summary>
    internal static Image Decode(ReadOnlySpan<byte> file, string name, long pixelLimit, Func<int, int, Window?> part)
    {
        if (JpegDecoder.TryReadHeader(file) is not { } jpeg)
            return DecodeBySkia(file, name, pixelLimit);
        CheckSize(jpeg.Width, jpeg.Height, name, pixelLimit);
        return JpegDecoder.TryDecode(jpeg, file, part(jpeg.Width, jpeg.Height)) ?? DecodeBySkia(file, name, pixelLimit);
    }

    internal static unsafe Image DecodeBySkia(ReadOnlySpan<byte> file, string name, long pixelLimit = PixelLimit)
    {
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data) ?? throw NotAnImage(file, name);
            CheckSize(codec.Info.Width, codec.Info.Height, name, pixelLimit);
            return GrayPng16.Is(file) ? GrayPng16.Decode(file, name) : Decode(codec, name);
        }
    }

    static void CheckSize(int width, int height, string name, long limit)
    {
        if (Math.BigMul(width, height) > limit)
            throw new UserException($"{name} declares {width}x{height} pixels, more than the limit of {limit}.");
    }

    static unsafe Image Decode(SKCodec codec, string name)
    {
        // Without a colour space Skia converts none; unpremultiplied keeps the colours below a transparent pixel.
        var info = new SKImageInfo(
            codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var image = Image.Rent(info.Width, info.Height);
        fixed (byte* pixels = image.Bytes)
        {
            var result = codec.GetPixels(info, (nint)pixels);
            if (result == SKCodecResult.Success)
                return image;
            image.Dispose();
            throw new UserException(result == SKCodecResult.IncompleteInput
                ? $"{name} is cut short: its image data end too early."
                : $"{name} cannot be decoded: {result}.");
        }
    }

    static UserException NotAnImage(ReadOnlySpan<byte> file, string name) => new(file.IsEmpty
        ? $"{name} is empty."
        : Misplaced.Find(file) is { } what ? $"{name} is no image: {what}."
        : $"{name} is no image that can be decoded (JPEG, PNG, WebP, GIF, BMP): it begins with "
            + $"{Convert.ToHexString(file[..Math.Min(8, file.Length)])}.");
}
