namespace OnnxTimm.Data;

/// <summary>A batch that a schedule asks for.</summary>
/// <param name="Size">Which of the sizes.</param>
/// <param name="Count">Images.</param>
public readonly record struct SizedBatch(int Size, int Count);

/// <summary>
/// How often batches have which of several sizes of images: timm's ScheduledBatchSampler, with chance of our own.
/// </summary>
/// <param name="BatchSizes">Images of a batch of each size.</param>
public sealed record SizeSchedule(IReadOnlyList<int> BatchSizes)
{
    /// <summary>How often each is drawn, relative to the others; equally by default, 0 for never.</summary>
    public IReadOnlyList<double> Probabilities { get; init; } = [.. BatchSizes.Select(_ => 1.0)];

    /// <summary>How an epoch prefers sizes: from the first to the last, or the same in all.</summary>
    public bool IsProgressive { get; init; }

    /// <summary>Epochs of the way from the first size to the last.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>How far a progressive epoch strays from its size, in places of the list.</summary>
    public double Spread { get; init; } = 0.65;

    /// <summary>The part of a progressive epoch that is drawn evenly.</summary>
    public double RandomMix { get; init; } = 0.1;

    /// <summary>Batches of an epoch; null for as many as the images make.</summary>
    public int? BatchCount { get; init; }

    /// <summary>Whether what is left of the images becomes a smaller batch.</summary>
    public bool KeepsLast { get; init; }

    /// <summary>Images of a batch, on average over all epochs.</summary>
    public double MeanBatchSize =>
        IsProgressive ? Enumerable.Range(0, Epochs).Average(MeanOf) : Mean(Normalised(Probabilities));

    /// <summary>
    /// How often an epoch draws each size; the sum is 1. A progressive epoch weighs them by the normal density around
    /// a place that goes from the first to the last.
    /// </summary>
    /// <param name="epoch">The epoch, from 0; those after the last are as the last.</param>
    public double[] Weights(int epoch)
    {
        if (!IsProgressive)
            return Normalised(Probabilities);
        var most = BatchSizes.Count - 1;
        var place = Epochs == 1 ? most : Math.Clamp((double)most * epoch / (Epochs - 1), 0, most);
        double[] weights = [.. Probabilities.Select((p, size) => p * Near(size, place))];
        if (weights.Sum() == 0)
            weights[Enumerable.Range(0, weights.Length).Where(i => Probabilities[i] > 0)
                .MinBy(i => Math.Abs(i - place))] = 1;
        weights = Normalised(weights);
        var active = Probabilities.Count(p => p > 0);
        return [.. weights.Select((w, i) => (1 - RandomMix) * w + (Probabilities[i] > 0 ? RandomMix / active : 0))];
    }

    /// <summary>Batches of an epoch, where their number is known before they are drawn.</summary>
    /// <param name="images">Images of the data set.</param>
    internal int? Count(int images)
    {
        if (BatchCount is not null || !IsProgressive)
            return BatchCount;
        var (size, isWhole) = BatchSizes.Distinct().Count() == 1 ? (BatchSizes[0], true) : (MeanBatchSize, false);
        return KeepsLast ? (int)Math.Ceiling(images / size) : isWhole ? images / (int)size : (int)(images / size);
    }

    /// <summary>Draws the batches of an epoch, not yet in their order.</summary>
    /// <param name="images">Images of the data set.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="random">Its chance; where the images say how many batches there are, that of all epochs.</param>
    internal List<SizedBatch> Draw(int images, int epoch, CounterRandom random)
    {
        var (weights, batches) = (Weights(epoch), new List<SizedBatch>());
        if (Count(images) is { } count)
        {
            for (var i = 0; i < count; i++)
                Add(Pick(weights, random, int.MaxValue));
            return batches;
        }
        var left = images;
        for (var least = Active(weights).Min(); left >= least; left -= batches[^1].Count)
            Add(Pick(weights, random, left));
        if (KeepsLast && left > 0)
            batches.Add(new(Pick(weights, random, int.MaxValue), left));
        return batches;

        void Add(int size) => batches.Add(new(size, BatchSizes[size]));
    }

    /// <exception cref="UserException">Something of it cannot be.</exception>
    internal SizeSchedule Check() => this switch
    {
        { BatchSizes.Count: 0 } => throw new UserException("A schedule of sizes has at least one."),
        { IsProgressive: true, BatchSizes.Count: 1 } => throw new UserException(
            "A progressive schedule of sizes has at least two."),
        _ when BatchSizes.Any(size => size < 1) => throw new UserException(
            $"A batch has at least one image, not {BatchSizes.Min()}."),
        _ when Probabilities.Count != BatchSizes.Count => throw new UserException(
            $"There are {BatchSizes.Count} sizes and {Probabilities.Count} probabilities."),
        _ when Probabilities.Any(p => !(p >= 0 && double.IsFinite(p))) || Probabilities.Sum() is 0 =>
            throw new UserException("Probabilities of sizes are numbers from 0, one of them above."),
        { Epochs: < 1 } or { BatchCount: < 1 } => throw new UserException(
            "A schedule of sizes has at least one epoch, and one batch."),
        _ when !(Spread >= 0) || RandomMix is not (>= 0 and <= 1) => throw new UserException(
            $"A spread is a number from 0, a mix one from 0 to 1, not {Spread} and {RandomMix}."),
        _ => this,
    };

    IEnumerable<int> Active(double[] weights) => BatchSizes.Where((_, i) => weights[i] > 0);

    double Near(int size, double place) => Spread > 0 ? Math.Exp(-0.5 * Math.Pow((size - place) / Spread, 2))
        // On a tie both are the nearest.
        : Math.Abs(size - place) == Enumerable.Range(0, BatchSizes.Count).Min(i => Math.Abs(i - place)) ? 1 : 0;

    /// <summary>Draws one among those that are not too large.</summary>
    int Pick(double[] weights, CounterRandom random, int most)
    {
        var fitting = Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0 && BatchSizes[i] <= most).ToArray();
        var rest = random.NextDouble() * fitting.Sum(i => weights[i]);
        return fitting.FirstOrDefault(i => (rest -= weights[i]) < 0, fitting[^1]);
    }

    double MeanOf(int epoch) => Mean(Weights(epoch));

    double Mean(double[] weights) => weights.Zip(BatchSizes, (w, size) => w * size).Sum();

    static double[] Normalised(IEnumerable<double> weights)
    {
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
