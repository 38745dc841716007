using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>Luminance by ITU-R 601-2 in 1/65536, as Pillow's <c>convert("L")</c>.</summary>
static class Gray
{
    const int Red = 19595, Green = 38470, Blue = 7471, Half = 0x8000;

    /// <summary>The luminance of a pixel.</summary>
    public static byte Of(uint rgbx) =>
        (byte)((Red * (rgbx & 255) + Green * ((rgbx >> 8) & 255) + Blue * ((rgbx >> 16) & 255) + Half) >> 16);

    /// <summary>Makes the three channels of every pixel its luminance.</summary>
    public static void Apply(Image image)
    {
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(image.Bytes))
            pixel = Of(pixel) * 0x010101u;
    }
}
