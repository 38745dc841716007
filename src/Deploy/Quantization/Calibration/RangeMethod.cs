namespace OnnxTimm.Deploy;

/// <summary>How a tensor's statistics become the range that its codes reach.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Purpose">What it does, in a line.</param>
/// <param name="Range">The range.</param>
public sealed record RangeMethod(string Name, string Purpose, Func<TensorStatistics, Codes, Interval> Range)
{
    /// <summary>The method that is taken unless another is asked for.</summary>
    public const string Default = "mse";

    /// <summary>The share of numbers that a percentile keeps.</summary>
    const double Kept = 0.9999;

    /// <summary>Steps in which the error's minimum is looked for, a hundredth of the range each.</summary>
    const int Candidates = 80;

    /// <summary>All methods.</summary>
    public static readonly IReadOnlyList<RangeMethod> All =
    [
        new("minmax", "all numbers", (s, _) => s.Range),
        new("percentile", "all numbers but one of ten thousand", (s, _) => Percentile(s)),
        new("mse", "the least square error", LeastError),
        new("entropy", "the least relative entropy of the codes' distribution", Entropies.Least),
    ];

    /// <exception cref="UserException">There is none of that name.</exception>
    public static RangeMethod Named(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw Nearest.Unknown("method", name, All.Select(m => m.Name));

    static Interval Percentile(TensorStatistics s)
    {
        var counts = s.Histogram.Counts;
        var total = 0L;
        foreach (var count in counts)
            total += count;
        // Of numbers that are nowhere negative only the upper end is cut, and the other way round.
        var sides = s.Range is { Least: < 0, Most: > 0 } ? 2 : 1;
        var spared = (long)Math.Round((1 - Kept) / sides * total);
        var (low, high) = (0, counts.Length - 1);
        for (var passed = counts[low]; passed <= spared && low < high; passed += counts[low])
            low++;
        for (var passed = counts[high]; passed <= spared && high > low; passed += counts[high])
            high--;
        var width = s.Histogram.Width;
        return new(Math.Max(s.Range.Least, (low - Histogram.Half) * width),
            Math.Min(s.Range.Most, (high + 1 - Histogram.Half) * width));
    }

    /// <summary>The ends are drawn in by turns until neither gains.</summary>
    static Interval LeastError(TensorStatistics s, Codes codes)
    {
        var full = s.Range.WithZero;
        var (best, error) = (full, Error(s.Histogram, full, codes));
        for (var turn = 0; turn < 2; turn++)
            for (var end = 0; end < 2; end++)
                for (var i = 0; i <= Candidates; i++)
                {
                    var share = 1 - i / 100.0;
                    var candidate = end == 0 ? best with { Most = full.Most * share }
                        : best with { Least = full.Least * share };
                    if (Error(s.Histogram, candidate, codes) is var e && e < error)
                        (best, error) = (candidate, e);
                }
        return best;
    }

    /// <summary>The sum of square errors of all numbers.</summary>
    static double Error(Histogram histogram, Interval range, Codes codes)
    {
        var grid = Grid.Of(range, codes);
        var counts = histogram.Counts;
        var sum = 0.0;
        var (least, most) = grid.Reach;
        var (half, rounding) = (grid.Step / 2.0, grid.Step * (double)grid.Step / 12);
        for (var bin = 0; bin < counts.Length; bin++)
            if (counts[bin] > 0)
            {
                var x = histogram.Middle(bin);
                var beyond = x < least ? least - x : x > most ? x - most : 0;
                // Zeros, of which a Relu makes many, have a code of their own.
                sum += counts[bin] * (beyond > half ? beyond * beyond : Math.Abs(x) < half ? x * x : rounding);
            }
        return sum;
    }
}
