using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// uint8 to float32 as torchvision's ToTensor and Normalize do: (x / 255 - mean) / std, each step in float32.
/// A channel has only 256 values, so they are computed once.
/// </summary>
public sealed class Normalization
{
    readonly float[][] tables;

    /// <summary>One mean and std a channel; other counts are replaced by their average, as in timm.</summary>
    public Normalization(IReadOnlyList<double> mean, IReadOnlyList<double> std, int channels) =>
        tables = [.. Adapt(mean, channels).Zip(Adapt(std, channels), Table)];

    /// <summary>The value of a channel at each byte.</summary>
    public ReadOnlySpan<float> this[int channel] => tables[channel];

    /// <summary>A row of R, G, B, x pixels to its place in each plane.</summary>
    internal void ToPlanes(ReadOnlySpan<byte> rgbx, Span<float> target, int plane)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgbx);
        for (var c = 0; c < tables.Length; c++)
            ToPlane(pixels, c * 8, tables[c], target.Slice(c * plane, pixels.Length));
    }

    static unsafe void ToPlane(ReadOnlySpan<uint> pixels, int shift, float[] table, Span<float> plane)
    {
        fixed (uint* from = pixels)
        fixed (float* to = plane, of = table)
        {
            var x = 0;
            // By four: the loop itself takes as long as a look-up.
            for (; x + 4 <= pixels.Length; x += 4)
            {
                to[x] = of[(byte)(from[x] >> shift)];
                to[x + 1] = of[(byte)(from[x + 1] >> shift)];
                to[x + 2] = of[(byte)(from[x + 2] >> shift)];
                to[x + 3] = of[(byte)(from[x + 3] >> shift)];
            }
            for (; x < pixels.Length; x++)
                to[x] = of[(byte)(from[x] >> shift)];
        }
    }

    static float[] Table(double mean, double std)
    {
        var table = new float[256];
        for (var x = 0; x < table.Length; x++)
            table[x] = (x / 255f - (float)mean) / (float)std;
        return table;
    }

    static IEnumerable<double> Adapt(IReadOnlyList<double> values, int channels) =>
        values.Count == channels ? values : Enumerable.Repeat(values.Average(), channels);
}
