using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// A rectangle of an 8-bit RGB image, seen without a copy. A pixel is four bytes: red, green, blue and one without
/// meaning, which is how Pillow keeps RGB too; it makes a pixel a vector lane and is what the decoder delivers.
/// </summary>
/// <param name="bytes">Memory from the first pixel on; may run past the last.</param>
/// <param name="width">Pixels in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="stride">Bytes from one row to the next.</param>
public readonly ref struct Pixels(ReadOnlySpan<byte> bytes, int width, int height, int stride)
{
    /// <summary>Bytes of a pixel.</summary>
    public const int Size = 4;

    readonly ReadOnlySpan<byte> bytes = bytes;
    readonly int stride = stride;

    /// <summary>Columns of pixels.</summary>
    public int Width { get; } = width;

    /// <summary>Rows of pixels.</summary>
    public int Height { get; } = height;

    /// <summary>Row <paramref name="y"/> as R, G, B, x bytes.</summary>
    public ReadOnlySpan<byte> Row(int y) => bytes.Slice(checked(y * stride), Width * Size);

    /// <summary>A rectangle inside this one.</summary>
    public Pixels Crop(int left, int top, int width, int height) =>
        left < 0 || top < 0 || width < 0 || height < 0 || width > Width - left || height > Height - top
            ? throw new ArgumentException($"{width}x{height} at ({left}, {top}) is not inside {Width}x{Height}.")
            : new(bytes[(top * stride + left * Size)..], width, height, stride);

    /// <summary>Writes height x width x RGB.</summary>
    public void CopyRgb(Span<byte> hwc)
    {
        for (var y = 0; y < Height; y++)
            Packing.ToRgb(Row(y), hwc.Slice(y * Width * 3, Width * 3));
    }

    /// <summary>Writes the planes R, G, B, each height x width.</summary>
    public void CopyPlanes(Span<byte> chw)
    {
        var plane = Width * Height;
        for (var y = 0; y < Height; y++)
            Packing.ToPlanes(Row(y), chw[(y * Width)..], plane, channels: 3);
    }

    /// <summary>A copy in a buffer of its own.</summary>
    public Image ToImage()
    {
        var image = Image.Rent(Width, Height);
        for (var y = 0; y < Height; y++)
            Row(y).CopyTo(image.Row(y));
        return image;
    }

    /// <summary>Row <paramref name="y"/> with one number a pixel.</summary>
    internal ReadOnlySpan<uint> Words(int y) => MemoryMarshal.Cast<byte, uint>(Row(y));
}
