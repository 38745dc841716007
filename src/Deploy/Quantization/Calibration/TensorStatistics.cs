using System.Numerics.Tensors;

namespace OnnxTimm.Deploy;

/// <summary>
/// What a tensor's numbers are over many images, in memory that does not grow with them, and the same in whatever order
/// the images come.
/// </summary>
/// <param name="channels">Indices of the axis of channels; 0 where none is told apart.</param>
/// <param name="rows">How often all channels are in an image, as windows or tokens.</param>
public sealed class TensorStatistics(int channels, int rows = 1) : IStatistics<TensorStatistics>
{
    readonly float[] most = new float[channels];
    readonly ExactSum[] sums = new ExactSum[channels];

    /// <summary>The least and the largest number.</summary>
    public Interval Range { get; private set; } = new(double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>How often which numbers are there.</summary>
    public Histogram Histogram { get; } = new();

    /// <summary>Images.</summary>
    public long Count { get; private set; }

    /// <summary>The largest magnitude in each channel.</summary>
    public IReadOnlyList<float> Most => most;

    /// <summary>The mean of each channel.</summary>
    public double[] Means => Array.ConvertAll(sums, sum => sum.Over(Count));

    /// <summary>Adds an image's numbers, of whose rows the channels lie one behind the other.</summary>
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
        for (var c = 0; c < channels; c++)
            AddChannel(c, numbers);
    }

    void AddChannel(int c, ReadOnlySpan<float> numbers)
    {
        var (size, sum) = (numbers.Length / channels / rows, 0.0);
        for (var row = 0; row < rows; row++)
        {
            var part = numbers.Slice((row * channels + c) * size, size);
            most[c] = Math.Max(most[c], Math.Abs(TensorPrimitives.MaxMagnitude(part)));
            sum += TensorPrimitives.Sum(part);
        }
        sums[c].Add(sum / (size * rows));
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
            sums[c].Add(other.sums[c]);
        }
    }
}
