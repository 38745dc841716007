using System.Text.Json;

namespace OnnxTimm.Train;

/// <summary>A checkpoint that is kept.</summary>
public sealed record KeptCheckpoint(string Name, int Epoch, double Metric);

/// <summary>Which checkpoints of epochs are kept, best first, and which was the best of all.</summary>
/// <param name="Kept">Best first; equal ones in the order of their epochs.</param>
/// <param name="Best">The best of all epochs; null before the first.</param>
public sealed record CheckpointHistory(IReadOnlyList<KeptCheckpoint> Kept, KeptCheckpoint? Best)
{
    public static readonly CheckpointHistory Empty = new([], null);

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

    public string ToJson() => JsonSerializer.Serialize(this);

    public static CheckpointHistory FromJson(string json) => JsonSerializer.Deserialize<CheckpointHistory>(json)!;
}
