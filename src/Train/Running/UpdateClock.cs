using System.Diagnostics;

namespace OnnxTimm.Train;

/// <summary>How long updates take, and how much of it is waiting for data, in seconds.</summary>
sealed class UpdateClock
{
    readonly Stopwatch whole = Stopwatch.StartNew();
    readonly Stopwatch wait = new();

    public Meter Time { get; } = new();

    public Meter Data { get; } = new();

    /// <summary>Hands items on and counts the time until each comes.</summary>
    public IEnumerable<T> Waiting<T>(IEnumerable<T> items)
    {
        using var source = items.GetEnumerator();
        while (Timed(source.MoveNext))
            yield return source.Current;
    }

    /// <summary>Ends an update.</summary>
    public void Lap()
    {
        Time.Add(whole.Elapsed.TotalSeconds);
        Data.Add(wait.Elapsed.TotalSeconds);
        whole.Restart();
        wait.Reset();
    }

    bool Timed(Func<bool> next)
    {
        wait.Start();
        var result = next();
        wait.Stop();
        return result;
    }
}
