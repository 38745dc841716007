namespace OnnxTimm.Deploy;

/// <summary>
/// The threshold that keeps the most of a distribution, by relative entropy: candidates cut the histogram of magnitudes
/// off, what is beyond goes into the last bin, and the distribution that is left is compared with what its codes can
/// tell apart (Migacz, "8-bit inference with TensorRT", 2017).
/// </summary>
static class Entropies
{
    /// <summary>What is expected of a bin that no number fell into.</summary>
    const double Rare = 1e-6;

    /// <summary>The range within the threshold of the least entropy.</summary>
    public static Interval Least(TensorStatistics s, Codes codes)
    {
        var magnitudes = Magnitudes(s.Histogram);
        var isOneSided = s.Range.Least >= 0 || s.Range.Most <= 0;
        var levels = isOneSided && !codes.IsSymmetric ? codes.Most - codes.Least + 1 : 128;
        var (best, least) = (magnitudes.Length, double.PositiveInfinity);
        for (var bins = levels; bins <= magnitudes.Length; bins += levels / 16)
            if (Divergence(magnitudes, bins, levels) is var d && d < least)
                (best, least) = (bins, d);
        var threshold = best * s.Histogram.Width;
        return new(Math.Max(s.Range.Least, -threshold), Math.Min(s.Range.Most, threshold));
    }

    static double[] Magnitudes(Histogram histogram)
    {
        var counts = histogram.Counts;
        var sums = new double[Histogram.Half];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = counts[Histogram.Half + i] + counts[Histogram.Half - 1 - i];
        // Zeros of a Relu would be all there is to see.
        sums[0] = Math.Min(sums[0], sums[1]);
        return sums[..(Array.FindLastIndex(sums, c => c > 0) + 1)];
    }

    /// <summary>Relative entropy of the distribution within so many bins, and of its codes.</summary>
    static double Divergence(double[] magnitudes, int bins, int levels)
    {
        var inside = magnitudes.AsSpan(0, bins);
        var (total, beyond) = (0.0, 0.0);
        foreach (var count in inside)
            total += count;
        foreach (var count in magnitudes.AsSpan(bins))
            beyond += count;
        var sum = 0.0;
        for (var level = 0; level < levels; level++)
        {
            var part = inside[(int)((long)level * bins / levels)..(int)((long)(level + 1) * bins / levels)];
            sum += Divergence(part, level == levels - 1 ? beyond : 0, total);
        }
        return sum;
    }

    /// <summary>The share of one code: its count is spread over the bins of it that are not empty.</summary>
    static double Divergence(ReadOnlySpan<double> part, double beyond, double total)
    {
        var (count, filled) = (0.0, 0);
        foreach (var c in part)
            (count, filled) = (count + c, c > 0 ? filled + 1 : filled);
        var (spread, sum) = (filled == 0 ? 0 : count / filled / total, 0.0);
        for (var i = 0; i < part.Length; i++)
        {
            var p = (part[i] + (i == part.Length - 1 ? beyond : 0)) / (total + beyond);
            if (p > 0)
                sum += p * Math.Log(p / (part[i] > 0 ? spread : Rare));
        }
        return sum;
    }
}
