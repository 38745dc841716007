using System.Collections.Frozen;

namespace OnnxTimm.Models;

/// <summary>Global pooling of a map [N, C, H, W] under timm's names (timm/layers/adaptive_avgmax_pool.py).</summary>
public static class Pooling
{
    static readonly FrozenDictionary<string, Func<Value, Value>> ByName = new Dictionary<string, Func<Value, Value>>
    {
        { "", x => x },
        { "avg", Average },
        { "fast", Average },
        { "fastavg", Average },
        { "max", Max },
        { "fastmax", Max },
        { "avgmax", AverageAndMax },
        { "fastavgmax", AverageAndMax },
        { "catavgmax", x => new[] { Average(x), Max(x) }.Concat(1) },
        { "fastcatavgmax", x => new[] { Average(x), Max(x) }.Concat(1) },
    }.ToFrozenDictionary();

    public static Func<Value, Value> Named(string name) => ByName.TryGetValue(name, out var pool)
        ? pool
        : throw new UserException($"No global pool \"{name}\" for a map.{Nearest.Hint(name, ByName.Keys)} "
            + $"There are: {string.Join(", ", ByName.Keys.Where(k => k.Length > 0).Order())}.");

    static Value Average(Value x) => x.GlobalAveragePool().Flatten();

    static Value Max(Value x) => x.GlobalMaxPool().Flatten();

    static Value AverageAndMax(Value x) => (Average(x) + Max(x)) * 0.5;
}
