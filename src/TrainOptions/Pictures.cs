using System.Runtime.InteropServices;
using OnnxTimm.Data;
using SkiaSharp;

namespace OnnxTimm.Train;

/// <summary>The images of a batch as a picture.</summary>
public static class Pictures
{
    const int Columns = 8, Quality = 75;

    /// <summary>All images side by side, from the least value to the largest: timm's <c>--save-images</c>.</summary>
    public static byte[] OfBatch(ReadOnlySpan<float> images, BatchShape shape)
    {
        var (count, least, most) = (images.Length / shape.ImageLength, images[0], images[0]);
        foreach (var value in images)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        var scale = 255 / Math.Max(most - least, 1e-5f);
        var columns = Math.Min(Columns, count);
        using var sheet = new SKBitmap(columns * shape.Width, (count + columns - 1) / columns * shape.Height,
            SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(SKColors.Black);
        for (var i = 0; i < count; i++)
        {
            using var one = Bitmap(images.Slice(i * shape.ImageLength, shape.ImageLength), shape,
                (value, _) => (value - least) * scale);
            canvas.DrawBitmap(one, i % columns * shape.Width, i / columns * shape.Height, SKSamplingOptions.Default);
        }
        return Encode(sheet, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>An image of planes, gray where there is one.</summary>
    /// <param name="chw">Channels x height x width.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="colour">From 0 to 255, of a value and its channel.</param>
    internal static SKBitmap Bitmap(ReadOnlySpan<float> chw, BatchShape shape, Func<float, int, float> colour)
    {
        var bitmap = new SKBitmap(shape.Width, shape.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = MemoryMarshal.AsBytes(bitmap.GetPixelSpan()).ToArray();
        var plane = shape.Width * shape.Height;
        for (var i = 0; i < plane; i++)
            for (var c = 0; c < Pixels.Size; c++)
            {
                var channel = Math.Min(c, shape.Channels - 1);
                pixels[i * Pixels.Size + c] = c == 3 ? byte.MaxValue
                    : (byte)Math.Clamp(colour(chw[channel * plane + i], channel) + 0.5f, 0, 255);
            }
        Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        return bitmap;
    }

    internal static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var data = bitmap.Encode(format, Quality);
        return data.ToArray();
    }
}
