using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// Samples of a PNG to pixels as Pillow makes them: of 16 bits the upper 8, but gray of 16 bits saturated at 255; alpha
/// left out; an index beyond the palette is a gray of that value.
/// </summary>
sealed class PngPixels
{
    const uint Grays = 0x010101;

    readonly PngHeader header;

    /// <summary>The pixel of each value, where a pixel is one sample of at most 8 bits.</summary>
    readonly uint[] colours = new uint[256];

    /// <summary>Where red, green and blue lie among the bytes of a pixel.</summary>
    readonly (int Red, int Green, int Blue) places;

    public PngPixels(PngHeader header)
    {
        this.header = header;
        var size = header.Bits / 8;
        places = header.Colour is PngColour.Rgb or PngColour.Rgba ? (0, size, 2 * size) : (0, 0, 0);
        var white = header.Colour == PngColour.Gray && header.Bits < 8 ? 255u / ((1u << header.Bits) - 1) : 1;
        for (var i = 0u; i < colours.Length; i++)
            colours[i] = i * white * Grays;
        if (header.Palette is { Length: >= 3 } palette)
            Packing.FromRgb(palette.AsSpan(0, palette.Length / 3 * 3), MemoryMarshal.AsBytes(colours.AsSpan()));
    }

    /// <summary>A row of samples to pixels.</summary>
    public void Convert(ReadOnlySpan<byte> samples, Span<uint> pixels)
    {
        switch (header.BitsPerPixel, header.Colour)
        {
            case (8, _): LookUp(samples, pixels); break;
            case ( < 8, _): LookUpBits(samples, pixels); break;
            case (16, PngColour.Gray): Saturate(samples, pixels); break;
            case (24, _): Packing.FromRgb(samples[..(3 * pixels.Length)], MemoryMarshal.AsBytes(pixels)); break;
            case (32, PngColour.Rgba): MemoryMarshal.Cast<byte, uint>(samples)[..pixels.Length].CopyTo(pixels); break;
            default: Gather(samples, pixels, header.BitsPerPixel / 8); break;
        }
    }

    void LookUp(ReadOnlySpan<byte> samples, Span<uint> pixels)
    {
        for (var x = 0; x < pixels.Length; x++)
            pixels[x] = colours[samples[x]];
    }

    void LookUpBits(ReadOnlySpan<byte> samples, Span<uint> pixels)
    {
        var mask = (1 << header.Bits) - 1;
        for (int x = 0, i = 0; x < pixels.Length; x++, i += header.Bits)
            pixels[x] = colours[samples[i / 8] >> (8 - header.Bits - i % 8) & mask];
    }

    static void Saturate(ReadOnlySpan<byte> samples, Span<uint> pixels)
    {
        for (var x = 0; x < pixels.Length; x++)
            pixels[x] = samples[2 * x] == 0 ? samples[2 * x + 1] * Grays : 255 * Grays;
    }

    void Gather(ReadOnlySpan<byte> samples, Span<uint> pixels, int step)
    {
        var (red, green, blue) = places;
        for (int x = 0, i = 0; x < pixels.Length; x++, i += step)
            pixels[x] = (uint)(samples[i + red] | samples[i + green] << 8 | samples[i + blue] << 16);
    }
}
