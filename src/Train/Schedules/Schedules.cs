using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>Schedules by timm's names (timm/scheduler/scheduler_factory.py).</summary>
public static class Schedules
{
    /// <summary>Cosine and tanh cycles (arXiv:1608.03983, 1806.01593), polynomial and step decay.</summary>
    static readonly FrozenDictionary<string, Func<Times, Curve>> ByName = new Dictionary<string, Func<Times, Curve>>
    {
        { "cosine", t => Cycles(t, (x, k) => 0.5 * (1 + Math.Cos(Math.PI * Math.Pow(x, k)))) },
        { "tanh", t => Cycles(t, (x, _) => 0.5 * (1 - Math.Tanh(-7 * (1 - x) + 3 * x))) with { WarmToCurve = true } },
        { "poly", t => Cycles(t, (x, k) => Math.Pow(1 - Math.Pow(x, k), t.Options.DecayRate)) },
        { "step", t => new(x => t.Lr * Math.Pow(t.Options.DecayRate, Math.Floor(x / t.Decay))) },
        { "multistep", t => new(x => t.Lr * Math.Pow(t.Options.DecayRate, t.Milestones.Count(m => m <= x + 1))) },
        { "plateau", t => new(_ => t.Lr) },
    }.ToFrozenDictionary();

    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Makes a schedule; its rate is that of the first epoch.</summary>
    /// <exception cref="UserException">No such name; the message has the nearest.</exception>
    public static Schedule Create(ScheduleOptions o, double lr)
    {
        if (!ByName.TryGetValue(o.Sched, out var make))
            throw Nearest.Unknown("schedule", o.Sched, Names.Order());
        if (o is { OnUpdates: true, Sched: "plateau" })
            throw new UserException("The schedule \"plateau\" goes by epochs: leave out --sched-on-updates.");
        var times = new Times(o, lr, o.OnUpdates ? Math.Max(1, o.UpdatesPerEpoch) : 1);
        var curve = make(times);
        var (warm, noise, epochs) = (Warm(times, curve), NoiseOf(times), Epochs(times, curve));
        Schedule schedule = o.Sched != "plateau"
            ? new CurveSchedule(warm) { InEpochs = !o.OnUpdates, Epochs = epochs, Noise = noise }
            : new Plateau((warm, o.WarmupEpochs), o.DecayRate, o.PatienceEpochs, o.MinLr, o.DecreasingMetric)
            {
                InEpochs = true,
                Epochs = epochs,
                Noise = noise,
            };
        schedule.BeforeEpoch(0);
        schedule.BeforeUpdate(0);
        return schedule;
    }

    /// <summary>The options in units of time: epochs, or updates.</summary>
    sealed record Times(ScheduleOptions Options, double Lr, int Unit)
    {
        public double Total => (double)Options.Epochs * Unit;

        public double Warmup => (double)Options.WarmupEpochs * Unit;

        public double Decay => Options.DecayEpochs * Unit;

        public IEnumerable<double> Milestones => Options.DecayMilestones.Select(m => (double)m * Unit);
    }

    /// <param name="At">The rate at a time.</param>
    /// <param name="Length">How long all cycles take; null for a schedule without cycles.</param>
    sealed record Curve(Func<double, double> At, double? Length = null)
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

    static Func<double, double> Warm(Times t, Curve curve)
    {
        var (o, prefix) = (t.Options, t.Options.WarmupPrefix && t.Options.Sched != "plateau");
        var top = curve.WarmToCurve && !prefix ? curve.At(t.Warmup) : t.Lr;
        var slope = (top - o.WarmupLr) / t.Warmup;
        return x => x < t.Warmup || (o.Sched == "plateau" && t.Warmup > 0 && x <= t.Warmup)
            ? o.WarmupLr + x * slope
            : curve.At(prefix ? x - t.Warmup : x);
    }

    static LrNoise? NoiseOf(Times t) => t.Options.Noise.Count == 0 ? null : new(t.Options.NoiseSeed, t.Options.NoisePct,
        t.Options.Noise[0] * t.Total,
        t.Options.Noise.Count > 1 ? t.Options.Noise[1] * t.Total : double.PositiveInfinity);

    static int Epochs(Times t, Curve curve)
    {
        var o = t.Options;
        var cycles = curve.Length is { } length ? Math.Floor(length / t.Unit) + o.CooldownEpochs : o.Epochs;
        var epochs = cycles + (o.WarmupPrefix ? o.WarmupEpochs : 0);
        return epochs < int.MaxValue ? (int)epochs : throw new UserException(
            $"The schedule takes {epochs:N0} epochs with its cycles, warm-up and cooldown: nobody sees its end.");
    }
}
