using System.Collections.Frozen;

namespace OnnxTimm.Models;

/// <summary>
/// Global pooling under timm's names (timm/layers/adaptive_avgmax_pool.py, pool1d.py): of a map, whose channels may be
/// first or last, and of tokens.
/// </summary>
public static class GlobalPool
{
    static readonly FrozenDictionary<string, Func<Value, Value>> ByName = new Dictionary<string, Func<Value, Value>>
    {
        { "", x => x },
        { "avg", Mean },
        { "max", Max },
        { "avgmax", x => (Mean(x) + Max(x)) * 0.5 },
        { "catavgmax", x => new[] { Mean(x), Max(x) }.Concat(ChannelAxis(x)) },
    }.ToFrozenDictionary();

    /// <summary>The pools of a map and, but for the last, of tokens.</summary>
    public static readonly string[] OfMaps = ["avg", "max", "avgmax", "catavgmax"];

    /// <summary>Those of tokens: "token" takes the first.</summary>
    public static readonly string[] OfTokens = ["avg", "max", "avgmax", "token"];

    /// <summary>True for the pools of all patches alike, after which timm norms rather than before.</summary>
    public static bool IsOfPatches(string name) => name is "avg" or "max" or "avgmax";

    /// <summary>
    /// A map pooled to [N, C, 1, 1] or [N, 1, 1, C], tokens to [N, D]; "" leaves everything as it is.
    /// </summary>
    /// <param name="x">The map, or tokens.</param>
    /// <param name="name">timm's name; a map's may begin with "fast", which says nothing here.</param>
    /// <param name="prefix">Tokens before those of patches, which no mean counts.</param>
    /// <param name="among">What is there, if not all that are.</param>
    /// <exception cref="UserException">There is no such pool.</exception>
    public static Value Of(Value x, string name, int prefix = 0, string[]? among = null)
    {
        var isMap = x.Shape.Rank == 4;
        var known = among ?? (isMap ? OfMaps : OfTokens);
        var plain = isMap && name.StartsWith("fast", StringComparison.Ordinal) ? name == "fast" ? "avg" : name[4..]
            : name;
        return plain.Length > 0 && !known.Contains(plain) ? throw Unknown(name, known)
            : plain == "token" ? x.Token(0)
            : ByName[plain](isMap || plain.Length == 0 ? x : x.SkipTokens(prefix));
    }

    /// <summary>The same of networks that cannot do without a pool, as several of their values go into it.</summary>
    /// <exception cref="UserException">There is no such pool.</exception>
    public static Value Needed(Value x, string name, int prefix, string[] among) => name.Length > 0
        ? Of(x, name, prefix, among)
        : throw new UserException($"This network needs a global pool: {string.Join(" or ", among.Order())}.");

    /// <summary>What is said of a pool that is not there.</summary>
    static UserException Unknown(string name, string[] known) => new($"No global pool \"{name}\" of this network."
        + $"{Nearest.Hint(name, known)} There are: {string.Join(", ", known.Order())}, and \"\" for none.");

    static Value Mean(Value x) => x.Shape.Rank == 3 ? x.ReduceMean([1], keepDims: false)
        : x.Layout == Layout.ChannelsLast ? x.ReduceMean([1, 2]) : x.GlobalAveragePool();

    static Value Max(Value x) => x.Shape.Rank == 3 ? x.ReduceMax([1], keepDims: false)
        : x.Layout == Layout.ChannelsLast ? x.ReduceMax([1, 2]) : x.GlobalMaxPool();

    static int ChannelAxis(Value x) => x.Layout == Layout.ChannelsLast ? 3 : 1;
}
