using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>
/// Warm-up, a long stable part, and a fall at the end (arXiv:2405.18392): wsd keeps its rate before the fall, rsqrt
/// lowers it by the root of time (arXiv:2106.04560). Source: timm 1.0.31's wsd scheduler.
/// </summary>
static class StableThenFall
{
    /// <summary>The share of the training that falls where nothing is said.</summary>
    const double Share = 0.2;

    /// <summary>What is left of the rate, by the part of the fall that is over.</summary>
    static readonly FrozenDictionary<string, Func<double, double>> Falls = new Dictionary<string, Func<double, double>>
    {
        { "linear", x => 1 - x },
        { "1-sqrt", x => 1 - Math.Sqrt(x) },
        { "cosine", x => (1 + Math.Cos(Math.PI * x)) / 2 },
        { "power", x => 1 - Math.Pow(x, 0.5) },
        { "exp", x => (Math.Pow(0.1, x) - 0.1) / 0.9 },
    }.ToFrozenDictionary();

    /// <param name="t">Options and lengths.</param>
    /// <param name="fall">The fall where none is given.</param>
    /// <param name="stable">The rate before the fall, by the time since the warm-up and a time scale.</param>
    /// <exception cref="UserException">The fall is longer than the training, or there is no time scale.</exception>
    public static Schedules.Curve Curve(Schedules.Times t, string fall, Func<double, double, double> stable)
    {
        var o = t.Options;
        var name = o.DecayFn.Length > 0 ? o.DecayFn : fall;
        if (!Falls.TryGetValue(name, out var left))
            throw Nearest.Unknown("decay-fn", name, Falls.Keys.Order(StringComparer.Ordinal));
        var total = t.Total - (o.WarmupPrefix ? 0 : t.Warmup);
        var length = o.DecayEpochs is { } epochs and not (> 0 and < 1) ? epochs * t.Unit
            : total * (o.DecayEpochs ?? Share);
        if (!(length > 0 && length <= total))
            throw new UserException($"The schedule {o.Sched} falls over {PythonText.Repr(length / t.Unit)} epochs, of "
                + $"{PythonText.Repr(total / t.Unit)} after the warm-up: --decay-epochs must be above 0 and no more.");
        var scale = (o.StableTimescale ?? o.WarmupEpochs) * t.Unit;
        if (o.Sched == "rsqrt" && scale <= 0)
            throw new UserException("The schedule rsqrt needs a time scale: --stable-timescale, or --warmup-epochs.");
        var start = total - length;
        return new(x => At(o.WarmupPrefix ? x : x - t.Warmup), t.Total);

        double At(double u)
        {
            var rate = Math.Max(t.Lr * stable(u, scale), o.MinLr);
            return u <= start ? rate : o.MinLr + (rate - o.MinLr) * left(Math.Min((u - start) / length, 1));
        }
    }
}
