using System.Runtime.ExceptionServices;

namespace OnnxTimm.Data;

/// <summary>
/// The threads of one epoch. Each takes the next place of the current batch; when that is full, it begins the next one
/// if there is spare memory. Batches are handed out in the order in which they were begun.
/// </summary>
sealed class LoaderWorkers : IDisposable
{
    /// <summary>Images in a row that may be unreadable before training stops; as in timm.</summary>
    const int MostTries = 20;

    readonly Loader loader;
    readonly IReadOnlyList<ReadOnlyMemory<Draw>> batches;
    readonly int epoch;
    readonly Stack<Batch> spare;
    readonly Queue<Job> begun = [];
    readonly Thread[] threads;
    readonly object gate = new();
    Job? current;
    int nextBatch;
    bool stopped;
    ExceptionDispatchInfo? failure;

    public LoaderWorkers(Loader loader, int epoch, int firstBatch, Stack<Batch> spare)
    {
        (this.loader, this.epoch, nextBatch, this.spare) = (loader, epoch, firstBatch, spare);
        batches = loader.Sampler.Epoch(epoch);
        threads = new Thread[loader.Options.Threads > 0 ? loader.Options.Threads : Environment.ProcessorCount];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"loader {i}" };
            threads[i].Start();
        }
    }

    /// <summary>Waits for the next batch.</summary>
    public Batch Take(CancellationToken cancel)
    {
        using var wake = cancel.Register(() => Change(() => { }));
        lock (gate)
        {
            while (failure == null && !cancel.IsCancellationRequested && !IsNextDone)
                Monitor.Wait(gate);
            failure?.Throw();
            cancel.ThrowIfCancellationRequested();
            var batch = begun.Dequeue().Batch;
            batch.Compact();
            return batch;
        }
    }

    /// <summary>Gives the memory of a batch back.</summary>
    public void Return(Batch batch) => Change(() => spare.Push(batch));

    public void Dispose()
    {
        Change(() => stopped = true);
        foreach (var thread in threads)
            thread.Join();
        while (begun.TryDequeue(out var job))
            spare.Push(job.Batch);
    }

    bool IsNextDone => begun.TryPeek(out var job) && job.Done == job.Batch.Count;

    void Work()
    {
        var (buffer, random) = (new FileBuffer(), new CounterRandom(loader.Options.Seed));
        try
        {
            while (Begin() is { } work)
            {
                Fill(work.Job.Batch, work.Place, buffer, random);
                Finish(work.Job);
            }
        }
        catch (Exception e)
        {
            Change(() => (failure, stopped) = (failure ?? ExceptionDispatchInfo.Capture(e), true));
        }
    }

    /// <summary>The next place to fill; null when there is none any more.</summary>
    (Job Job, int Place)? Begin()
    {
        lock (gate)
        {
            while (!stopped)
            {
                if (current != null && current.Begun < current.Batch.Count)
                    return (current, current.Begun++);
                if (nextBatch == loader.BatchCount)
                    return null;
                if (spare.TryPop(out var batch))
                    begun.Enqueue(current = new Job(Prepare(batch)));
                else
                    Monitor.Wait(gate);
            }
            return null;
        }
    }

    Batch Prepare(Batch batch)
    {
        var draws = batches[nextBatch].Span;
        var size = draws.Length > 0 ? draws[0].Size : 0;
        var shape = loader.Sizes[size].Shape;
        if (draws.Length > shape.Count)
            throw new UserException($"The sampler makes a batch of {draws.Length} images, more than the "
                + $"{shape.Count} of the loader.");
        batch.Clear(nextBatch++, draws.Length, size, shape);
        return batch;
    }

    void Finish(Job job)
    {
        lock (gate)
            if (++job.Done == job.Batch.Count)
                Monitor.PulseAll(gate);
    }

    /// <summary>Puts an image at its place; in training the next readable one, otherwise possibly none.</summary>
    void Fill(Batch batch, int place, FileBuffer buffer, CounterRandom random)
    {
        var draw = batches[batch.Index].Span[place];
        for (var tries = 1; !TryFill(batch, place, draw, buffer, random) && loader.Options.IsTraining; tries++)
        {
            if (tries == MostTries)
                throw new UserException($"{MostTries} images in a row cannot be read. {batch.Skipped[^1].Reason}");
            draw = draw with { Sample = (draw.Sample + 1) % loader.Data.Count };
        }
    }

    bool TryFill(Batch batch, int place, Draw draw, FileBuffer buffer, CounterRandom random)
    {
        var index = draw.Sample;
        var name = loader.Data.Name(index);
        try
        {
            using var share = DecodeBudget.Shared.Open();
            var (transform, purpose) = (loader.Sizes[batch.Size].Transform, Purpose.Of(draw.View));
            using var image = loader.Data.Pixels(index) ?? ImageDecoder.Decode(loader.Data.Read(index, buffer), name,
                share, (width, height) => transform.Part(width, height, random.At(epoch, index, purpose)));
            random.At(epoch, index, purpose);
            var size = batch.Type == DType.UInt8
                ? transform.Apply(image, random, batch.Bytes(place), draw)
                : transform.Apply(image, random, batch.Floats(place), draw);
            batch.Set(place, index, size, loader.Data);
            return true;
        }
        // One image must not end a training, whatever is wrong with it.
        catch (Exception e)
        {
            batch.Skip(place, new(name, ImageDecoder.Fault(name, e).Message));
            return false;
        }
    }

    void Change(Action action)
    {
        lock (gate)
        {
            action();
            Monitor.PulseAll(gate);
        }
    }

    sealed class Job(Batch batch)
    {
        public Batch Batch { get; } = batch;

        /// <summary>Places that a thread has taken.</summary>
        public int Begun { get; set; }

        /// <summary>Places that are filled, or stay empty.</summary>
        public int Done { get; set; }
    }
}
