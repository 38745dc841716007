namespace OnnxTimm.Data;

/// <summary>What lies beyond the edges of an image.</summary>
public enum PadMode
{
    /// <summary>One colour.</summary>
    Constant,

    /// <summary>The last pixel.</summary>
    Edge,

    /// <summary>The image mirrored at its last pixel, which is not repeated.</summary>
    Reflect,

    /// <summary>The image mirrored at its edge: the last pixel is repeated.</summary>
    Symmetric,
}

/// <summary>Cuts rectangles that may lie outside of an image; torchvision's crop and pad.</summary>
public static class Padding
{
    /// <summary>The rectangle at (left, top), filled by <paramref name="mode"/> where it is outside.</summary>
    public static Image CropOrPad(Pixels source, int left, int top, int width, int height, PadMode mode, uint fill = 0)
    {
        var image = Image.Rent(width, height);
        for (var y = 0; y < height; y++)
        {
            var from = Mirror(top + y, source.Height, mode);
            var row = image.Words.Slice(y * width, width);
            if (from < 0)
                row.Fill(fill);
            else
                Copy(source.Words(from), left, mode, fill, row);
        }
        return image;
    }

    /// <summary>The pixel of the image that stands at <paramref name="i"/>; -1 where none does.</summary>
    public static int Mirror(int i, int size, PadMode mode)
    {
        if (i >= 0 && i < size)
            return i;
        if (mode == PadMode.Constant)
            return -1;
        if (mode == PadMode.Edge || size == 1)
            return Math.Clamp(i, 0, size - 1);
        // A period is the image forth and back.
        var period = mode == PadMode.Reflect ? 2 * size - 2 : 2 * size;
        i = ((i % period) + period) % period;
        return i < size ? i : mode == PadMode.Reflect ? period - i : period - 1 - i;
    }

    static void Copy(ReadOnlySpan<uint> source, int left, PadMode mode, uint fill, Span<uint> row)
    {
        for (var x = 0; x < row.Length; x++)
            row[x] = Mirror(left + x, source.Length, mode) is >= 0 and var from ? source[from] : fill;
    }
}
