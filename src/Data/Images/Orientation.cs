namespace OnnxTimm.Data;

/// <summary>How a camera was held, which EXIF's tag 274 says with a number from 1 (upright) to 8.</summary>
public static class Orientation
{
    /// <summary>The number of an image that needs no turn, and of one that says nothing.</summary>
    public const int Upright = 1;

    const int Tag = 274, EntryBytes = 12;

    /// <summary>What makes each upright: rows become columns, then left becomes right and top becomes bottom.</summary>
    static readonly (bool Transpose, bool Horizontal, bool Vertical)[] Turns =
    [
        (false, false, false), (false, true, false), (false, true, true), (false, false, true),
        (true, false, false), (true, true, false), (true, true, true), (true, false, true),
    ];

    /// <summary>
    /// The orientation of an image file, which its EXIF's first directory says (TIFF 6.0); upright where nothing does.
    /// </summary>
    public static int Of(ReadOnlySpan<byte> file)
    {
        var exif = ExifData.Of(file);
        var isLittle = exif.StartsWith("II"u8);
        if (exif.Length < 10 || Number(exif, 4, 4, isLittle) is not (>= 8 and var at) || at > exif.Length - 2)
            return Upright;
        var entries = exif[(int)(at + 2)..];
        for (var left = Number(exif, (int)at, 2, isLittle); left > 0 && entries.Length >= EntryBytes;
            left--, entries = entries[EntryBytes..])
            if (Number(entries, 0, 2, isLittle) == Tag)
                return Number(entries, 8, 2, isLittle) is >= 1 and <= 8 and var value ? (int)value : Upright;
        return Upright;
    }

    /// <summary>The image upright, as Pillow's <c>exif_transpose</c> gives it; the one given is gone.</summary>
    public static Image Turn(Image image, int orientation)
    {
        var (transpose, horizontal, vertical) = Turns[orientation - 1];
        if (transpose)
            image = Transpose(image);
        if (horizontal)
            Flip.Horizontal(image);
        if (vertical)
            Flip.Vertical(image);
        return image;
    }

    static long Number(ReadOnlySpan<byte> bytes, int at, int size, bool isLittle)
    {
        var value = 0L;
        for (var i = 0; i < size; i++)
            value = value << 8 | bytes[at + (isLittle ? size - 1 - i : i)];
        return value;
    }

    static Image Transpose(Image image)
    {
        using (image)
        {
            var turned = Image.Rent(image.Height, image.Width);
            var from = image.Words;
            var to = turned.Words;
            for (var y = 0; y < image.Height; y++)
                for (var x = 0; x < image.Width; x++)
                    to[x * image.Height + y] = from[y * image.Width + x];
            return turned;
        }
    }
}
