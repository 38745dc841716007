namespace OnnxTimm.Train;

/// <summary>A schedule under the names and with the defaults of timm's create_scheduler_v2.</summary>
public sealed record ScheduleOptions
{
    /// <summary>One of <see cref="Schedules.Names"/>.</summary>
    public string Sched { get; init; } = "cosine";

    /// <summary>Epochs of the training, or of the first of several cycles.</summary>
    public int Epochs { get; init; } = 300;

    /// <summary>
    /// Epochs between two falls of step, 90 by default; or those of the fall at the end of wsd and rsqrt, where a
    /// number below 1 is a share of the training, 0.2 by default.
    /// </summary>
    public double? DecayEpochs { get; init; }

    /// <summary>The fall of wsd and rsqrt; empty for the schedule's own.</summary>
    public string DecayFn { get; init; } = "";

    /// <summary>Epochs in which rsqrt falls to the root of a half; the warm-up's by default.</summary>
    public double? StableTimescale { get; init; }

    /// <summary>Epochs at which the rate decays, for multistep.</summary>
    public IReadOnlyList<int> DecayMilestones { get; init; } = [90, 180, 270];

    /// <summary>Epochs after the last cycle.</summary>
    public int CooldownEpochs { get; init; }

    /// <summary>Epochs without a better metric before the rate decays, for plateau.</summary>
    public int PatienceEpochs { get; init; } = 10;

    /// <summary>Factor of a decay, for step, multistep and plateau; exponent of poly.</summary>
    public double DecayRate { get; init; } = 0.1;

    /// <summary>The rate at the end of a cycle, and the least of plateau.</summary>
    public double MinLr { get; init; }

    /// <summary>The rate at the beginning of the warm-up.</summary>
    public double WarmupLr { get; init; } = 1e-5;

    /// <summary>Epochs of the warm-up; 0 for none.</summary>
    public int WarmupEpochs { get; init; }

    /// <summary>The warm-up comes before the schedule and lengthens the training.</summary>
    public bool WarmupPrefix { get; init; }

    /// <summary>Share of the training at which noise begins, and at which it ends if there are two.</summary>
    public IReadOnlyList<double> Noise { get; init; } = [];

    /// <summary>The most that noise moves the rate by, as a share of it.</summary>
    public double NoisePct { get; init; } = 0.67;

    /// <summary>Standard deviation of the noise.</summary>
    public double NoiseStd { get; init; } = 1;

    /// <summary>Seed of the noise.</summary>
    public int NoiseSeed { get; init; } = 42;

    /// <summary>Length of a cycle over that of the one before.</summary>
    public double CycleMul { get; init; } = 1;

    /// <summary>Top of a cycle over that of the one before.</summary>
    public double CycleDecay { get; init; } = 0.1;

    /// <summary>Number of cycles.</summary>
    public int CycleLimit { get; init; } = 1;

    /// <summary>Exponent of time within a cycle (k-decay, arXiv:2004.05909), for cosine and poly.</summary>
    public double KDecay { get; init; } = 1;

    /// <summary>Whether less of the metric is better, for plateau.</summary>
    public bool DecreasingMetric { get; init; }

    /// <summary>Counts time in updates instead of epochs.</summary>
    public bool OnUpdates { get; init; }

    /// <summary>Updates of an epoch, where time is counted in them.</summary>
    public int UpdatesPerEpoch { get; init; }
}
