using System.Collections.Frozen;

namespace OnnxTimm.Models;

/// <summary>Pooling of tokens [N, L, D] under timm's names (global_pool_nlc of vision_transformer.py).</summary>
public static class TokenPooling
{
    static readonly FrozenDictionary<string, Func<Value, Value>> ByName = new Dictionary<string, Func<Value, Value>>
    {
        { "avg", Average },
        { "max", Max },
        { "avgmax", x => (Max(x) + Average(x)) * 0.5 },
    }.ToFrozenDictionary();

    /// <summary>True for the pools of all patches alike, after which timm norms rather than before.</summary>
    public static bool IsOfPatches(string name) => ByName.ContainsKey(name);

    /// <summary>
    /// Tokens pooled to [N, D] by a name: "token" takes the first, the others all but the first
    /// <paramref name="prefix"/>; "" leaves [N, L, D].
    /// </summary>
    public static Value Pool(this Value tokens, string name, int prefix) => name switch
    {
        "" => tokens,
        "token" => tokens.Token(0),
        _ when ByName.TryGetValue(name, out var pool) => pool(tokens.SkipTokens(prefix)),
        _ => throw new UserException($"No global pool \"{name}\" for tokens.{Nearest.Hint(name, Names)} "
            + $"There are: {string.Join(", ", Names.Order())}."),
    };

    /// <summary>"map" and "prr" have parameters or heads, and are the family's to build.</summary>
    static IEnumerable<string> Names => [.. ByName.Keys, "token", "map", "prr"];

    /// <summary>
    /// Self-attention without parameters over all tokens, which refines patches before they are pooled (timm's
    /// AttentionPoolPrr, "prr").
    /// </summary>
    public static Value Refine(this Value tokens, int heads)
    {
        var x = tokens.SplitHeads(heads);
        return x.Attend(x, x).MergeHeads();
    }

    static Value Average(Value x) => x.ReduceMean([1], keepDims: false);

    static Value Max(Value x) => x.ReduceMax([1], keepDims: false);
}
