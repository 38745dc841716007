using System.Text.Json.Serialization;

namespace OnnxTimm.Train;

/// <summary>A checkpoint that is kept.</summary>
/// <param name="Epoch">The epoch that it ends.</param>
/// <param name="Metric">Its metric.</param>
public sealed record KeptCheckpoint(int Epoch, double Metric)
{
    /// <summary>Its file without the extension; what a stored history says of names is not believed.</summary>
    [JsonIgnore]
    public string Name => $"checkpoint-{Epoch}";
}

/// <summary>Which checkpoints of epochs are kept, best first, and which was the best of all.</summary>
/// <param name="Kept">Best first; equal ones in the order of their epochs.</param>
/// <param name="Best">The best of all epochs; null before the first.</param>
public sealed record CheckpointHistory(IReadOnlyList<KeptCheckpoint> Kept, KeptCheckpoint? Best)
{
    /// <summary>That of a run before its first epoch ends.</summary>
    public static readonly CheckpointHistory Empty = new([], null);

    /// <summary>Whether it can be one, whoever wrote it.</summary>
    [JsonIgnore]
    internal bool IsSound => Kept is not null && Kept.All(IsPossible)
        && Kept.DistinctBy(k => k.Epoch).Count() == Kept.Count && (Best is null || IsPossible(Best));

    /// <summary>The history after another epoch, by timm's rule (timm/utils/checkpoint_saver.py).</summary>
    /// <param name="next">The checkpoint of the epoch.</param>
    /// <param name="most">How many are kept.</param>
    /// <param name="decreasing">Whether less is better.</param>
    public CheckpointHistory Add(KeptCheckpoint next, int most, bool decreasing)
    {
        bool IsBetter(double a, double b) => decreasing ? a < b : a > b;
        var best = Best is null || IsBetter(next.Metric, Best.Metric) ? next : Best;
        var others = Kept.Where(k => k.Epoch != next.Epoch).ToArray();
        if (others.Length >= most && !IsBetter(next.Metric, others[^1].Metric))
            return new(others, best);
        KeptCheckpoint[] kept = [.. others.Take(most - 1), next];
        return new(decreasing ? [.. kept.OrderBy(k => k.Metric)] : [.. kept.OrderByDescending(k => k.Metric)], best);
    }

    static bool IsPossible(KeptCheckpoint? kept) => kept is { Epoch: >= 0 } && double.IsFinite(kept.Metric);
}
