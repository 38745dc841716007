using System.Diagnostics;

namespace OnnxTimm.Benchmarks;

static class Clock
{
    public static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Milliseconds of the quickest of some rounds.</summary>
    public static double Best(int rounds, Action work) =>
        Enumerable.Range(0, rounds).Min(_ => Seconds(work)) * 1000;
}
