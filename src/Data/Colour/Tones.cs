namespace OnnxTimm.Data;

/// <summary>
/// What replaces each value of a channel by another: Pillow's ImageOps, and timm's solarize_add. All change the image
/// in place.
/// </summary>
public static class Tones
{
    const int Levels = 256, Channels = 3;

    /// <summary>Stretches each channel so that its darkest value becomes 0 and its lightest 255.</summary>
    public static void AutoContrast(Image image) => MapChannels(image, (histogram, map) =>
    {
        var low = histogram.IndexOfAnyExcept(0);
        var high = histogram.LastIndexOfAnyExcept(0);
        if (high <= low)
            return;
        var scale = 255.0 / (high - low);
        var offset = -low * scale;
        for (var i = 0; i < map.Length; i++)
            map[i] = (byte)Math.Clamp((int)(i * scale + offset), 0, 255);
    });

    /// <summary>Makes the values of each channel as frequent as each other, as far as that goes.</summary>
    public static void Equalize(Image image) => MapChannels(image, (histogram, map) =>
    {
        var step = (image.Words.Length - histogram[histogram.LastIndexOfAnyExcept(0)]) / 255;
        if (step == 0)
            return;
        var n = step / 2;
        for (var i = 0; i < map.Length; n += histogram[i++])
            map[i] = (byte)Math.Min(255, n / step);
    });

    /// <summary>Turns light into dark.</summary>
    public static void Invert(Image image) => Map(image, i => 255 - i);

    /// <summary>Inverts the values from a threshold on.</summary>
    public static void Solarize(Image image, int threshold) => Map(image, i => i < threshold ? i : 255 - i);

    /// <summary>Adds to the values below the middle.</summary>
    public static void SolarizeAdd(Image image, int add) =>
        Map(image, i => i < Levels / 2 ? Math.Min(255, i + add) : i);

    /// <summary>Keeps the highest bits of each value: none for 0 and less, all for 8 and more.</summary>
    public static void Posterize(Image image, int bits)
    {
        var mask = 255 & ~((1 << (8 - Math.Clamp(bits, 0, 8))) - 1);
        Map(image, i => i & mask);
    }

    delegate void Mapping(ReadOnlySpan<int> histogram, Span<byte> map);

    static void Map(Image image, Func<int, int> value)
    {
        Span<byte> map = stackalloc byte[Levels];
        for (var i = 0; i < map.Length; i++)
            map[i] = (byte)value(i);
        foreach (ref var b in image.Bytes)
            b = map[b];
    }

    /// <summary>Replaces the values of each channel by what its histogram says; by default they stay.</summary>
    static void MapChannels(Image image, Mapping mapping)
    {
        var histograms = Histograms(image);
        Span<byte> maps = stackalloc byte[Channels * Levels];
        for (var c = 0; c < Channels; c++)
        {
            var map = maps.Slice(c * Levels, Levels);
            for (var i = 0; i < map.Length; i++)
                map[i] = (byte)i;
            mapping(histograms.AsSpan(c * Levels, Levels), map);
        }
        var bytes = image.Bytes;
        for (var i = 0; i < bytes.Length; i += Pixels.Size)
            for (var c = 0; c < Channels; c++)
                bytes[i + c] = maps[c * Levels + bytes[i + c]];
    }

    static int[] Histograms(Image image)
    {
        var histograms = new int[Channels * Levels];
        var bytes = image.Bytes;
        for (var i = 0; i < bytes.Length; i += Pixels.Size)
            for (var c = 0; c < Channels; c++)
                histograms[c * Levels + bytes[i + c]]++;
        return histograms;
    }
}
