namespace OnnxTimm.Data;

/// <summary>An image of a batch.</summary>
/// <param name="Sample">Its index in the data set.</param>
/// <param name="View">Which of several pictures of it: each draws its own chance.</param>
public readonly record struct Draw(int Sample, int View = 0)
{
    /// <summary>Which of the loader's sizes it becomes; the same for all images of a batch.</summary>
    public int Size { get; init; }

    /// <summary>
    /// Which of several looks at one view: they share its crop and flips, and each draws its own further chance.
    /// </summary>
    public int Split { get; init; }

    /// <summary>Whether the augmentation ends after crop and flips.</summary>
    public bool IsClean { get; init; }

    /// <summary>Whether nothing is erased.</summary>
    public bool IsSpared { get; init; }
}

/// <summary>
/// Says which images make the batches of an epoch. What it says follows from its settings and the epoch alone, so that
/// a training can go on from any batch.
/// </summary>
public interface ISampler
{
    /// <summary>Batches of an epoch.</summary>
    int BatchCount { get; }

    /// <summary>The batches of an epoch, each of as many images as the loader has for their size or fewer.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch);
}

/// <summary>The samplers of a plain training and of validation.</summary>
public static class Samplers
{
    /// <summary>The order of training: of a large set in shards by a buffer, as streams are shuffled; else at random.
    /// </summary>
    /// <param name="data">The images.</param>
    /// <param name="batchSize">Images of a batch.</param>
    /// <param name="seed">Seed of the order.</param>
    public static ISampler ForTraining(IDataset data, int batchSize, ulong seed) =>
        data.Shards.Sum() > BufferedSampler.Usual ? new BufferedSampler(data.Shards, batchSize, seed)
            : Shuffled(data.Count, batchSize, seed);

    /// <summary>Each image once an epoch, in random order; only full batches.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch.</param>
    /// <param name="seed">Seed of the order.</param>
    public static ISampler Shuffled(int count, int batchSize, ulong seed) =>
        Shuffled(count, batchSize, seed, Rank.Only);

    /// <summary>The same for one of several processes, which share each epoch's images.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch of one process.</param>
    /// <param name="seed">Seed of the order, the same for all processes.</param>
    /// <param name="rank">The process.</param>
    public static ISampler Shuffled(int count, int batchSize, ulong seed, Rank rank) =>
        Full(epoch => SampleOrder.Of(Permutation(count, seed, epoch), rank), batchSize);

    /// <summary>Several pictures of an image, by <see cref="SampleOrder.Repeated"/>; only full batches.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch of one process.</param>
    /// <param name="seed">Seed of the order, the same for all processes.</param>
    /// <param name="repeats">Pictures of each image.</param>
    /// <param name="rank">The process.</param>
    public static ISampler Repeated(int count, int batchSize, ulong seed, double repeats, Rank rank) =>
        Full(epoch => SampleOrder.Repeated(Permutation(count, seed, epoch), repeats, rank), batchSize);

    /// <summary>A fixed number of batches; where the images run out, they begin anew as other pictures.</summary>
    /// <param name="inner">Says which images.</param>
    /// <param name="batches">Batches of an epoch.</param>
    public static ISampler Fixed(ISampler inner, int batches) => new FixedCount(inner, batches);

    /// <summary>All images in the order of the data set; the last batch may be smaller.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch.</param>
    public static ISampler InOrder(int count, int batchSize) =>
        new Plain((count + batchSize - 1) / batchSize, batchSize, _ => Ordered(count));

    /// <summary>
    /// Several looks at each image of a batch, one look of all behind the other, as timm's AugMixDataset makes them.
    /// </summary>
    /// <param name="inner">Says which images; its batches become so many times as large.</param>
    /// <param name="splits">Looks, the first without the second stage of the augmentation.</param>
    public static ISampler Split(ISampler inner, int splits) => new Changed(inner, batch =>
        [.. Enumerable.Range(0, splits).SelectMany(split => batch.Select(draw =>
            draw with { Split = split, IsClean = split == 0 }))]);

    /// <summary>Leaves the first of so many parts of each batch without erased rectangles.</summary>
    /// <param name="inner">Says which images.</param>
    /// <param name="parts">Parts of a batch.</param>
    public static ISampler Spare(ISampler inner, int parts) => new Changed(inner, batch =>
        [.. batch.Select((draw, place) => draw with { IsSpared = place < batch.Length / parts })]);

    static Plain Full(Func<int, Draw[]> order, int batchSize) =>
        new Plain(order(0).Length / batchSize, batchSize, order);

    static int[] Permutation(int count, ulong seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new CounterRandom(seed).At(epoch, 0, Purpose.Order).Shuffle<int>(order);
        return order;
    }

    static Draw[] Ordered(int count) => [.. Enumerable.Range(0, count).Select(i => new Draw(i))];

    /// <summary>Cuts an order into batches.</summary>
    sealed class Plain(int batches, int size, Func<int, Draw[]> order) : ISampler
    {
        public int BatchCount => batches;

        public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch)
        {
            ReadOnlyMemory<Draw> all = order(epoch);
            return [.. Enumerable.Range(0, batches)
                .Select(i => all[(i * size)..Math.Min(all.Length, (i + 1) * size)])];
        }
    }

    /// <summary>As many batches as asked for: the first of another sampler's, or those again.</summary>
    sealed class FixedCount(ISampler inner, int batches) : ISampler
    {
        public int BatchCount => batches;

        public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch)
        {
            var all = inner.Epoch(epoch);
            var views = all.Max(batch => batch.ToArray().Max(draw => draw.View)) + 1;
            return [.. Enumerable.Range(0, batches).Select(i => new ReadOnlyMemory<Draw>(
                [.. all[i % all.Count].ToArray().Select(d => d with { View = d.View + i / all.Count * views })]))];
        }
    }

    /// <summary>Changes each batch of another sampler.</summary>
    sealed class Changed(ISampler inner, Func<Draw[], Draw[]> change) : ISampler
    {
        public int BatchCount => inner.BatchCount;

        public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch) =>
            [.. inner.Epoch(epoch).Select(batch => new ReadOnlyMemory<Draw>(change(batch.ToArray())))];
    }
}
