using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// An 8-bit RGB image of four bytes a pixel (see <see cref="Pixels"/>), in memory that <see cref="Dispose"/> gives
/// back; one owner at a time.
/// </summary>
public sealed class Image : IDisposable
{
    readonly PixelMemory memory;

    Image(int width, int height)
    {
        (Width, Height) = (width, height);
        memory = new(Math.BigMul(width, height) * Pixels.Size);
    }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>The content, rows without gaps.</summary>
    public Span<byte> Bytes => memory.Span;

    /// <summary>The content, one number a pixel: red is its lowest byte.</summary>
    public Span<uint> Words => MemoryMarshal.Cast<byte, uint>(Bytes);

    /// <summary>An image of undefined content.</summary>
    public static Image Rent(int width, int height) => new(
        width > 0 ? width : throw new ArgumentOutOfRangeException(nameof(width)),
        height > 0 ? height : throw new ArgumentOutOfRangeException(nameof(height)));

    /// <summary>Copies height x width x RGB bytes.</summary>
    public static Image FromRgb(ReadOnlySpan<byte> hwc, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hwc.Length, checked(width * height * 3));
        var image = Rent(width, height);
        Packing.FromRgb(hwc, image.Bytes);
        return image;
    }

    /// <summary>Makes every pixel the same.</summary>
    public void Fill(byte red, byte green, byte blue) =>
        Words.Fill((uint)(red | (green << 8) | (blue << 16)));

    /// <summary>The pixels of row <paramref name="y"/> as R, G, B, x bytes, to read and write.</summary>
    public Span<byte> Row(int y) => Bytes.Slice(y * Width * Pixels.Size, Width * Pixels.Size);

    /// <summary>All pixels without a copy, valid until the image is disposed.</summary>
    public Pixels View() => new(Bytes, Width, Height, Width * Pixels.Size);

    /// <summary>Height x width x RGB in a new array.</summary>
    public byte[] ToRgb()
    {
        var hwc = new byte[checked(Width * Height * 3)];
        View().CopyRgb(hwc);
        return hwc;
    }

    /// <summary>Gives the memory back for other images.</summary>
    public void Dispose() => memory.Dispose();
}
