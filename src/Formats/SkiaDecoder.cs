using SkiaSharp;

namespace OnnxTimm.Data;

/// <summary>The formats that Skia decodes.</summary>
static class SkiaDecoder
{
    /// <inheritdoc cref="IFurtherFormats.TryDecode"/>
    public static unsafe Image? TryDecode(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share)
    {
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null)
                return null;
            ImageDecoder.CheckSize(codec.Info.Width, codec.Info.Height, name);
            share?.Take(codec.Info.Width, codec.Info.Height);
            return Decode(codec, name);
        }
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
}
