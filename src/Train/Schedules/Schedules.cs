using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>Schedules by timm's names (timm/scheduler/scheduler_factory.py).</summary>
public static class Schedules
{
    /// <summary>Cosine and tanh cycles (arXiv:1608.03983, 1806.01593), polynomial and step decay.</summary>
    static readonly FrozenDictionary<string, Make> ByName = new Dictionary<string, Make>
    {
        { "cosine", t => Along(t, Cycles(t, (x, k) => 0.5 * (1 + Math.Cos(Math.PI * Math.Pow(x, k))))) },
        { "tanh", t => Along(t, Cycles(t, (x, _) => 0.5 * (1 - Math.Tanh(-7 * (1 - x) + 3 * x)))
            with { WarmToCurve = true }) },
        { "poly", t => Along(t, Cycles(t, (x, k) => Math.Pow(1 - Math.Pow(x, k), t.Options.DecayRate))) },
        { "step", t => Along(t, new(x => t.Lr * Math.Pow(t.Options.DecayRate, Math.Floor(x / t.Decay)))) },
        { "multistep", t => Along(t,
            new(x => t.Lr * Math.Pow(t.Options.DecayRate, t.Milestones.Count(m => m <= x + 1)))) },
        { "plateau", OfMetric },
        { "constant", t => Along(t, new(_ => t.Lr)) },
        { "wsd", t => Along(t, StableThenFall.Curve(t, "1-sqrt", (_, _) => 1)) },
        { "rsqrt", t => Along(t, StableThenFall.Curve(t, "linear", (x, scale) => 1 / Math.Sqrt(1 + x / scale))) },
    }.ToFrozenDictionary();

    delegate Schedule Make(Times times);

    /// <summary>timm's names.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Makes a schedule; its rate is that of the first epoch.</summary>
    /// <exception cref="UserException">No such name; the message has the nearest.</exception>
    public static Schedule Create(ScheduleOptions o, double lr)
    {
        if (!ByName.TryGetValue(o.Sched, out var make))
            throw Nearest.Unknown("schedule", o.Sched, Names.Order());
        var schedule = make(new(o, lr, o.OnUpdates ? Math.Max(1, o.UpdatesPerEpoch) : 1));
        schedule.BeforeEpoch(0);
        schedule.BeforeUpdate(0);
        return schedule;
    }

    /// <summary>A rate that is a curve over time, after the warm-up.</summary>
    static CurveSchedule Along(Times t, Curve curve)
    {
        var prefix = t.Options.WarmupPrefix;
        var top = curve.WarmToCurve && !prefix ? curve.At(t.Warmup) : t.Lr;
        var warm = Warm(t, top);
        return new(x => x < t.Warmup ? warm(x) : curve.At(prefix ? x - t.Warmup : x))
        {
            InEpochs = !t.Options.OnUpdates,
            Epochs = Epochs(t, curve.Length),
            HasWarmupPrefix = prefix,
            Noise = NoiseOf(t),
        };
    }

    /// <summary>A rate that follows the metric, after the warm-up.</summary>
    static Plateau OfMetric(Times t)
    {
        var o = t.Options;
        if (o.OnUpdates)
            throw new UserException("The schedule \"plateau\" goes by epochs: leave out --sched-on-updates.");
        var warm = Warm(t, t.Lr);
        return new((x => t.Warmup > 0 && x <= t.Warmup ? warm(x) : t.Lr, o.WarmupEpochs), o.DecayRate,
            o.PatienceEpochs, o.MinLr, o.DecreasingMetric)
        {
            InEpochs = true,
            Epochs = Epochs(t, null),
            HasWarmupPrefix = o.WarmupPrefix,
            Noise = NoiseOf(t),
        };
    }

    /// <summary>The options in units of time: epochs, or updates.</summary>
    internal sealed record Times(ScheduleOptions Options, double Lr, int Unit)
    {
        public double Total => (double)Options.Epochs * Unit;

        public double Warmup => (double)Options.WarmupEpochs * Unit;

        public double Decay => (Options.DecayEpochs ?? 90) * Unit;

        public IEnumerable<double> Milestones => Options.DecayMilestones.Select(m => (double)m * Unit);
    }

    /// <param name="At">The rate at a time.</param>
    /// <param name="Length">How long all cycles take; null for a schedule without cycles.</param>
    internal sealed record Curve(Func<double, double> At, double? Length = null)
    {
        /// <summary>The warm-up ends where the curve is then, not at the full rate.</summary>
        public bool WarmToCurve { get; init; }
    }

    /// <summary>Repeats a falling shape over [0, 1], each cycle lower and longer than the one before.</summary>
    static Curve Cycles(Times t, Func<double, double, double> shape)
    {
        var o = t.Options;
        return new(x =>
        {
            var (cycle, at, length) = Cycle(x, t.Total, o.CycleMul);
            var top = t.Lr * Math.Pow(o.CycleDecay, cycle);
            return cycle < o.CycleLimit ? o.MinLr + (top - o.MinLr) * shape(at / length, o.KDecay) : o.MinLr;
        }, o.CycleMul == 1
            ? t.Total * Math.Max(1, o.CycleLimit)
            : Math.Floor(-t.Total * (Math.Pow(o.CycleMul, Math.Max(1, o.CycleLimit)) - 1) / (1 - o.CycleMul)));
    }

    /// <summary>Number of the cycle at a time, the time within it, and its length.</summary>
    static (double Cycle, double At, double Length) Cycle(double x, double first, double growth)
    {
        if (growth == 1)
            return (Math.Floor(x / first), x % first, first);
        var cycle = Math.Floor(Math.Log(1 - x / first * (1 - growth), growth));
        var scale = Math.Pow(growth, cycle);
        return (cycle, x - (1 - scale) / (1 - growth) * first, scale * first);
    }

    /// <summary>A straight line to the rate at the end of the warm-up.</summary>
    static Func<double, double> Warm(Times t, double top)
    {
        var (start, slope) = (t.Options.WarmupLr, (top - t.Options.WarmupLr) / t.Warmup);
        return x => start + x * slope;
    }

    /// <summary>A smaller limit, in deviations, would take thousands of draws.</summary>
    const double LeastNoise = 1e-3;

    static LrNoise? NoiseOf(Times t)
    {
        var o = t.Options;
        if (o.Noise.Count == 0)
            return null;
        if (o.NoisePct < LeastNoise * o.NoiseStd)
            throw new UserException($"--lr-noise-pct {PythonText.Repr(o.NoisePct)} must be at least {LeastNoise} of "
                + $"--lr-noise-std, {PythonText.Repr(o.NoiseStd)}: a draw below it is not to be waited for.");
        return new(o.NoiseSeed, o.NoisePct, o.NoiseStd, o.Noise[0] * t.Total,
            o.Noise.Count > 1 ? o.Noise[1] * t.Total : double.PositiveInfinity);
    }

    static int Epochs(Times t, double? length)
    {
        var o = t.Options;
        var cycles = length is { } time ? Math.Floor(time / t.Unit) + o.CooldownEpochs : o.Epochs;
        var epochs = cycles + (o.WarmupPrefix ? o.WarmupEpochs : 0);
        return epochs < int.MaxValue ? (int)epochs : throw new UserException(
            $"The schedule takes {epochs:N0} epochs with its cycles, warm-up and cooldown: nobody sees its end.");
    }
}
