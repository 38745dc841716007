namespace OnnxTimm.Models;

/// <summary>
/// Attention whose keys and values are of a smaller map than its queries (arXiv:2102.12122): layers <c>q</c>,
/// <c>kv</c>, <c>proj</c>, and <c>sr</c>, <c>norm</c> of what reduces.
/// </summary>
public static class SpatialReduction
{
    /// <summary>An attention over tokens, with what makes of them the tokens that keys and values are of.</summary>
    public static TokenBlock<TransformerStyle> Attention(Func<Value, Scope, Value> reduce) => (x, s, style, place) =>
    {
        var dim = x.Features;
        var q = x.Linear(s["q"], dim);
        var kv = reduce(x, s).Linear(s["kv"], 2 * dim).Split([dim, dim], -1);
        return Qkv.Of(q, kv[0], kv[1], style.Heads).Attend(dropout: place.AttnDrop).MergeHeads()
            .Linear(s["proj"], dim).Dropout(place.ProjDrop);
    };

    /// <summary>A convolution without overlap, and a norm; tokens as they are for a ratio of 1.</summary>
    public static Func<Value, Scope, Value> Strided((int H, int W) grid, int ratio) => (x, s) => ratio == 1 ? x
        : x.ToMap(grid.H, grid.W).Conv(s.Late("sr"), x.Features, k: ratio, stride: ratio, Pad.Valid).ToTokens()
            .LayerNorm(s.Late("norm").NormEps(1e-5));
}
