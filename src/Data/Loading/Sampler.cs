namespace OnnxTimm.Data;

/// <summary>An image of a batch.</summary>
/// <param name="Sample">Its index in the data set.</param>
/// <param name="View">Which of several pictures of it: each draws its own chance.</param>
public readonly record struct Draw(int Sample, int View = 0);

/// <summary>
/// Says which images make the batches of an epoch. What it says follows from its settings and the epoch alone, so that
/// a training can go on from any batch.
/// </summary>
public interface ISampler
{
    /// <summary>Batches of an epoch.</summary>
    int BatchCount { get; }

    /// <summary>The batches of an epoch, each of as many images as the loader's batch size or fewer.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch);
}

/// <summary>The samplers of a plain training and of validation.</summary>
public static class Samplers
{
    /// <summary>Each image once an epoch, in random order; only full batches.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch.</param>
    /// <param name="seed">Seed of the order.</param>
    public static ISampler Shuffled(int count, int batchSize, ulong seed) => new Plain(count / batchSize, batchSize,
        epoch =>
        {
            var order = Ordered(count);
            new CounterRandom(seed).At(epoch, 0, Purpose.Order).Shuffle<Draw>(order);
            return order;
        });

    /// <summary>All images in the order of the data set; the last batch may be smaller.</summary>
    /// <param name="count">Images.</param>
    /// <param name="batchSize">Images of a batch.</param>
    public static ISampler InOrder(int count, int batchSize) =>
        new Plain((count + batchSize - 1) / batchSize, batchSize, _ => Ordered(count));

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
}
