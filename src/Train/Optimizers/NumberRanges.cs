using System.Collections;
using System.Globalization;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>
/// What each number of each command may be, by its flag, and each option of an optimizer, by its name. A number that is
/// not finite is none; where timm's 0 switches something off, or a negative number means a default, it may stay.
/// </summary>
public static class NumberRanges
{
    static readonly Dictionary<string, Range> Table = new()
    {
        { "adam-mode", new(0, 1) },
        { "alpha", Range.Rate },
        { "asl-gamma-neg", Range.AtLeastZero },
        { "asl-gamma-pos", Range.AtLeastZero },
        { "batch-size", Range.Count },
        { "bce-pos-weight", Range.AtLeastZero },
        { "bce-target-thresh", Range.Part },
        { "beta2_cap", Range.Rate },
        { "bn-eps", Range.AtLeastZero },
        { "bn-momentum", Range.Part },
        { "budget", new(0, 100) },
        { "calibration-size", Range.Count },
        { "checkpoint-hist", Range.Count },
        { "clip_exp", Range.AtLeastZero },
        { "clip-grad", Range.AtLeastZero },
        { "clip_threshold", Range.Positive },
        { "clipping_threshold", Range.Positive },
        { "color-jitter", Range.AtLeastZero },
        { "color-jitter-prob", Range.Part },
        { "cooldown-epochs", Range.AtLeastZero },
        { "crop-border-pixels", Range.AtLeastZero },
        { "crop-pct", new(DataConfig.LeastCropPct, DataConfig.LargestCropPct) },
        { "dampening", Range.Part },
        { "decay-epochs", Range.Positive },
        { "decay-milestones", Range.AtLeastZero },
        { "decay_rate", Range.Any },
        { "decay-rate", Range.AtLeastZero },
        { "delta", Range.AtLeastZero },
        { "distill-loss-weight", Range.AtLeastZero },
        { "drop", Range.Rate },
        { "drop-path", Range.Rate },
        { "epochs", Range.Count },
        { "eps", Range.AtLeastZero },
        { "fallback_lr_scale", Range.AtLeastZero },
        { "gamma", Range.AtLeastZero },
        { "gaussian-blur-prob", Range.Part },
        { "grad-accum-steps", Range.Count },
        { "grayscale-prob", Range.Part },
        { "head-init-bias", Range.Any },
        { "head-init-scale", Range.Any },
        { "hflip", Range.Part },
        { "img-size", Range.Side },
        { "in-chans", Range.Side },
        { "initial_accumulator_value", Range.AtLeastZero },
        { "input-size", Range.Side },
        { "kd-temperature", Range.Positive },
        { "layer-decay", Range.Positive },
        { "layer-decay-min-scale", Range.AtLeastZero },
        { "layer-decay-no-opt-scale", Range.AtLeastZero },
        { "log-freq", Range.Count },
        { "log-interval", Range.Count },
        { "lr", Range.AtLeastZero },
        { "lr_1d_factor", Range.AtLeastZero },
        { "lr-base", Range.AtLeastZero },
        { "lr-base-size", Range.Count },
        { "lr-cycle-decay", Range.AtLeastZero },
        { "lr-cycle-limit", Range.AtLeastZero },
        { "lr-cycle-mul", Range.Positive },
        { "lr_decay", Range.AtLeastZero },
        { "lr-k-decay", Range.Positive },
        { "lr-noise", Range.AtLeastZero },
        { "lr-noise-pct", Range.Positive },
        { "lr-noise-std", Range.AtLeastZero },
        { "max-gmacs", Range.AtLeastZero },
        { "max-params", Range.AtLeastZero },
        { "max-size-px", Range.Count },
        { "max_grad_norm", Range.Positive },
        { "mean", Range.Any },
        { "min_dim_size_to_factor", Range.AtLeastZero },
        { "min-gmacs", Range.AtLeastZero },
        { "min-lr", Range.AtLeastZero },
        { "min-params", Range.AtLeastZero },
        { "min-top1", new(0, 100) },
        { "model-ema-decay", Range.Rate },
        { "momentum", Range.Rate },
        { "momentum_decay", Range.AtLeastZero },
        { "ns_steps", Range.Count },
        { "num-bench-iter", Range.Count },
        { "num-classes", Range.AtLeastZero },
        { "num-warm-iter", Range.AtLeastZero },
        { "opset", new(7, 26) },
        { "opt-betas", Range.Rate },
        { "opt-eps", Range.AtLeastZero },
        { "out-indices", Range.Any },
        { "patience-epochs", Range.AtLeastZero },
        { "poly-epsilon", Range.Any },
        { "ratio", Range.Positive },
        { "recount", new(1, 1000) },
        { "recovery-interval", Range.AtLeastZero },
        { "reprob", Range.Part },
        { "rho", Range.Part },
        { "safety_factor", Range.Positive },
        { "scale", Range.Positive },
        { "schedule_decay", Range.AtLeastZero },
        { "seed", Range.AtLeastZero },
        { "smoothing", Range.Rate },
        { "stable-timescale", Range.Positive },
        { "start-epoch", Range.AtLeastZero },
        { "std", Range.Positive },
        { "task-loss-weight", Range.AtLeastZero },
        { "threads", Range.Threads },
        { "top", Range.Count },
        { "topk", Range.AtLeastZero },
        { "top-k", Range.Count },
        { "trust_coeff", Range.Positive },
        { "val-interval", Range.Count },
        { "val-share", Range.Rate },
        { "validation-batch-size", Range.Count },
        { "vflip", Range.Part },
        { "warmup-epochs", Range.AtLeastZero },
        { "warmup-lr", Range.AtLeastZero },
        { "wd_ratio", Range.AtLeastZero },
        { "weight-decay", Range.AtLeastZero },
        { "workers", Range.Threads },
    };

