using System.Diagnostics;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>How long a call of one image takes, before and after; measured by turns.</summary>
/// <param name="Threads">Threads of a call.</param>
/// <param name="Before">Milliseconds of a call in float32.</param>
/// <param name="After">Milliseconds of a call with codes.</param>
public sealed record Speed(int Threads, double Before, double After)
{
    const int Rounds = 9;

    /// <summary>The least time of a round.</summary>
    static readonly TimeSpan Round = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// Between turns: a pool's threads look for more work after its last call, up to 60 ms where a pause instruction
    /// takes long, on the cores that the other needs.
    /// </summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);

    /// <summary>How many times as fast the codes are.</summary>
    public double Factor => Before / After;

    /// <summary>
    /// Measures both: the median of rounds that take turns, so that what else the machine does meets both.
    /// </summary>
    public static Speed Of(Graph before, Graph after, int threads)
    {
        using var one = new Timed(before, threads);
        using var two = new Timed(after, threads);
        var times = Enumerable.Range(0, Rounds)
            .Select(_ => (Before: one.Milliseconds(), After: two.Milliseconds())).ToArray();
        return new(threads, Median(times.Select(t => t.Before)), Median(times.Select(t => t.After)));
    }

    static double Median(IEnumerable<double> times) => times.Order().ElementAt(Rounds / 2);

    /// <summary>A network with its buffers.</summary>
    sealed class Timed : IDisposable
    {
        readonly Session session;
        readonly Binding binding;
        readonly int calls;

        public Timed(Graph graph, int threads)
        {
            session = Session.Load(OnnxFile.ToBytes(graph), graph.Name, new() { Threads = threads });
            var shape = session.Inputs[0].Shape;
            binding = session.Bind([shape[0].IsFixed ? shape[0].Size : 1, .. shape.Skip(1).Select(d => d.Size)]);
            var random = new Random(0);
            foreach (ref var x in binding.Input<float>())
                x = random.NextSingle() * 2 - 1;
            binding.Run();
            var clock = Stopwatch.StartNew();
            binding.Run();
            calls = Math.Clamp((int)(Round / clock.Elapsed), 1, 100);
        }

        public double Milliseconds()
        {
            Thread.Sleep(Pause);
            binding.Run();
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < calls; i++)
                binding.Run();
            return clock.Elapsed.TotalMilliseconds / calls;
        }

        public void Dispose()
        {
            binding.Dispose();
            session.Dispose();
        }
    }
}
