using System.Runtime.InteropServices;
using SkiaSharp;

namespace OnnxTimm.Data;

/// <summary>Small pictures of images, for pages that people look at.</summary>
public static class Thumbnail
{
    const int Quality = 80;

    static readonly SKSamplingOptions Smooth = new(SKFilterMode.Linear, SKMipmapMode.Linear);

    /// <summary>A JPEG file of an image, made smaller where its longer side is above a limit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="side">Pixels of the longer side at most.</param>
    public static byte[] Jpeg(Image image, int side)
    {
        var scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        using var whole = new SKBitmap(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);
        for (var y = 0; y < image.Height; y++)
            image.Row(y).CopyTo(MemoryMarshal.AsBytes(whole.GetPixelSpan())[(y * whole.RowBytes)..]);
        using var small = whole.Resize(
            new SKSizeI(Side(image.Width, scale), Side(image.Height, scale)), Smooth);
        using var data = small.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }

    static int Side(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));
}
