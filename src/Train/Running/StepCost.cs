using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>What a batch of a training costs.</summary>
/// <param name="Step">Time of gradients and update.</param>
/// <param name="Data">Time of reading and augmenting its images.</param>
/// <param name="Images">Images that this was measured on, fewer than a batch where that would have taken long.</param>
/// <param name="Memory">Bytes that this program has had at most.</param>
public sealed record StepCost(TimeSpan Step, TimeSpan Data, int Images, long Memory)
{
    /// <summary>A batch that takes longer is measured on fewer images.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    const int MostRead = 16, MostRuns = 4;

    /// <summary>A batch in the loop: a processor does both, a GPU works while the next images are read.</summary>
    public TimeSpan Batch(Device device) => device.IsCpu ? Step + Data : Step > Data ? Step : Data;

    internal static StepCost Measure(TrainParts parts, Trainer trainer)
    {
        var (whole, few) = (BatchMixing.Kept(parts), Few(BatchMixing.Kept(parts)));
        var (step, data) = (OfFew(parts), Reading(parts));
        // Of several sizes no batch is like the others.
        var isQuick = parts.Batches.Sizes.Count == 1 && step < Patience && data < Patience;
        if (isQuick)
            trainer.FirstStep(run => step = Least(run));
        using var process = Process.GetCurrentProcess();
        return new(step, data, isQuick ? whole : few, process.PeakWorkingSet64);
    }

    /// <summary>A few images that can be divided as the batch can, into looks or pairs.</summary>
    static int Few(int batch) => batch % 2 == 0 && batch > 3 ? Few(batch / 2) : batch;

    /// <summary>A batch by the time of a few images; of several sizes as often as the first and last epoch have each.
    /// </summary>
    static TimeSpan OfFew(TrainParts parts)
    {
        if (parts.Batches.Sizes.Count == 1)
            return OfFew(parts, 0);
        // Batches of images of the same shape differ in their number alone.
        var shapes = parts.Batches.Sizes.Select(size => size.Shape with { Count = 1 }).ToArray();
        var seconds = new Dictionary<BatchShape, double>();
        foreach (var (size, shape) in shapes.Index().OrderByDescending(s => parts.Batches.Sizes[s.Index].BatchSize))
            if (!seconds.ContainsKey(shape))
                seconds[shape] = OfFew(parts, size).TotalSeconds / BatchMixing.Kept(parts, size);
        var last = parts.Schedule(parts.Batches.BatchCount).Epochs - 1;
        return TimeSpan.FromSeconds(new[] { 0, last }.SelectMany(parts.Batches.Sampler.Epoch)
            .Select(batch => batch.Span[0].Size)
            .Average(size => seconds[shapes[size]] * BatchMixing.Kept(parts, size)));
    }

    static TimeSpan OfFew(TrainParts parts, int size)
    {
        var whole = BatchMixing.Kept(parts, size);
        using var session = EpochRunner.Open(parts, Few(whole), size);
        return Least(() => session.Run()) * whole / Few(whole);
    }

    /// <summary>The time of the quickest run after the first, which is cold: others may use the machine too.</summary>
    static TimeSpan Least(Action run)
    {
        var (least, all) = (TimeSpan.MaxValue, Stopwatch.StartNew());
        for (var i = 0; i <= MostRuns && (i < 2 || all.Elapsed < Patience); i++)
        {
            var clock = Stopwatch.StartNew();
            run();
            if (i > 0 && clock.Elapsed < least)
                least = clock.Elapsed;
        }
        return least;
    }

    /// <summary>Of a few images, since a batch of large ones takes long.</summary>
    static TimeSpan Reading(TrainParts parts)
    {
        var (batches, few) = (parts.Batches, Math.Min(MostRead, parts.Batches.Options.BatchSize));
        var loader = new Loader(batches.Data, batches.Sizes[0].Transform,
            batches.Options with { BatchSize = few, Sampler = null, Prefetch = 1 });
        var clock = Stopwatch.StartNew();
        _ = loader.Epoch(0).First();
        return clock.Elapsed * batches.Options.BatchSize / few;
    }
}
