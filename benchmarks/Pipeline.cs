using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Photo files to scores against ONNX Runtime alone on ready tensors, both with all cores: short rounds in turn, so
/// that what else the machine does touches all alike. Arguments: an .onnx file that OnnxTimm has written, a folder of
/// photos, and, for a comparison with Pillow and PyTorch, the .pth file that infer.py reads.
/// </summary>
static class Pipeline
{
    const int Rounds = 7;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(2);

    public static int Run(string model, string photos, string? weights = null)
    {
        var cores = Environment.ProcessorCount;
        using var single = Session.Open(model, new() { Threads = 1 });
        using var shared = Session.Open(model, new() { Threads = cores, Spin = true });
        using var data = new Endless(Dataset.Open(photos));
        var config = ModelCard.Read(single.Metadata, model)!.Preprocess;
        using var peer = weights is null ? null : Peer.Start("infer.py", weights, photos);
        (string Name, Func<double> Round)[] contenders =
        [
            ($"ready tensors, {cores} callers of 1 thread", () => Ready(single, config, cores)),
            ($"ready tensors, 1 caller of {cores} threads", () => Ready(shared, config, 1)),
            .. peer is null ? [] : ((string, Func<double>)[])[("photo files, Pillow and PyTorch", peer.Next)],
            ($"photo files, {cores} workers", () => Photos(single, config, data, cores)),
        ];
        var rates = contenders.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round <= Rounds; round++)
            foreach (var (i, contender) in contenders.Index())
                if (contender.Round() is var rate && round > 0)
                    rates[i].Add(rate);
        var medians = rates.Select(Clock.Median).ToArray();
        foreach (var (contender, median) in contenders.Zip(medians))
            Console.WriteLine($"{contender.Name,-36} {median,7:F1} images/s, photo files reach "
                + $"{medians[^1] / median:F2}");
        return 0;
    }

    static double Ready(Session session, DataConfig c, int callers)
    {
        var count = 0;
        var clock = Stopwatch.StartNew();
        Parallel.For(0, callers, new ParallelOptions { MaxDegreeOfParallelism = callers }, _ =>
        {
            using var binding = session.Bind([1, c.Channels, c.Height, c.Width]);
            for (; clock.Elapsed < Length; Interlocked.Increment(ref count))
                binding.Run();
        });
        return count / clock.Elapsed.TotalSeconds;
    }

    static double Photos(Session session, DataConfig c, Endless data, int workers)
    {
        var count = 0;
        var clock = Stopwatch.StartNew();
        data.Start(clock);
        new ImageRunner(session, c, data).Run(workers, (_, row) =>
        {
            Logits.Top(row, 5);
            Interlocked.Increment(ref count);
        }, (_, e) => Console.WriteLine(e.Message));
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>A data set over and over, until the time is up.</summary>
    sealed class Endless(IDataset data) : IDataset
    {
        Stopwatch clock = new();

        public int Count => clock.Elapsed < Length ? int.MaxValue / 2 : 0;

        public IReadOnlyList<string> Classes => data.Classes;

        public void Start(Stopwatch from) => clock = from;

        public int Label(int index) => data.Label(index % data.Count);

        public string Name(int index) => data.Name(index % data.Count);

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => data.Read(index % data.Count, buffer);

        public void Dispose() => data.Dispose();
    }
}
