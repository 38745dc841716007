namespace OnnxTimm.Data;

/// <summary>A size that batches may have.</summary>
/// <param name="Transform">What makes the model's input of an image.</param>
/// <param name="BatchSize">Images of a full batch.</param>
public sealed record LoaderSize(IImageTransform Transform, int BatchSize)
{
    /// <summary>Shape of a full batch.</summary>
    public BatchShape Shape => new(BatchSize, Transform.Channels, Transform.Height, Transform.Width)
    {
        Patches = Transform.Patches,
    };
}

/// <summary>
/// Makes batches of a data set on all cores, ahead of their use and in a fixed order. A batch depends on the data, the
/// options and its place alone, never on the number of threads, so that a run can go on from any (epoch, batch).
/// </summary>
public sealed class Loader
{
    readonly Dictionary<string, string> unreadable = [];
    readonly Stack<Batch> spare = [];
    int running;

    /// <exception cref="UserException">A batch more than the data set, or training without labels.</exception>
    public Loader(IDataset data, IImageTransform transform, LoaderOptions options)
        : this(data, [new(transform, options.BatchSize)], options)
    {
    }

    /// <param name="data">What is read.</param>
    /// <param name="sizes">What its sampler may ask for, <see cref="Draw.Size"/>; one at least.</param>
    /// <param name="options">How batches are made; the images of a batch are those of its size.</param>
    /// <exception cref="UserException">A batch more than the data set, or training without labels.</exception>
    public Loader(IDataset data, IReadOnlyList<LoaderSize> sizes, LoaderOptions options)
    {
        (Data, Sizes, Options) = (data, sizes, options.Check());
        Sampler = options.Sampler ?? (!options.IsTraining ? Samplers.InOrder(data.Count, options.BatchSize)
            : Samplers.ForTraining(data, options.BatchSize, options.Seed));
        if (BatchCount == 0)
            throw new UserException($"{data.Count} images are fewer than one batch of {options.BatchSize}.");
        if (data.IsMultiLabel && !options.IsMultiLabel)
            throw new UserException("Images of this data set have several labels, the training takes one.");
        if (options is { IsTraining: true, IsMultiLabel: false }
            && Enumerable.Range(0, data.Count).FirstOrDefault(i => data.Label(i) < 0, -1) is >= 0 and var i)
            throw new UserException($"{data.Name(i)} has no label: it lies in no class folder.");
    }

    /// <summary>What is read.</summary>
    public IDataset Data { get; }

    /// <summary>What batches may be.</summary>
    public IReadOnlyList<LoaderSize> Sizes { get; }

    /// <summary>The options, checked.</summary>
    public LoaderOptions Options { get; }

    /// <summary>Says which images make a batch.</summary>
    public ISampler Sampler { get; }

    /// <summary>Batches of an epoch.</summary>
    public int BatchCount => Sampler.BatchCount;

    /// <summary>Shape of a full batch, of the first size where there are several.</summary>
    public BatchShape Shape => Sizes[0].Shape;

    /// <summary>How often an image was left out or replaced so far.</summary>
    public long SkippedCount { get; private set; }

    /// <summary>Images that could not be read so far, and why.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => unreadable;

    /// <summary>The batches of an epoch, from <paramref name="first"/> on. One epoch at a time.</summary>
    /// <exception cref="UserException">Too many images in a row cannot be read.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int first = 0, CancellationToken cancel = default)
    {
        if (Interlocked.Exchange(ref running, 1) != 0)
            throw new InvalidOperationException("An epoch is being read already.");
        while (spare.Count <= Options.Prefetch)
            spare.Push(new Batch(Options.Type, [.. Sizes.Select(size => size.Shape)],
                Options.IsMultiLabel ? Data.Classes.Count : 0));
        var workers = new LoaderWorkers(this, epoch, first, spare);
        try
        {
            for (var i = first; i < BatchCount; i++)
            {
                var batch = workers.Take(cancel);
                Note(batch);
                yield return batch;
                workers.Return(batch);
            }
        }
        finally
        {
            workers.Dispose();
            running = 0;
        }
    }

    /// <summary>What the augmentation does to an image of an epoch, in order; nothing without one.</summary>
    /// <exception cref="UserException">The image cannot be read.</exception>
    public IReadOnlyList<string> Told(int epoch, Draw draw)
    {
        if (Sizes[draw.Size].Transform is not TrainTransform transform)
            return [];
        using var image = Data.Decode(draw.Sample, new());
        var told = new List<string>();
        var random = new CounterRandom(Options.Seed).At(epoch, draw.Sample, Purpose.Of(draw.View));
        transform.Apply(image, random, new float[Sizes[draw.Size].Shape.ImageLength], draw, told.Add);
        return told;
    }

    /// <summary>Looks for an image that can be read.</summary>
    /// <param name="set">What the data are called.</param>
    /// <exception cref="UserException">There is none.</exception>
    public void CheckReadable(string set)
    {
        var buffer = new FileBuffer();
        UserException? first = null;
        for (var i = 0; i < Data.Count; i++)
            try
            {
                Data.Decode(i, buffer).Dispose();
                return;
            }
            catch (Exception e)
            {
                first ??= ImageDecoder.Fault(Data.Name(i), e);
            }
        throw new UserException($"None of the {Data.Count} images of the {set} set can be read. {first?.Message}");
    }

    void Note(Batch batch)
    {
        foreach (var image in batch.Skipped)
        {
            SkippedCount++;
            unreadable.TryAdd(image.Name, image.Reason);
        }
    }
}
