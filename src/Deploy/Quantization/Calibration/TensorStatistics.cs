using System.Numerics.Tensors;

namespace OnnxTimm.Deploy;

/// <summary>
/// What a tensor's numbers are over many images, in memory that does not grow with them. Sums are kept as integers, so
/// that they are the same in whatever order the images come.
/// </summary>
/// <param name="channels">Indices of the axis of channels; 0 where none is told apart.</param>
public sealed class TensorStatistics(int channels)
{
    /// <summary>Sums of means are counted in units of two to this negative power.</summary>
    const int Fraction = 50;

    readonly float[] most = new float[channels];
    readonly Int128[] sums = new Int128[channels];

    /// <summary>The least and the largest number.</summary>
    public Interval Range { get; private set; } = new(double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>How often which numbers are there.</summary>
    public Histogram Histogram { get; } = new();

    /// <summary>Images.</summary>
    public long Count { get; private set; }

    /// <summary>The largest magnitude in each channel.</summary>
    public IReadOnlyList<float> Most => most;

    /// <summary>The mean of each channel.</summary>
    public double[] Means => Array.ConvertAll(sums, Mean);

    /// <summary>Adds an image's numbers, whose channels lie one behind the other.</summary>
    /// <param name="name">The tensor, for the message.</param>
    /// <param name="numbers">Its numbers.</param>
    /// <exception cref="UserException">One is not finite.</exception>
    public void Add(string name, ReadOnlySpan<float> numbers)
    {
        var (least, largest) = (TensorPrimitives.Min(numbers), TensorPrimitives.Max(numbers));
        if (!float.IsFinite(least) || !float.IsFinite(largest))
            throw new UserException($"The network gives {(float.IsFinite(least) ? largest : least)} at \"{name}\" for "
                + "an image of the calibration: such numbers have no codes.");
        Range = new(Math.Min(Range.Least, least), Math.Max(Range.Most, largest));
        Histogram.Add(numbers, Math.Max(-least, largest));
        Count++;
        var size = channels == 0 ? 0 : numbers.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            var part = numbers.Slice(c * size, size);
            most[c] = Math.Max(most[c], Math.Abs(TensorPrimitives.MaxMagnitude(part)));
            sums[c] += Fixed(TensorPrimitives.Sum(part) / (double)size);
        }
    }

    /// <summary>Adds what another has seen.</summary>
    public void Add(TensorStatistics other)
    {
        Range = new(Math.Min(Range.Least, other.Range.Least), Math.Max(Range.Most, other.Range.Most));
        Histogram.Add(other.Histogram);
        Count += other.Count;
        for (var c = 0; c < channels; c++)
        {
            most[c] = Math.Max(most[c], other.most[c]);
            sums[c] += other.sums[c];
        }
    }

    static Int128 Fixed(double mean) => (Int128)Math.ScaleB(mean, Fraction);

    double Mean(Int128 sum) => Math.ScaleB((double)sum, -Fraction) / Math.Max(1, Count);
}
