namespace OnnxTimm.Data;

/// <summary>Turns the hue as torchvision does on a Pillow image: through Pillow's 8-bit HSV (Convert.c).</summary>
public static class Hue
{
    /// <summary>Shifts the hue in place; <paramref name="turn"/> is -0.5 .. 0.5 of the colour circle.</summary>
    public static void Shift(Image image, double turn)
    {
        var shift = (byte)(int)(turn * 255);
        foreach (ref var pixel in image.Words)
        {
            var (h, s, v) = ToHsv((byte)pixel, (byte)(pixel >> 8), (byte)(pixel >> 16));
            pixel = ToRgb((byte)(h + shift), s, v);
        }
    }

    // Pillow's C code mixes float32 and double; the casts here are its promotions.
    static (byte H, byte S, byte V) ToHsv(byte r, byte g, byte b)
    {
        var (max, min) = (Math.Max(r, Math.Max(g, b)), Math.Min(r, Math.Min(g, b)));
        if (max == min)
            return (0, 0, max);
        var range = (float)(max - min);
        var (fromRed, fromGreen, fromBlue) = ((max - r) / range, (max - g) / range, (max - b) / range);
        var sector = r == max ? fromBlue - fromGreen
            : g == max ? (float)(2.0 + fromRed - fromBlue)
            : (float)(4.0 + fromGreen - fromRed);
        var hue = (float)((sector / 6.0 + 1.0) % 1.0);
        return ((byte)(hue * 255.0), (byte)(range / max * 255.0), max);
    }

    static uint ToRgb(byte h, byte s, byte v)
    {
        if (s == 0)
            return Pack(v, v, v);
        var sector = (int)Math.Floor(h * 6.0 / 255.0);
        var rest = (float)(h * 6.0 / 255.0 - sector);
        var strength = (float)(s / 255.0);
        var p = Round(v * (1.0 - strength));
        var q = Round(v * (1.0 - strength * rest));
        var t = Round(v * (1.0 - strength * (1.0 - rest)));
        return (sector % 6) switch
        {
            0 => Pack(v, t, p),
            1 => Pack(q, v, p),
            2 => Pack(p, v, t),
            3 => Pack(p, q, v),
            4 => Pack(t, p, v),
            _ => Pack(v, p, q),
        };
    }

    static byte Round(double value) => (byte)Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);

    static uint Pack(byte r, byte g, byte b) => (uint)(r | (g << 8) | (b << 16));
}
