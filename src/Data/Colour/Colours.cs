using System.Numerics;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// Brightness, contrast, saturation and gray as torchvision's functions on a Pillow image: a factor of 1 leaves the
/// image, 0 gives black, one gray, or gray; more than 1 exaggerates. All change the image in place.
/// </summary>
public static class Colours
{
    const int Red = 19595, Green = 38470, Blue = 7471, Half = 0x8000;

    /// <summary>Mixes with black.</summary>
    public static void Brightness(Image image, double factor) => BlendWith(image, 0, factor);

    /// <summary>Mixes with the mean luminance.</summary>
    public static void Contrast(Image image, double factor)
    {
        var sum = 0L;
        foreach (var pixel in image.Words)
            sum += Luminance(pixel);
        BlendWith(image, (int)((double)sum / image.Words.Length + 0.5), factor);
    }

    /// <summary>Mixes with the luminance of each pixel.</summary>
    public static void Saturation(Image image, double factor)
    {
        var words = image.Words;
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(words);
        foreach (ref var v in vectors)
            v = Saturate(v, (float)factor);
        foreach (ref var pixel in words[(vectors.Length * Vector<uint>.Count)..])
            pixel = Saturate(new Vector<uint>(pixel), (float)factor)[0];
    }

    /// <summary>Makes the three channels of every pixel its luminance.</summary>
    public static void Grayscale(Image image)
    {
        foreach (ref var pixel in image.Words)
            pixel = Luminance(pixel) * 0x010101u;
    }

    /// <summary>Luminance by ITU-R 601-2 in 1/65536, as Pillow's <c>convert("L")</c>.</summary>
    static uint Luminance(uint p) =>
        (Red * (p & 255) + Green * ((p >> 8) & 255) + Blue * ((p >> 16) & 255) + Half) >> 16;

    static void BlendWith(Image image, int gray, double factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (var i = 0; i < table.Length; i++)
            table[i] = (byte)Math.Clamp(gray + (float)factor * (i - gray), 0, 255);
        foreach (ref var b in image.Bytes)
            b = table[b];
    }

    static Vector<uint> Saturate(Vector<uint> pixels, float factor)
    {
        var (r, g, b) = (Channel(pixels, 0), Channel(pixels, 8), Channel(pixels, 16));
        var gray = Vector.ShiftRightArithmetic(r * Red + g * Green + b * Blue + new Vector<int>(Half), 16);
        var mixed = Blend(gray, r, factor)
            | Vector.ShiftLeft(Blend(gray, g, factor), 8)
            | Vector.ShiftLeft(Blend(gray, b, factor), 16);
        return mixed.As<int, uint>();
    }

    static Vector<int> Channel(Vector<uint> pixels, int shift) =>
        (Vector.ShiftRightLogical(pixels, shift) & new Vector<uint>(255)).As<uint, int>();

    /// <summary>Pillow's blend (Blend.c): in float32, clipped, then cut off to an integer.</summary>
    static Vector<int> Blend(Vector<int> from, Vector<int> to, float factor)
    {
        var mixed = Vector.ConvertToSingle(from) + Vector.ConvertToSingle(to - from) * factor;
        return Vector.ConvertToInt32(Vector.Min(Vector.Max(mixed, Vector<float>.Zero), new Vector<float>(255)));
    }
}
