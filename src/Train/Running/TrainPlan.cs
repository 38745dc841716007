namespace OnnxTimm.Train;

/// <summary>What a training would do and cost, found out before hours are spent.</summary>
/// <param name="Train">The images to train on.</param>
/// <param name="Validation">Those to validate on; null for none.</param>
/// <param name="Rates">The learning rate at the beginning of each epoch.</param>
/// <param name="Epochs">The epoch that comes first, and how many there are.</param>
/// <param name="Step">What a batch costs.</param>
public sealed record TrainPlan(DataFacts Train, DataFacts? Validation, IReadOnlyList<double> Rates,
    (int First, int All) Epochs, StepCost Step)
{
    /// <summary>The share of a step that the network needs for an image that it only looks at.</summary>
    const double ForwardShare = 1.0 / 3;

    /// <summary>
    /// Prepares the training as far as it would be before its first update, and measures that; nothing is written.
    /// </summary>
    /// <exception cref="UserException">The training would not begin; the message says why.</exception>
    public static TrainPlan Of(TrainParts parts)
    {
        var train = DataFacts.Of(parts.Batches.Data);
        var validation = parts.Validation is { } loader ? DataFacts.Of(loader.Data) : null;
        using var trainer = new Trainer(parts);
        return new(train, validation, RatesOf(parts), trainer.Epochs, StepCost.Measure(parts, trainer));
    }

    /// <summary>About how long all epochs take, with their validations.</summary>
    public TimeSpan Time(TrainParts parts)
    {
        var batches = parts.Batches.BatchCount
            + (Validation?.Images ?? 0) * ForwardShare / parts.Batches.Options.BatchSize / parts.Policy.ValInterval;
        return (Epochs.All - Epochs.First) * batches * Step.Batch(parts.Runtime.Device);
    }

    static double[] RatesOf(TrainParts parts)
    {
        var perEpoch = (parts.Batches.BatchCount + parts.Policy.BatchesPerUpdate - 1) / parts.Policy.BatchesPerUpdate;
        var schedule = parts.Schedule(perEpoch);
        return [.. Enumerable.Range(0, schedule.Epochs).Select(epoch =>
        {
            schedule.BeforeEpoch(epoch);
            schedule.BeforeUpdate((long)epoch * perEpoch);
            return schedule.Lr;
        })];
    }
}
