namespace OnnxTimm.Data;

/// <summary>
/// Batches of images of any shape, all of a batch cut into at most as many patches. Every epoch has the same batches in
/// another order, and shares out its images among them.
/// </summary>
public sealed class SequenceSampler : ISampler
{
    readonly SequenceSchedule schedule;
    readonly ISampler inner;
    readonly ulong seed;
    readonly List<(int SeqLen, int Count)> batches;
    readonly (int SeqLen, int Count)[] kinds;

    /// <param name="images">Images of the data set.</param>
    /// <param name="schedule">Says how many patches there are how often.</param>
    /// <param name="seed">Seed of the batches and of the order.</param>
    /// <param name="rank">The process.</param>
    /// <exception cref="UserException">Something of the schedule cannot be.</exception>
    public SequenceSampler(int images, SequenceSchedule schedule, ulong seed, Rank rank)
        : this(Samplers.Shuffled(images, 1, seed, rank), schedule, seed,
            new CounterRandom(seed).At(0, 0, Purpose.Sizes))
    {
    }

    /// <param name="inner">The images of each epoch, one by one.</param>
    /// <param name="schedule">Says how many patches there are how often.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="random">Chance of the batches.</param>
    internal SequenceSampler(ISampler inner, SequenceSchedule schedule, ulong seed, CounterRandom random)
    {
        (this.inner, this.schedule, this.seed) = (inner, schedule.Check(), seed);
        batches = schedule.Draw(inner.BatchCount, random);
        kinds = [.. batches.Distinct().OrderBy(b => b.SeqLen).ThenByDescending(b => b.Count)];
        Sizes = [.. kinds.SelectMany(b => schedule.PatchSizes.Select(side =>
            new SequenceBatch(b.SeqLen, side, b.Count)))];
    }

    /// <summary>What batches may be; <see cref="Draw.Size"/> says which. The last of an epoch's images may be fewer.
    /// </summary>
    public IReadOnlyList<SequenceBatch> Sizes { get; }

    /// <inheritdoc/>
    public int BatchCount => batches.Count;

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch)
    {
        var random = new CounterRandom(seed).At(epoch, 0, Purpose.SizeOrder);
        int[] order = [.. Enumerable.Range(0, batches.Count)];
        random.Shuffle<int>(order);
        return Epoch([.. inner.Epoch(epoch).Select(batch => batch.Span[0])], order, random);
    }

    /// <summary>Shares out images.</summary>
    /// <param name="images">The images in their order.</param>
    /// <param name="order">The order of the batches.</param>
    /// <param name="random">Chance of the sides of patches.</param>
    internal IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(Draw[] images, IEnumerable<int> order, CounterRandom random) =>
        ScheduledSampler.Cut(images, order.Select(i => new SizedBatch(
            Array.IndexOf(kinds, batches[i]) * schedule.PatchSizes.Count + schedule.DrawSide(random),
            batches[i].Count)));
}
