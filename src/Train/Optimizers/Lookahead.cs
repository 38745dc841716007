namespace OnnxTimm.Train;

/// <summary>
/// Lookahead (arXiv:1907.08610) around any optimizer: every sixth step, and when an epoch ends, the parameters go half
/// way back to a slow copy, which is made at the first such moment; timm/optim/lookahead.py.
/// </summary>
static class Lookahead
{
    const double Alpha = 0.5;
    const int Period = 6;

    /// <summary>Stands for a slow copy that was not made yet.</summary>
    const float None = float.PositiveInfinity;

    public static Optimizer Around(Optimizer inner) => inner with
    {
        Name = $"lookahead_{inner.Name}",
        Fallback = inner.Fallback is { } other ? Around(other) : null,
        State = [.. inner.State, new("lookahead_slow_buff", None)],
        Scalars = [.. inner.Scalars, new("sync", step => step.Step % Period == 0 || step.EndOfEpoch ? 1 : 0)],
        Emit = (p, g, s, k) =>
        {
            var fast = inner.Emit(p, g, s[..^1], k[..^1]);
            var now = k[^1].Greater(0);
            var slow = now.Where(Meet(s[^1], fast[0]), s[^1]);
            return [now.Where(slow, fast[0]), .. fast[1..], slow];
        },
    };

    static Value Meet(Value slow, Value fast) => slow.Less(float.MaxValue).Where(slow + (fast - slow) * Alpha, fast);
}
