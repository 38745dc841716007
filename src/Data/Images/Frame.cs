namespace OnnxTimm.Data;

/// <summary>Pixels of a caller's, as cameras, decoders and image libraries hold them.</summary>
public readonly ref struct Frame
{
    /// <summary>2^20 times the factors of ITU-R BT.601: of luma, Cr to red, Cb and Cr to green, Cb to blue.</summary>
    const int Scale = 20, Luma = 1220945, CrRed = 1673555, CbGreen = 410793, CrGreen = 852458, CbBlue = 2115221;

    readonly ReadOnlySpan<byte> bytes;
    readonly PixelFormat format;
    readonly int width, height, stride;

    /// <param name="bytes">From the first pixel on; what lies behind the last is not read.</param>
    /// <param name="format">How they lie.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without gaps.</param>
    /// <exception cref="UserException">No such image lies in so few bytes.</exception>
    public Frame(ReadOnlySpan<byte> bytes, PixelFormat format, int width, int height, int stride = 0)
    {
        if (width is not (> 0 and <= DataConfig.LargestSide) || height is not (> 0 and <= DataConfig.LargestSide))
            throw new UserException($"No image has {width}x{height} pixels: a side is from 1 to "
                + $"{DataConfig.LargestSide}.");
        var row = width * BytesOf(format);
        // Chroma needs a whole pair where the width is odd.
        var least = format == PixelFormat.Nv12 ? (width + 1) / 2 * 2 : row;
        stride = stride == 0 ? least : stride;
        if (stride < least)
            throw new UserException($"A row of {width} pixels {format} has {least} bytes, more than the stride "
                + $"{stride}.");
        var rows = format == PixelFormat.Nv12 ? height + (height + 1) / 2 : height;
        var needed = Math.BigMul(stride, rows - 1) + (format == PixelFormat.Nv12 ? least : row);
        if (bytes.Length < needed)
            throw new UserException($"{width}x{height} pixels {format} in rows of {stride} bytes are {needed} bytes, "
                + $"not {bytes.Length}.");
        this.bytes = bytes;
        (this.format, this.width, this.height, this.stride) = (format, width, height, stride);
    }

    /// <summary>Whether the pixels are R, G, B and one byte without meaning, and can be read where they lie.</summary>
    public bool IsRgbx => format == PixelFormat.Rgba32;

    /// <summary>The pixels where they lie, of a frame that <see cref="IsRgbx"/>.</summary>
    public Pixels View() => IsRgbx ? new(bytes, width, height, stride)
        : throw new InvalidOperationException($"Pixels {format} have to be copied.");

    /// <summary>The pixels in a buffer of their own.</summary>
    public Image ToImage()
    {
        var image = Image.Rent(width, height);
        for (var y = 0; y < height; y++)
            Copy(y, image.Row(y));
        return image;
    }

    void Copy(int y, Span<byte> rgbx)
    {
        var row = bytes[(y * stride)..];
        switch (format)
        {
            case PixelFormat.Rgb24: Packing.FromRgb(row[..(width * 3)], rgbx); break;
            case PixelFormat.Bgr24: Reorder(row, 3, (2, 1, 0), rgbx); break;
            case PixelFormat.Rgba32: row[..(width * Pixels.Size)].CopyTo(rgbx); break;
            case PixelFormat.Bgra32: Reorder(row, 4, (2, 1, 0), rgbx); break;
            case PixelFormat.Gray8: Reorder(row, 1, (0, 0, 0), rgbx); break;
            default: FromYuv(row[..width], bytes[((height + y / 2) * stride)..], rgbx); break;
        }
    }

    void Reorder(ReadOnlySpan<byte> row, int size, (int Red, int Green, int Blue) at, Span<byte> rgbx)
    {
        for (int x = 0, i = 0, o = 0; x < width; x++, i += size, o += Pixels.Size)
            (rgbx[o], rgbx[o + 1], rgbx[o + 2], rgbx[o + 3]) =
                (row[i + at.Red], row[i + at.Green], row[i + at.Blue], 0);
    }

    static void FromYuv(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> chroma, Span<byte> rgbx)
    {
        for (int x = 0, o = 0; x < luma.Length; x++, o += Pixels.Size)
        {
            var light = (luma[x] - 16) * Luma + (1 << (Scale - 1));
            int cb = chroma[x & ~1] - 128, cr = chroma[x | 1] - 128;
            rgbx[o] = Clamp(light + cr * CrRed);
            rgbx[o + 1] = Clamp(light - cb * CbGreen - cr * CrGreen);
            rgbx[o + 2] = Clamp(light + cb * CbBlue);
            rgbx[o + 3] = 0;
        }
    }

    static byte Clamp(int scaled) => (byte)Math.Clamp(scaled >> Scale, 0, 255);

    static int BytesOf(PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        PixelFormat.Gray8 or PixelFormat.Nv12 => 1,
        _ => throw Nearest.Unknown("pixel format", $"{format}", Enum.GetNames<PixelFormat>()),
    };
}
