using System.Globalization;
using OnnxTimm.Data;
using SkiaSharp;

namespace OnnxTimm.Train;

/// <summary>
/// The first batch of a training as a picture: each image as the network sees it, and what was done to it below.
/// </summary>
public static class AugmentationSheet
{
    const int MostImages = 32, Columns = 4, Gap = 8, LineHeight = 14, LeastWidth = 200;
    const float FontSize = 11;

    /// <summary>A PNG file.</summary>
    /// <param name="parts">The training.</param>
    /// <param name="config">Mean and deviation that the images were normalised by.</param>
    public static byte[] Draw(TrainParts parts, DataConfig config)
    {
        var draws = parts.Batches.Sampler.Epoch(0)[0];
        using var batches = parts.Batches.Epoch(0).GetEnumerator();
        batches.MoveNext();
        var batch = batches.Current;
        var partners = new BatchMixing(parts).Apply(batch, 0).ToArray();
        var count = Math.Min(MostImages, BatchMixing.Kept(parts, batch.Size));
        var images = batch.Normalised.First(count);
        string[][] texts = [.. Enumerable.Range(0, count).Select(i => Text(parts, batch, draws.Span[i], partners, i))];
        using var sheet = new Sheet(Pictures.Largest(images), count, texts.Max(t => t.Length));
        for (var i = 0; i < count; i++)
        {
            using var image = Pictures.Bitmap(images[i], images.SizeOf(i), (value, c) =>
                255 * (float)(value * config.Std[c % config.Std.Count] + config.Mean[c % config.Mean.Count]));
            sheet.Put(i, image, texts[i]);
        }
        return sheet.Encode();
    }

    static string[] Text(TrainParts parts, Batch batch, Draw draw, Partner[] partners, int i)
    {
        var data = parts.Batches.Data;
        var lines = new List<string> { $"{i}: {Class(i)}" };
        // An image that cannot be read is not what the sampler drew.
        if (batch.Indices[i] == draw.Sample)
            lines.AddRange(parts.Batches.Told(0, draw));
        if (partners.Length > 0 && partners[i] is { Share: < 1 } partner)
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"mixed with {partner.Index}: {Class(partner.Index)}, {1 - partner.Share:P0}"));
        return [.. lines];

        string Class(int place) => data.Classes[(int)batch.Labels[place]];
    }

    /// <summary>Cells of images with lines of text below.</summary>
    sealed class Sheet : IDisposable
    {
        readonly int width, height, imageHeight;
        readonly SKBitmap bitmap;
        readonly SKCanvas canvas;
        readonly SKTypeface? face = Curves.FindFont() is { } file ? SKTypeface.FromFile(file) : null;

        public Sheet(ImageSize cell, int count, int lines)
        {
            var columns = Math.Min(Columns, count);
            imageHeight = cell.Height;
            width = Math.Max(cell.Width, LeastWidth) + Gap;
            height = cell.Height + (lines + 1) * LineHeight + Gap;
            bitmap = new(columns * width + Gap, (count + columns - 1) / columns * height + Gap,
                SKColorType.Rgba8888, SKAlphaType.Opaque);
            canvas = new(bitmap);
            canvas.Clear(SKColors.White);
        }

        public void Put(int place, SKBitmap image, string[] lines)
        {
            var (x, y) = (Gap + place % Columns * width, Gap + place / Columns * height);
            canvas.DrawBitmap(image, x, y, SKSamplingOptions.Default);
            using var font = new SKFont(face ?? SKTypeface.Default, FontSize);
            using var black = new SKPaint { Color = SKColors.Black, IsAntialias = true };
            for (var i = 0; i < lines.Length; i++)
                canvas.DrawText(lines[i], x, y + imageHeight + (i + 1) * LineHeight, SKTextAlign.Left, font,
                    black);
        }

        public byte[] Encode() => Pictures.Encode(bitmap, SKEncodedImageFormat.Png);

        public void Dispose()
        {
            canvas.Dispose();
            bitmap.Dispose();
            face?.Dispose();
        }
    }
}
