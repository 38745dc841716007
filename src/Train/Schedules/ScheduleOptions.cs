namespace OnnxTimm.Train;

/// <summary>A schedule under the names and with the defaults of timm's create_scheduler_v2.</summary>
public sealed record ScheduleOptions
{
    public string Sched { get; init; } = "cosine";

    public int Epochs { get; init; } = 300;

    public double DecayEpochs { get; init; } = 90;

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
