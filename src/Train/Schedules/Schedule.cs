namespace OnnxTimm.Train;

/// <summary>
/// A learning rate over time, which is counted in epochs or in updates. It is told of each end of an epoch or update
/// before the next begins, as timm's schedulers are (timm/scheduler/scheduler.py).
/// </summary>
public abstract class Schedule
{
    /// <summary>The rate in force, before any scale of a layer.</summary>
    public double Lr { get; protected set; }

    /// <summary>Whether time is counted in epochs.</summary>
    public required bool InEpochs { get; init; }

    /// <summary>Epochs of the whole training: with cycles, cooldown and a warm-up that comes first.</summary>
    public required int Epochs { get; init; }

    /// <summary>Whether the warm-up comes before the schedule's own epochs.</summary>
    public bool HasWarmupPrefix { get; init; }

    /// <summary>Disturbs the rate; null for none.</summary>
    public LrNoise? Noise { get; init; }

    /// <summary>What must be stored to go on: nothing for a curve.</summary>
    public virtual double[] State { get => []; set { } }

    /// <summary>Sets the rate for an epoch.</summary>
    /// <param name="epoch">The epoch that comes next.</param>
    /// <param name="metric">The metric of the one before; null when there is none.</param>
    public abstract void BeforeEpoch(int epoch, double? metric = null);

    /// <summary>Sets the rate for an update.</summary>
    /// <param name="update">Number of updates done.</param>
    public abstract void BeforeUpdate(long update);
}

/// <summary>A rate that is a function of time.</summary>
/// <param name="curve">The rate at a time.</param>
public sealed class CurveSchedule(Func<double, double> curve) : Schedule
{
    /// <inheritdoc/>
    public override void BeforeEpoch(int epoch, double? metric = null)
    {
        if (InEpochs)
            Set(epoch);
    }

    /// <inheritdoc/>
    public override void BeforeUpdate(long update)
    {
        if (!InEpochs)
            Set(update);
    }

    void Set(double t) => Lr = curve(t) * (1 + (Noise?.At(t) ?? 0));
}
