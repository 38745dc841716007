using System.Collections.Concurrent;

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
/// (Pillow, Resample.c). Copying and nearest neighbour are the same with one pixel of weight 1. Pixels come in blocks,
/// for the sums take as many at once: some have the weight 0, and at the far end all begin earlier, so that none ends
/// behind the last input pixel.
/// </summary>
sealed class Taps
{
    /// <summary>Rounding up at the half: where each sum of weighted pixels begins.</summary>
    public const int Half = 1 << (Precision - 1);

    /// <summary>Bits of a weight behind the point.</summary>
    public const int Precision = 22;

    /// <summary>Taps of a block.</summary>
    public const int Block = 4;

    const int CacheSize = 2048;

    static readonly ConcurrentDictionary<(Axis, Interpolation), Taps> Cache = new();

    readonly int[] starts;
    readonly int[] counts;
    readonly int[] weights;

    Taps(int count, int width)
    {
        (starts, counts, Width) = (new int[count], new int[count], Blocks(width));
        weights = new int[count * Width];
    }

    /// <summary>Distance between the weights of neighbouring outputs; no output has more.</summary>
    public int Width { get; }

    /// <summary>Whether outputs are inputs.</summary>
    public bool IsCopy { get; private init; }

    /// <summary>Input pixels with a weight: from First up to, not including, End.</summary>
    public int First { get; private set; }

    public int End { get; private set; }

    /// <summary>Whether the weights are packed for <see cref="PairSums"/>.</summary>
    public bool InPairs { get; private init; }

    /// <summary>The weights of all outputs, <see cref="Width"/> each.</summary>
    public ReadOnlySpan<int> AllWeights => weights;

    /// <summary>The first input pixel of each output; none is before that of the output before.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>Taps of each output, whole blocks.</summary>
    public ReadOnlySpan<int> Counts => counts;

    public ReadOnlySpan<int> Weights(int output) => weights.AsSpan(output * Width, counts[output]);

    /// <summary>The taps of an axis, from the cache where they were asked for before.</summary>
    public static Taps Of(Axis axis, Interpolation filter)
    {
        if (Cache.TryGetValue((axis, filter), out var taps))
            return taps;
        if (Cache.Count >= CacheSize)
            Cache.Clear();
        return Cache[(axis, filter)] = Make(axis, filter, PairSums.IsSupported);
    }

    /// <summary>The taps of an axis, made anew.</summary>
    /// <param name="axis">Which pixels become which.</param>
    /// <param name="filter">How they are weighed.</param>
    /// <param name="inPairs">Whether the weights are packed for <see cref="PairSums"/>.</param>
    public static Taps Make(Axis axis, Interpolation filter, bool inPairs)
    {
        var taps = axis.IsCopy ? Single(axis, CopiedPixels(axis), inPairs)
            : filter == Interpolation.Nearest ? Single(axis, NearestPixels(axis), inPairs)
            : Filtered(axis, Kernel.Of(filter), inPairs);
        if (inPairs)
            PairSums.Pack(taps.weights);
        return taps;
    }

    static Taps Single(Axis axis, IEnumerable<int> pixels, bool inPairs)
    {
        var taps = new Taps(axis.Count, 1) { IsCopy = axis.IsCopy, InPairs = inPairs };
        foreach (var (i, pixel) in pixels.Index())
            taps.Set(i, axis.Size, Math.Min(pixel, axis.Size - 1), [1 << Precision]);
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

    static Taps Filtered(Axis axis, Kernel kernel, bool inPairs)
    {
        var scale = (double)(axis.To - axis.From) / axis.Target;
        var stretch = Math.Max(scale, 1);
        var support = kernel.Support * stretch;
        var most = (int)Math.Ceiling(support) * 2 + 1;
        var taps = new Taps(axis.Count, most) { InPairs = inPairs };
        var (row, whole) = (new double[most], new int[most]);
        for (var i = 0; i < axis.Count; i++)
        {
            var center = axis.From + (axis.First + i + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var count = Math.Min((int)(center + support + 0.5), axis.Size) - start;
            for (var t = 0; t < count; t++)
                row[t] = kernel.Weight((t + start - center + 0.5) * (1 / stretch));
            Round(row.AsSpan(0, count), whole);
            taps.Set(i, axis.Size, start, whole.AsSpan(0, count));
        }
        return taps;
    }

    static void Round(ReadOnlySpan<double> row, Span<int> whole)
    {
        var sum = 0.0;
        foreach (var w in row)
            sum += w;
        for (var t = 0; t < row.Length; t++)
        {
            var w = (sum != 0 ? row[t] / sum : row[t]) * (1 << Precision);
            whole[t] = (int)(w < 0 ? w - 0.5 : w + 0.5);
        }
    }

    void Set(int output, int size, int start, ReadOnlySpan<int> row)
    {
        // Less would do for some, but rows that lie before a start are given up.
        starts[output] = Math.Max(0, Math.Min(start, size - Width));
        counts[output] = Blocks(start + row.Length - starts[output]);
        row.CopyTo(weights.AsSpan(output * Width + start - starts[output]));
        First = output == 0 ? start : First;
        End = start + row.Length;
    }

    static int Blocks(int taps) => (taps + Block - 1) / Block * Block;
}
