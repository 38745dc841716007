namespace OnnxTimm.Data;

/// <summary>Mirrors an image in place.</summary>
public static class Flip
{
    /// <summary>Left becomes right.</summary>
    public static void Horizontal(Image image)
    {
        for (var y = 0; y < image.Height; y++)
            image.Words.Slice(y * image.Width, image.Width).Reverse();
    }

    /// <summary>Top becomes bottom.</summary>
    public static void Vertical(Image image)
    {
        Span<byte> kept = new byte[image.Width * Pixels.Size];
        for (var (y, z) = (0, image.Height - 1); y < z; y++, z--)
        {
            image.Row(y).CopyTo(kept);
            image.Row(z).CopyTo(image.Row(y));
            kept.CopyTo(image.Row(z));
        }
    }
}
