namespace OnnxTimm.Data;

/// <summary>
/// Gaussian blur as Pillow's <c>ImageFilter.GaussianBlur</c>: three box blurs of fractional radius in each direction
/// (BoxBlur.c, after Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box filtering").
/// </summary>
public static class BoxBlur
{
    const int Passes = 3, Bits = 24;

    /// <summary>Blurs in place.</summary>
    /// <param name="image">What is blurred.</param>
    /// <param name="deviation">Standard deviation in pixels; Pillow calls it a radius.</param>
    public static void Gaussian(Image image, double deviation)
    {
        var radius = Radius((float)deviation);
        if (radius == 0)
            return;
        Span<uint> line = new uint[Math.Max(image.Width, image.Height)];
        for (var y = 0; y < image.Height; y++)
            Blur(image.Words.Slice(y * image.Width, image.Width), 1, line[..image.Width], radius);
        for (var x = 0; x < image.Width; x++)
            Blur(image.Words[x..], image.Width, line[..image.Height], radius);
    }

    /// <summary>Radius of a box whose three passes have that deviation, in Pillow's mix of float and double.</summary>
    static float Radius(float deviation)
    {
        var variance = deviation * deviation / Passes;
        var length = (float)Math.Sqrt(12.0 * variance + 1.0);
        var whole = (float)Math.Floor((length - 1.0) / 2.0);
        var part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        return whole + part / (6 * (variance - (whole + 1) * (whole + 1)));
    }

    /// <summary>Blurs a row or column, whose pixels are <paramref name="stride"/> apart.</summary>
    static void Blur(Span<uint> pixels, int stride, Span<uint> line, float radius)
    {
        for (var i = 0; i < line.Length; i++)
            line[i] = pixels[i * stride];
        var whole = (int)radius;
        var weight = (uint)((1 << Bits) / (radius * 2 + 1));
        var edge = ((1 << Bits) - (uint)(whole * 2 + 1) * weight) / 2;
        Span<uint> to = new uint[line.Length];
        for (var pass = 0; pass < Passes; pass++)
        {
            to.Clear();
            for (var shift = 0; shift < 24; shift += 8)
                Pass(line, to, shift, whole, weight, edge);
            to.CopyTo(line);
        }
        for (var i = 0; i < line.Length; i++)
            pixels[i * stride] = line[i];
    }

    /// <summary>One pass over a channel: a running sum, and a part of the pixel beyond either end of it.</summary>
    static void Pass(ReadOnlySpan<uint> line, Span<uint> to, int shift, int radius, uint weight, uint edge)
    {
        var sum = 0u;
        for (var i = -radius - 1; i < radius; i++)
            sum += At(line, i, shift);
        for (var x = 0; x < line.Length; x++)
        {
            var (left, right) = (At(line, x - radius - 1, shift), At(line, x + radius + 1, shift));
            sum += At(line, x + radius, shift) - left;
            to[x] |= (sum * weight + (left + right) * edge + (1u << (Bits - 1))) >> Bits << shift;
        }
    }

    /// <summary>A channel of a pixel; beyond the ends that of the last one.</summary>
    static uint At(ReadOnlySpan<uint> line, int i, int shift) =>
        (line[Math.Clamp(i, 0, line.Length - 1)] >> shift) & 255;
}
