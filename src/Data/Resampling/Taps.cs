using System.Collections.Concurrent;
using System.Numerics;

namespace OnnxTimm.Data;

/// <summary>One direction of a resize, and the part of its output that is wanted.</summary>
/// <param name="Size">Input pixels.</param>
/// <param name="From">Where the source interval begins, in input pixels; float32 as in Pillow.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Target">Output pixels of the whole interval.</param>
/// <param name="First">First wanted output pixel.</param>
/// <param name="Count">Wanted output pixels.</param>
readonly record struct Axis(int Size, float From, float To, int Target, int First, int Count)
{
    /// <summary>True where output pixels are input pixels and need no filter.</summary>
    public bool IsCopy => To - From == Target && From == (int)From;
}

/// <summary>
/// For each output pixel of an axis: the first input pixel, how many there are, and their weights in 1/2^22
/// (Pillow, Resample.c). Copying and nearest neighbour are the same with one pixel of weight 1.
/// </summary>
sealed class Taps
{
    /// <summary>Rounding up at the half: where each sum of weighted pixels begins.</summary>
    public const int Half = 1 << (Precision - 1);

    const int Precision = 22;
    const int CacheSize = 2048;

    static readonly ConcurrentDictionary<(Axis, Interpolation), Taps> Cache = new();

    readonly int[] starts;
    readonly int[] counts;
    readonly int[] weights;

    Taps(int count, int width)
    {
        (starts, counts, Width) = (new int[count], new int[count], width);
        weights = new int[count * width];
    }

    /// <summary>Distance between the weights of neighbouring outputs; no output has more.</summary>
    public int Width { get; }

    /// <summary>Input pixels that any output reads: from First up to, not including, End.</summary>
    public int First => starts[0];

    public int End => starts[^1] + counts[^1];

    public int Start(int output) => starts[output];

    public int Count(int output) => counts[output];

    public ReadOnlySpan<int> Weights(int output) => weights.AsSpan(output * Width, counts[output]);

    /// <summary>Sums of weighted pixels to pixels, clipped to 0..255.</summary>
    public static Vector<int> ToByteRange(Vector<int> sums) =>
        Vector.Min(Vector.Max(Vector.ShiftRightArithmetic(sums, Precision), Vector<int>.Zero), new Vector<int>(255));

    /// <summary>The taps of an axis, from the cache where they were asked for before.</summary>
    public static Taps Of(Axis axis, Interpolation filter)
    {
        if (Cache.TryGetValue((axis, filter), out var taps))
            return taps;
        if (Cache.Count >= CacheSize)
            Cache.Clear();
        return Cache[(axis, filter)] = axis.IsCopy ? Single(axis, CopiedPixels(axis))
            : filter == Interpolation.Nearest ? Single(axis, NearestPixels(axis))
            : Filtered(axis, Kernel.Of(filter));
    }

    static Taps Single(Axis axis, IEnumerable<int> pixels)
    {
        var taps = new Taps(axis.Count, 1);
        foreach (var (i, pixel) in pixels.Index())
            (taps.starts[i], taps.counts[i], taps.weights[i]) = (Math.Min(pixel, axis.Size - 1), 1, 1 << Precision);
        return taps;
    }

    static IEnumerable<int> CopiedPixels(Axis axis) => Enumerable.Range((int)axis.From + axis.First, axis.Count);

    /// <summary>Positions are added up one by one, as in Pillow, so that rounding falls the same way.</summary>
    static IEnumerable<int> NearestPixels(Axis axis)
    {
        var step = (double)(axis.To - axis.From) / axis.Target;
        var at = axis.From + step * 0.5;
        for (var i = 0; i < axis.First + axis.Count; i++, at += step)
            if (i >= axis.First)
                yield return (int)at;
    }

    static Taps Filtered(Axis axis, Kernel kernel)
    {
        var scale = (double)(axis.To - axis.From) / axis.Target;
        var stretch = Math.Max(scale, 1);
        var support = kernel.Support * stretch;
        var taps = new Taps(axis.Count, (int)Math.Ceiling(support) * 2 + 1);
        var row = new double[taps.Width];
        for (var i = 0; i < axis.Count; i++)
        {
            var center = axis.From + (axis.First + i + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var count = Math.Min((int)(center + support + 0.5), axis.Size) - start;
            (taps.starts[i], taps.counts[i]) = (start, count);
            for (var t = 0; t < count; t++)
                row[t] = kernel.Weight((t + start - center + 0.5) * (1 / stretch));
            taps.SetWeights(i, row.AsSpan(0, count));
        }
        return taps;
    }

    void SetWeights(int output, ReadOnlySpan<double> row)
    {
        var sum = 0.0;
        foreach (var w in row)
            sum += w;
        for (var t = 0; t < row.Length; t++)
        {
            var w = (sum != 0 ? row[t] / sum : row[t]) * (1 << Precision);
            weights[output * Width + t] = (int)(w < 0 ? w - 0.5 : w + 0.5);
        }
    }
}
