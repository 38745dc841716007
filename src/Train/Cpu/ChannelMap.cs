using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>A map [N, C, area] seen one channel at a time: N rows, a stride apart.</summary>
readonly unsafe struct ChannelMap(int batch, int channels, int area)
{
    /// <summary>Elements that are summed in float32 before the sum goes on in float64.</summary>
    public const int Block = 64 * Lanes.Count;

    public long Count => (long)batch * area;

    /// <summary>Where the row of a channel in an image begins.</summary>
    public long Row(int image, int channel) => ((long)image * channels + channel) * area;

    /// <summary>
    /// The distance from a row of a channel to the next one that comes from memory: the processor cannot guess it.
    /// </summary>
    public nint Next(int image, int channel) =>
        (nint)(image + 1 < batch ? Row(1, 0) : channel + 1 < channels ? Row(0, channel + 1) - Row(image, channel) : 0);

    /// <summary>
    /// Mean and biased variance of a channel in one pass: sums of the distance from a mean of the first elements and of
    /// its square, so that little cancels.
    /// </summary>
    public (double Mean, double Variance) Moments(float* x, int channel)
    {
        var first = Math.Min(Block, area);
        var near = Vector512.Sum(Distances(x + Row(0, channel), first, default, 0).Sum) / first;
        var (sum, squares) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var i = 0; i < batch; i++)
            for (var j = 0; j < area; j += Block)
            {
                var (s, q) = Distances(x + Row(i, channel) + j, Math.Min(Block, area - j), Vector512.Create(near),
                    Next(i, channel));
                (sum, squares) = (Lanes.Widen(sum, s), Lanes.Widen(squares, q));
            }
        var distance = Vector512.Sum(sum) / Count;
        return (near + distance, Vector512.Sum(squares) / Count - distance * distance);
    }

    static (Vector512<float> Sum, Vector512<float> Squares) Distances(float* x, int count, Vector512<float> near,
        nint next)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 2 * Lanes.Count; i += 2 * Lanes.Count)
        {
            Lanes.Prefetch(x + next + i);
            Lanes.Prefetch(x + next + i + Lanes.Count);
            var (p, q) = (Vector512.Load(x + i) - near, Vector512.Load(x + i + Lanes.Count) - near);
            (a, b, c, d) = (a + p, b + q, Lanes.Fma(p, p, c), Lanes.Fma(q, q, d));
        }
        for (; i < count; i += Lanes.Count)
        {
            var p = (Lanes.Load(x + i, count - i) - near) & Lanes.Mask(Math.Min(count - i, Lanes.Count));
            (a, c) = (a + p, Lanes.Fma(p, p, c));
        }
        return (a + b, c + d);
    }
}
