using System.Runtime.InteropServices;
using OnnxTimm.Data;
using SkiaSharp;

namespace OnnxTimm.Train;

/// <summary>The images of a batch as a picture.</summary>
public static class Pictures
{
    const int Columns = 8, Quality = 75;

    /// <summary>All images side by side, from the least value to the largest: timm's <c>--save-images</c>.</summary>
    public static byte[] OfBatch(ImageBatch images)
    {
        var (count, cell) = (images.Shape.Count, Largest(images));
        var (least, most) = (float.MaxValue, float.MinValue);
        for (var i = 0; i < count; i++)
            foreach (var value in images[i])
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
        var scale = 255 / Math.Max(most - least, 1e-5f);
        var columns = Math.Min(Columns, count);
        using var sheet = new SKBitmap(columns * cell.Width, (count + columns - 1) / columns * cell.Height,
            SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(SKColors.Black);
        for (var i = 0; i < count; i++)
        {
            using var one = Bitmap(images[i], images.SizeOf(i), (value, _) => (value - least) * scale);
            canvas.DrawBitmap(one, i % columns * cell.Width, i / columns * cell.Height, SKSamplingOptions.Default);
        }
        return Encode(sheet, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>The most rows and columns of any image.</summary>
    internal static ImageSize Largest(ImageBatch images)
    {
        var (height, width) = (0, 0);
        for (var i = 0; i < images.Shape.Count; i++)
            (height, width) = (Math.Max(height, images.SizeOf(i).Height), Math.Max(width, images.SizeOf(i).Width));
        return new(height, width);
    }

    /// <summary>An image of planes, gray where there is one.</summary>
    /// <param name="chw">Channels x height x width.</param>
    /// <param name="size">Height and width.</param>
    /// <param name="colour">From 0 to 255, of a value and its channel.</param>
    internal static SKBitmap Bitmap(ReadOnlySpan<float> chw, ImageSize size, Func<float, int, float> colour)
    {
        var bitmap = new SKBitmap(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = MemoryMarshal.AsBytes(bitmap.GetPixelSpan()).ToArray();
        var plane = size.Width * size.Height;
        for (var i = 0; i < plane; i++)
            for (var c = 0; c < Pixels.Size; c++)
            {
                var channel = Math.Min(c, chw.Length / plane - 1);
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
