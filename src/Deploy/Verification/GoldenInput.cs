namespace OnnxTimm.Deploy;

/// <summary>
/// An input that anyone can make again, by whole numbers and exact fractions alone: waves that differ from channel to
/// channel, and noise of the generator SplitMix64.
/// </summary>
public static class GoldenInput
{
    /// <summary>Name of the rule in a file.</summary>
    public const string Rule = "waves-1";

    /// <summary>Numbers from -1.5 to 1.5 for an input [N, C, H, W].</summary>
    public static float[] Floats(long[] shape)
    {
        var (height, width) = (shape[^2], shape[^1]);
        var values = new float[shape.Aggregate(1L, (product, d) => product * d)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(Wave(i % width, i / width % height, i / (width * height)) + Noise(i) / 2);
        return values;
    }

    /// <summary>An image [1, H, W, 3] of bytes.</summary>
    public static byte[] Bytes(long[] shape)
    {
        var (width, channels) = (shape[2], shape[3]);
        var values = new byte[shape.Aggregate(1L, (product, d) => product * d)];
        for (var i = 0; i < values.Length; i++)
        {
            var pixel = i / channels;
            values[i] = (byte)(128 + 80 * Wave(pixel % width, pixel / width, i % channels) + 40 * Noise(i));
        }
        return values;
    }

    /// <summary>From -1 to 1 and back along a diagonal.</summary>
    static double Wave(long x, long y, long channel)
    {
        var place = (x * (channel % 3 + 1) + y * (channel % 2 + 1)) % 64;
        return Math.Abs(place - 32) / 16.0 - 1;
    }

    /// <summary>From -1 up to 1: the upper 24 bits of SplitMix64's number i + 1 from the seed 0.</summary>
    static double Noise(long i)
    {
        var z = (ulong)(i + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return ((z ^ z >> 31) >> 40) / (double)(1 << 23) - 1;
    }
}
