namespace OnnxTimm.Data;

/// <summary>Pillow's mix of two images (Blend.c), and its sharpness, which is one of them.</summary>
public static class Mixture
{
    /// <summary>
    /// Moves an image towards another of its size: by 0 not at all, by 1 wholly, further beyond it. In float32,
    /// clipped and cut off to an integer.
    /// </summary>
    public static void Blend(Image image, Pixels other, double factor)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            var towards = other.Row(y);
            for (var i = 0; i < row.Length; i++)
                row[i] = (byte)Math.Clamp(row[i] + (float)factor * (towards[i] - row[i]), 0, 255);
        }
    }

    /// <summary>Mixes with the smoothed image, in place: 0 gives that, 1 leaves the image, more sharpens it.</summary>
    public static void Sharpness(Image image, double factor)
    {
        using var sharp = image.View().ToImage();
        Smooth(sharp.View(), image);
        Blend(image, sharp.View(), factor);
    }

    /// <summary>Pillow's filter SMOOTH: 5 for the pixel, 1 for each neighbour, over 13; edges stay.</summary>
    static void Smooth(Pixels source, Image to)
    {
        for (var y = 1; y < source.Height - 1; y++)
        {
            var above = source.Row(y - 1);
            var row = source.Row(y);
            var below = source.Row(y + 1);
            var target = to.Row(y);
            for (var i = Pixels.Size; i < row.Length - Pixels.Size; i++)
            {
                var sum = Three(above, i) + Three(row, i) + Three(below, i) + 4 * row[i];
                target[i] = (byte)((2 * sum + 13) / 26);
            }
        }
    }

    static int Three(ReadOnlySpan<byte> row, int i) => row[i - Pixels.Size] + row[i] + row[i + Pixels.Size];
}
