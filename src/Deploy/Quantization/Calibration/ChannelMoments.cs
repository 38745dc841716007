namespace OnnxTimm.Deploy;

/// <summary>
/// Mean and variance of each channel over images and places, in memory that does not grow with them, and the same in
/// whatever order the images come.
/// </summary>
/// <param name="channels">Indices of the axis of channels.</param>
/// <param name="rows">How often all channels are in an image, as windows or tokens.</param>
sealed class ChannelMoments(int channels, int rows) : IStatistics<ChannelMoments>
{
    /// <summary>The largest mean square of an image: sums of so many images as there may be stay exact.</summary>
    const double Most = 1L << 50;

    readonly ExactSum[] sums = new ExactSum[channels], squares = new ExactSum[channels];
    long count;

    /// <summary>The mean of a channel.</summary>
    public double Mean(int channel) => sums[channel].Over(count);

    /// <summary>The mean square of a channel.</summary>
    public double Square(int channel) => squares[channel].Over(count);

    /// <summary>The variance of a channel, of all of its numbers.</summary>
    public double Variance(int channel) => Math.Max(0, Square(channel) - Mean(channel) * Mean(channel));

    /// <inheritdoc/>
    public void Add(string name, ReadOnlySpan<float> numbers)
    {
        for (var c = 0; c < channels; c++)
        {
            var (mean, square) = Of(c, numbers);
            if (!(square <= Most))
                throw new UserException($"The network gives numbers at \"{name}\" whose mean square is {square:G3} "
                    + "for an image of the calibration: that is no statistic.");
            sums[c].Add(mean);
            squares[c].Add(square);
        }
        count++;
    }

    /// <inheritdoc/>
    public void Add(ChannelMoments other)
    {
        count += other.count;
        for (var c = 0; c < channels; c++)
        {
            sums[c].Add(other.sums[c]);
            squares[c].Add(other.squares[c]);
        }
    }

    /// <summary>Mean and mean square of an image's channel.</summary>
    (double Mean, double Square) Of(int channel, ReadOnlySpan<float> numbers)
    {
        var (size, sum, square) = (numbers.Length / channels / rows, 0.0, 0.0);
        for (var row = 0; row < rows; row++)
            foreach (double x in numbers.Slice((row * channels + channel) * size, size))
            {
                sum += x;
                square += x * x;
            }
        return (sum / (size * rows), square / (size * rows));
    }
}
