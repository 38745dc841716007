using System.Diagnostics;
using System.Globalization;

namespace OnnxTimm.Edge;

/// <summary>Where the time goes: what happens once, and what happens for each image.</summary>
sealed class Stages
{
    /// <summary>Images that medians are over: the last ones.</summary>
    const int Kept = 1 << 12;

    static readonly string[] PerImage = ["decode", "run", "write"];

    readonly List<(string Name, double Milliseconds)> once = [];
    readonly long[][] ring = [.. PerImage.Select(_ => new long[Kept])];
    readonly long[] first = new long[PerImage.Length];
    long last = Stopwatch.GetTimestamp();
    long images, allocated;

    /// <param name="process">What the process took before it could measure.</param>
    public Stages(TimeSpan process) => once.Add(("process", process.TotalMilliseconds));

    /// <summary>Something that happens once is done.</summary>
    public void Once(string name) => once.Add((name, Stopwatch.GetElapsedTime(last, Mark()).TotalMilliseconds));

    /// <summary>Begins an image, or what happens once.</summary>
    public long Mark() => last = Stopwatch.GetTimestamp();

    /// <summary>A part of an image's work is done.</summary>
    /// <param name="part">Its place in the table.</param>
    public void Did(int part)
    {
        var before = last;
        ring[part][images % Kept] = Mark() - before;
        if (images == 0)
            first[part] = last - before;
    }

    /// <summary>An image is done.</summary>
    public void Next()
    {
        // What was allocated for the first ones is kept for the others.
        if (++images == Kept / 64)
            allocated = GC.GetAllocatedBytesForCurrentThread();
    }

    /// <summary>Lines for the user.</summary>
    public IEnumerable<string> Describe()
    {
        // The medians below need memory of their own.
        var (more, since) = (images - Kept / 64, GC.GetAllocatedBytesForCurrentThread() - allocated);
        yield return string.Join(", ", once.Select(o => $"{o.Name} {Text(o.Milliseconds)}")) + ", first image "
            + string.Join(", ", PerImage.Zip(first, (name, ticks) => $"{name} {Text(Milliseconds(ticks))}"));
        if (images > 1)
            yield return $"{images} images, median {string.Join(", ", PerImage.Zip(ring, (name, all) =>
                $"{name} {Text(Median(all))}"))}";
        if (more > 0)
            yield return $"{since / more} bytes allocated an image";
        yield return $"peak of memory {Peak()}";
    }

    double Median(long[] all)
    {
        var sorted = all.AsSpan(0, (int)Math.Min(images, Kept)).ToArray();
        Array.Sort(sorted);
        return Milliseconds(sorted[sorted.Length / 2]);
    }

    static double Milliseconds(long ticks) => 1e3 * ticks / Stopwatch.Frequency;

    static string Text(double milliseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F2} ms");

    /// <summary>The most that was resident.</summary>
    static string Peak()
    {
        using var process = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture, $"{process.PeakWorkingSet64 / 1024} kB");
    }
}