    /// <summary>The flags that have a range.</summary>
    internal static IEnumerable<string> Flags => Table.Keys;

    /// <summary>Checks a number or a list of them; whatever is no number passes.</summary>
    /// <param name="flag">The flag without its dashes.</param>
    /// <param name="value">Its value; null for none.</param>
    /// <param name="place">Where it was given, for the message.</param>
    /// <exception cref="UserException">It is out of its range.</exception>
    public static void Check(string flag, object? value, string place)
    {
        if (value is not string && value is IEnumerable list)
            foreach (var item in list)
                Check(flag, item, place);
        else if (value is int or double && Table.TryGetValue(flag, out var range)
            && System.Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && !range.Has(number))
            throw new UserException($"{place} must be {range}, not {PythonText.Short(value)}.");
    }

    /// <param name="Min">The least value.</param>
    /// <param name="Max">The largest.</param>
    /// <param name="HasMin">Whether the least is itself one.</param>
    /// <param name="HasMax">Whether the largest is.</param>
    sealed record Range(double Min, double Max, bool HasMin = true, bool HasMax = true)
    {
        public static readonly Range Any = new(double.NegativeInfinity, double.PositiveInfinity);

        public static readonly Range AtLeastZero = new(0, double.PositiveInfinity);

        public static readonly Range Positive = new(0, double.PositiveInfinity, HasMin: false);

        public static readonly Range Count = new(1, double.PositiveInfinity);

        public static readonly Range Side = new(1, DataConfig.LargestSide);

        public static readonly Range Threads = new(0, 256);

        /// <summary>A share, or a probability.</summary>
        public static readonly Range Part = new(0, 1);

        /// <summary>What would leave nothing at 1.</summary>
        public static readonly Range Rate = new(0, 1, HasMax: false);

        public bool Has(double x) =>
            double.IsFinite(x) && (HasMin ? x >= Min : x > Min) && (HasMax ? x <= Max : x < Max);

        public override string ToString() => (Min, Max) switch
        {
            (double.NegativeInfinity, _) => "a finite number",
            (_, double.PositiveInfinity) => $"{(HasMin ? "at least" : "greater than")} {Min}",
            _ => $"from {Min} to {(HasMax ? "" : "below ")}{Max}",
        };
    }
}
