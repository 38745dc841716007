namespace OnnxTimm.Data;

/// <summary>
/// The order of a stream: whole shards in random order, their images through a buffer of which a random one leaves as
/// the next comes in. Files are read nearly from beginning to end, and images that are near each other in time are
/// from a few shards. A set that the buffer holds is shuffled as any other.
/// </summary>
/// <param name="shards">Images of each shard.</param>
/// <param name="batchSize">Images of a batch.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="buffer">Images of the buffer; as in timm by default.</param>
public sealed class BufferedSampler(
    IReadOnlyList<int> shards, int batchSize, ulong seed, int buffer = BufferedSampler.Usual) : ISampler
{
    /// <summary>Images of the buffer in timm.</summary>
    public const int Usual = 8192;

    readonly int count = shards.Sum();

    /// <inheritdoc/>
    public int BatchCount => count / batchSize;

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch)
    {
        var random = new CounterRandom(seed).At(epoch, 0, Purpose.Order);
        var order = Stream(random);
        var (all, held) = (new Draw[count], Math.Min(buffer, count));
        // What leaves changes places with what is held: the buffer is the part of the stream that is not yet out.
        for (var i = 0; i < count; i++)
        {
            var other = random.Integer(i, Math.Min(i + held, count) - 1);
            (order[i], order[other]) = (order[other], order[i]);
            all[i] = new(order[i]);
        }
        return [.. Enumerable.Range(0, BatchCount)
            .Select(i => new ReadOnlyMemory<Draw>(all, i * batchSize, batchSize))];
    }

    /// <summary>The images, shard by shard in random order.</summary>
    int[] Stream(CounterRandom random)
    {
        int[] starts = [.. shards], order = [.. Enumerable.Range(0, shards.Count)];
        for (var (i, sum) = (0, 0); i < starts.Length; i++)
            (starts[i], sum) = (sum, sum + shards[i]);
        random.Shuffle<int>(order);
        return [.. order.SelectMany(s => Enumerable.Range(starts[s], shards[s]))];
    }
}
