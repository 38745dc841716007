namespace OnnxTimm.Train;

/// <summary>A schedule under the names and with the defaults of timm's create_scheduler_v2.</summary>
public sealed record ScheduleOptions
{
    public string Sched { get; init; } = "cosine";

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

    public IReadOnlyList<int> DecayMilestones { get; init; } = [90, 180, 270];

    public int CooldownEpochs { get; init; }

    public int PatienceEpochs { get; init; } = 10;

    public double DecayRate { get; init; } = 0.1;

    public double MinLr { get; init; }

    public double WarmupLr { get; init; } = 1e-5;

    public int WarmupEpochs { get; init; }

    /// <summary>The warm-up comes before the schedule and lengthens the training.</summary>
    public bool WarmupPrefix { get; init; }

    /// <summary>Share of the training at which noise begins, and at which it ends if there are two.</summary>
    public IReadOnlyList<double> Noise { get; init; } = [];

    public double NoisePct { get; init; } = 0.67;

    /// <summary>Standard deviation of the noise.</summary>
    public double NoiseStd { get; init; } = 1;

    public int NoiseSeed { get; init; } = 42;

    public double CycleMul { get; init; } = 1;

    public double CycleDecay { get; init; } = 0.1;

    public int CycleLimit { get; init; } = 1;

    public double KDecay { get; init; } = 1;

    /// <summary>Whether less of the metric is better, for plateau.</summary>
    public bool DecreasingMetric { get; init; }

    /// <summary>Counts time in updates instead of epochs.</summary>
    public bool OnUpdates { get; init; }

    public int UpdatesPerEpoch { get; init; }
}
