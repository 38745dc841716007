using System.Diagnostics;

namespace OnnxTimm.Benchmarks;

/// <summary>Times, and what is told of many.</summary>
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

    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
