namespace OnnxTimm.Deploy;

/// <summary>
/// How often numbers fall into bins of one width, which is a power of two and doubles as larger numbers come: two bins
/// become one. The result does not depend on the order of the numbers, nor on how they are shared out.
/// </summary>
public sealed class Histogram
{
    /// <summary>Bins on either side of 0; the largest number is in the outer half of them.</summary>
    public const int Half = 2048;

    readonly long[] counts = new long[2 * Half];

    /// <summary>The width of a bin is 2 to this power.</summary>
    int exponent = -120;

    /// <summary>The width of a bin.</summary>
    public double Width => Math.ScaleB(1, exponent);

    /// <summary>Counts, from the bin [-Half * Width, (1 - Half) * Width) on.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>The middle of a bin.</summary>
    public double Middle(int bin) => (bin - Half + 0.5) * Width;

    /// <summary>Counts numbers.</summary>
    /// <param name="numbers">Finite numbers.</param>
    /// <param name="largest">Their largest magnitude.</param>
    public void Add(ReadOnlySpan<float> numbers, float largest)
    {
        Reach(largest);
        var inverse = (float)Math.ScaleB(1, -exponent);
        foreach (var x in numbers)
            counts[(int)MathF.Floor(x * inverse) + Half]++;
    }

    /// <summary>Adds the counts of another.</summary>
    public void Add(Histogram other)
    {
        while (exponent < other.exponent)
            Double();
        while (other.exponent < exponent)
            other.Double();
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }

    /// <summary>Widens the bins until they reach over a number.</summary>
    void Reach(float largest)
    {
        while (largest >= Half * Width)
            Double();
    }

    void Double()
    {
        for (var bin = 0; bin < Half / 2; bin++)
        {
            var (above, below) = (Half + 2 * bin, Half - 1 - 2 * bin);
            counts[Half + bin] = counts[above] + counts[above + 1];
            counts[Half - 1 - bin] = counts[below] + counts[below - 1];
        }
        counts.AsSpan(0, Half / 2).Clear();
        counts.AsSpan(Half + Half / 2).Clear();
        exponent++;
    }
}
