using System.Diagnostics;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>What a data set is like.</summary>
/// <param name="Images">All images.</param>
/// <param name="Classes">Each class with its images, the fewest first.</param>
/// <param name="Sampled">Images that were looked at.</param>
/// <param name="Damaged">What is wrong with those of them that cannot be read, a sentence each.</param>
public sealed record DataFacts(
    int Images, IReadOnlyList<(string Name, int Images)> Classes, int Sampled, IReadOnlyList<string> Damaged)
{
    const int MostSampled = 200;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Counts all labels, and decodes images here and there.</summary>
    public static DataFacts Of(IDataset data)
    {
        var counts = Count(data);
        var (sampled, damaged) = Sample(data);
        return new(data.Count, [.. data.Classes.Select((name, i) => (name, counts[i])).OrderBy(c => c.Item2)],
            sampled, damaged);
    }

    static int[] Count(IDataset data)
    {
        var (counts, targets) = (new int[data.Classes.Count], new float[data.Classes.Count]);
        for (var i = 0; i < data.Count; i++)
        {
            if (data.IsMultiLabel)
                data.Targets(i, targets);
            if (!data.IsMultiLabel && data.Label(i) is >= 0 and var label)
                counts[label]++;
            for (var c = 0; data.IsMultiLabel && c < targets.Length; c++)
                counts[c] += targets[c] > 0 ? 1 : 0;
        }
        return counts;
    }

    /// <summary>Images at the same distance from each other, as many as there is time for.</summary>
    static (int Sampled, string[] Damaged) Sample(IDataset data)
    {
        var (most, clock, sampled) = (Math.Min(MostSampled, data.Count), Stopwatch.StartNew(), 0);
        var faults = new SortedDictionary<int, string>();
        Parallel.For(0, most, () => new FileBuffer(), (n, loop, buffer) =>
        {
            var i = (int)((long)n * data.Count / most);
            if (clock.Elapsed > Patience)
                loop.Stop();
            else if (Fault(data, i, buffer) is { } fault)
                lock (faults)
                    faults.Add(i, fault);
            if (!loop.IsStopped)
                Interlocked.Increment(ref sampled);
            return buffer;
        }, _ => { });
        return (sampled, [.. faults.Values]);
    }

    static string? Fault(IDataset data, int index, FileBuffer buffer)
    {
        try
        {
            data.Decode(index, buffer).Dispose();
            return null;
        }
        catch (Exception e)
        {
            return ImageDecoder.Fault(data.Name(index), e).Message;
        }
    }
}
