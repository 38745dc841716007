namespace OnnxTimm.Data;

/// <summary>Pixels of a caller's, as cameras, decoders and image libraries hold them.</summary>
public readonly ref struct Frame
{
    readonly ReadOnlySpan<byte> bytes;
    readonly PixelFormat format;
    readonly ColourRange range;
    readonly int left, top, rows, stride;

    /// <param name="bytes">From the first pixel on; what lies behind the last is not read.</param>
    /// <param name="format">How they lie.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without gaps.</param>
    /// <param name="range">What luma and chroma mean, of formats that have them.</param>
    /// <exception cref="UserException">No such image lies in so few bytes.</exception>
    public Frame(ReadOnlySpan<byte> bytes, PixelFormat format, int width, int height, int stride = 0,
        ColourRange range = ColourRange.Limited)
    {
        var least = RowBytes(format, width, height);
        stride = stride == 0 ? least : stride;
        if (stride < least)
            throw new UserException($"A row of {width} pixels {format} has {least} bytes, more than the stride "
                + $"{stride}.");
        var needed = Math.BigMul(stride, RowsOf(format, height) - 1) + (format == PixelFormat.Nv12 ? least
            : width * BytesOf(format));
        if (bytes.Length < needed)
            throw new UserException($"{width}x{height} pixels {format} in rows of {stride} bytes are {needed} bytes, "
                + $"not {bytes.Length}.");
        this.bytes = bytes;
        (this.format, this.range, this.stride) = (format, range, stride);
        (Width, Height, rows) = (width, height, height);
    }

    /// <summary>A part of another frame.</summary>
    Frame(Frame whole, int left, int top, int width, int height)
    {
        this = whole;
        (this.left, this.top, Width, Height) = (whole.left + left, whole.top + top, width, height);
    }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Whether the pixels are R, G, B and one byte without meaning, and can be read where they lie.</summary>
    public bool IsRgbx => format == PixelFormat.Rgba32;

    /// <summary>The bytes of a frame whose rows have no gaps.</summary>
    /// <param name="format">How pixels lie.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="UserException">There is no such frame.</exception>
    public static long SizeOf(PixelFormat format, int width, int height) =>
        Math.BigMul(RowBytes(format, width, height), RowsOf(format, height));

    /// <summary>A rectangle inside this one.</summary>
    /// <exception cref="UserException">It is not inside.</exception>
    public Frame Crop(int left, int top, int width, int height) =>
        left < 0 || top < 0 || width < 1 || height < 1 || width > Width - left || height > Height - top
            ? throw new UserException($"{width}x{height} at {left},{top} is not inside {Width}x{Height}.")
            : new(this, left, top, width, height);

    /// <summary>The pixels where they lie, of a frame that <see cref="IsRgbx"/>.</summary>
    public Pixels View() => IsRgbx
        ? new(bytes[(top * stride + left * Pixels.Size)..], Width, Height, stride)
        : throw new InvalidOperationException($"Pixels {format} have to be copied.");

    /// <summary>The pixels in a buffer of their own.</summary>
    public Image ToImage()
    {
        var image = Image.Rent(Width, Height);
        CopyTo(image);
        return image;
    }

    /// <summary>Copies the pixels into an image of the same size.</summary>
    public void CopyTo(Image image)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((image.Width, image.Height), (Width, Height));
        CopyTo(image, new(0, 0, Width, Height));
    }

    /// <summary>Copies a part to its place in an image of the frame's size.</summary>
    internal void CopyTo(Image image, Window part)
    {
        for (var y = part.Top; y < part.Bottom; y++)
            Copy(left + part.Left, top + y, image.Row(y).Slice(part.Left * Pixels.Size, part.Width * Pixels.Size));
    }

    void Copy(int x, int y, Span<byte> rgbx)
    {
        var row = bytes[(y * stride)..];
        switch (format)
        {
            case PixelFormat.Rgb24: Packing.FromRgb(row.Slice(x * 3, rgbx.Length / Pixels.Size * 3), rgbx); break;
            case PixelFormat.Bgr24: Reorder(row[(x * 3)..], 3, (2, 1, 0), rgbx); break;
            case PixelFormat.Rgba32: row.Slice(x * Pixels.Size, rgbx.Length).CopyTo(rgbx); break;
            case PixelFormat.Bgra32: Reorder(row[(x * Pixels.Size)..], Pixels.Size, (2, 1, 0), rgbx); break;
            case PixelFormat.Gray8: Reorder(row[x..], 1, (0, 0, 0), rgbx); break;
            case PixelFormat.Yuyv: Bt601.Of(range).FromYuyv(row, x, rgbx); break;
            default: Bt601.Of(range).FromNv12(row, bytes[((rows + y / 2) * stride)..], x, rgbx); break;
        }
    }

    static void Reorder(ReadOnlySpan<byte> row, int size, (int Red, int Green, int Blue) at, Span<byte> rgbx)
    {
        for (int i = 0, o = 0; o < rgbx.Length; i += size, o += Pixels.Size)
            (rgbx[o], rgbx[o + 1], rgbx[o + 2], rgbx[o + 3]) =
                (row[i + at.Red], row[i + at.Green], row[i + at.Blue], 0);
    }

    /// <summary>Bytes of a row without a gap; chroma needs a whole pair where the width is odd.</summary>
    static int RowBytes(PixelFormat format, int width, int height)
    {
        if (width is not (> 0 and <= DataConfig.LargestSide) || height is not (> 0 and <= DataConfig.LargestSide))
            throw new UserException($"No image has {width}x{height} pixels: a side is from 1 to "
                + $"{DataConfig.LargestSide}.");
        if (format == PixelFormat.Yuyv && width % 2 != 0)
            throw new UserException($"Pixels {format} lie in pairs: a row cannot have {width}.");
        return format == PixelFormat.Nv12 ? (width + 1) / 2 * 2 : width * BytesOf(format);
    }

    static int RowsOf(PixelFormat format, int height) =>
        format == PixelFormat.Nv12 ? height + (height + 1) / 2 : height;

    static int BytesOf(PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        PixelFormat.Yuyv => 2,
        PixelFormat.Gray8 or PixelFormat.Nv12 => 1,
        _ => throw Nearest.Unknown("pixel format", $"{format}", Enum.GetNames<PixelFormat>()),
    };
}
