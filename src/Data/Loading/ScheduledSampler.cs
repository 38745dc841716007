namespace OnnxTimm.Data;

/// <summary>
/// Batches of several sizes of images by turns, in random order: every epoch has the same ones, or draws its own where
/// it is progressive or their number is given. Images are taken one after the other, from the beginning again when they
/// run out.
/// </summary>
public sealed class ScheduledSampler : ISampler
{
    readonly ISampler inner;
    readonly SizeSchedule schedule;
    readonly int images;
    readonly ulong seed;

    /// <param name="inner">Says in which order images are taken.</param>
    /// <param name="schedule">Says how often there is which size.</param>
    /// <param name="images">Images of an epoch of the inner one.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <exception cref="UserException">Something of the schedule cannot be.</exception>
    public ScheduledSampler(ISampler inner, SizeSchedule schedule, int images, ulong seed)
    {
        (this.inner, this.schedule, this.images, this.seed) = (inner, schedule.Check(), images, seed);
        BatchCount = schedule.Count(images) ?? Batches(0).Count;
    }

    /// <inheritdoc/>
    public int BatchCount { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch)
    {
        var batches = Batches(epoch).ToArray();
        new CounterRandom(seed).At(epoch, 0, Purpose.SizeOrder).Shuffle<SizedBatch>(batches);
        return Cut([.. inner.Epoch(epoch).SelectMany(batch => batch.ToArray())], batches);
    }

    /// <summary>Hands out images in order; those of a further round are other pictures.</summary>
    /// <param name="order">The images.</param>
    /// <param name="batches">How many go into which batch.</param>
    internal static ReadOnlyMemory<Draw>[] Cut(Draw[] order, IEnumerable<SizedBatch> batches)
    {
        var views = order.Max(draw => draw.View) + 1;
        var taken = 0;
        return [.. batches.Select(batch => new ReadOnlyMemory<Draw>(
            [.. Enumerable.Range(0, batch.Count).Select(_ => Next() with { Size = batch.Size })]))];

        Draw Next()
        {
            var (round, place) = Math.DivRem(taken++, order.Length);
            return order[place] with { View = order[place].View + round * views };
        }
    }

    List<SizedBatch> Batches(int epoch) => schedule.Draw(images, epoch,
        new CounterRandom(seed).At(schedule.Count(images) is null ? 0 : epoch, 0, Purpose.Sizes));
}
