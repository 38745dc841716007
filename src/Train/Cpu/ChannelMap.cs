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

    /// <summary>Mean and biased variance of a channel, in two passes: the second finds it in the cache.</summary>
    public (float Mean, float Variance) Moments(float* x, int channel)
    {
        var sum = Vector512<double>.Zero;
        for (var i = 0; i < batch; i++)
            for (var j = 0; j < area; j += Block)
                sum = Lanes.Widen(sum, Sum(x + Row(i, channel) + j, Math.Min(Block, area - j)));
        var mean = Vector512.Sum(sum) / Count;
        var squares = Vector512<double>.Zero;
        for (var i = 0; i < batch; i++)
            for (var j = 0; j < area; j += Block)
                squares = Lanes.Widen(squares, Squares(x + Row(i, channel) + j, Math.Min(Block, area - j), (float)mean));
        // The mean was rounded before it was subtracted.
        var rounding = mean - (float)mean;
        return ((float)mean, (float)(Vector512.Sum(squares) / Count - rounding * rounding));
    }

    static Vector512<float> Sum(float* x, int count)
    {
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var i = 0;
        for (; i <= count - 4 * Lanes.Count; i += 4 * Lanes.Count)
        {
            a += Vector512.Load(x + i);
            b += Vector512.Load(x + i + Lanes.Count);
            c += Vector512.Load(x + i + 2 * Lanes.Count);
            d += Vector512.Load(x + i + 3 * Lanes.Count);
        }
        for (; i <= count - Lanes.Count; i += Lanes.Count)
            a += Vector512.Load(x + i);
        return i < count ? a + b + (c + d) + Lanes.LoadPart(x + i, count - i) : a + b + (c + d);
    }

    static Vector512<float> Squares(float* x, int count, float mean)
    {
        var (a, b, m) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512.Create(mean));
        var i = 0;
        for (; i <= count - 2 * Lanes.Count; i += 2 * Lanes.Count)
        {
            var (p, q) = (Vector512.Load(x + i) - m, Vector512.Load(x + i + Lanes.Count) - m);
            (a, b) = (Lanes.Fma(p, p, a), Lanes.Fma(q, q, b));
        }
        for (; i < count; i += Lanes.Count)
        {
            var rest = count - i;
            var p = rest >= Lanes.Count ? Vector512.Load(x + i) - m : (Lanes.LoadPart(x + i, rest) - m) & Lanes.Mask(rest);
            a = Lanes.Fma(p, p, a);
        }
        return a + b;
    }
}
