namespace OnnxTimm.Models;

// From a normed image to the frequencies of luma and colour differences, as one convolution.
public static partial class CsatV2
{
    /// <summary>Luma, blue and red difference of red, green and blue.</summary>
    static readonly double[][] Colours = [Luma, Difference(0.564, 2), Difference(0.713, 0)];

    static double[] Luma => [0.299, 0.587, 0.114];

    /// <summary>What is added to them.</summary>
    static readonly double[] Neutral = [0, 128, 128];

    /// <summary>Means and deviations of the colours by which images are normed (ImageNet's).</summary>
    static readonly (double Mean, double Std)[] Norm = [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)];

    static double[] Difference(double factor, int colour) =>
        [.. Luma.Select((share, i) => factor * ((i == colour ? 1 : 0) - share))];

    /// <summary>Weights [3 * 64, 3, 8, 8]: from normed colours to normed frequencies.</summary>
    static float[] Filters()
    {
        var (order, deviations) = (ZigZag(), Deviations());
        return
        [
            .. from plane in Enumerable.Range(0, 3)
               from f in Enumerable.Range(0, Side * Side)
               from colour in Enumerable.Range(0, 3)
               from pixel in Enumerable.Range(0, Side * Side)
               select (float)(255 * Norm[colour].Std * Colours[plane][colour] * Wave(order[f], pixel)
                   / deviations[plane * Side * Side + f]),
        ];
    }

    static float[] Offsets()
    {
        var (order, deviations, means) = (ZigZag(), Deviations(), Means);
        return
        [
            .. from plane in Enumerable.Range(0, 3)
               let constant = Neutral[plane] + 255 * Norm.Zip(Colours[plane], (n, share) => n.Mean * share).Sum()
               from f in Enumerable.Range(0, Side * Side)
               let at = plane * Side * Side + f
               select (float)(((order[f] == 0 ? Side * constant : 0) - means[at]) / deviations[at]),
        ];
    }

    static double[] Deviations() => [.. Variances.Select(v => Math.Sqrt(v) + 1e-8)];

    /// <summary>The orthonormal cosine transform of both axes: a frequency's wave at a pixel.</summary>
    static double Wave(int frequency, int pixel) =>
        Wave1(frequency / Side, pixel / Side) * Wave1(frequency % Side, pixel % Side);

    static double Wave1(int frequency, int at) => frequency == 0 ? Math.Sqrt(1.0 / Side)
        : Math.Sqrt(2.0 / Side) * Math.Cos(Math.PI * frequency * (2 * at + 1) / (2 * Side));

    /// <summary>The frequencies along the diagonals of their square, there and back in turns.</summary>
    static int[] ZigZag() =>
    [
        .. from sum in Enumerable.Range(0, 2 * Side - 1)
           let first = Math.Max(0, sum - Side + 1)
           let last = Math.Min(sum, Side - 1)
           from i in Enumerable.Range(0, last - first + 1)
           let row = sum % 2 == 0 ? last - i : first + i
           select row * Side + sum - row,
    ];
}
