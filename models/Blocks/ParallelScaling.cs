namespace OnnxTimm.Models;

/// <summary>
/// Transformer blocks whose attention and MLP read the same normed tokens through one layer (arXiv:2302.05442).
/// </summary>
public static class ParallelScaling
{
    /// <summary>With a bias in the common layer.</summary>
    public static Value PlainBlock(Value x, Scope s, TransformerStyle style, Place place)
    {
        var parts = Project(x, s, style, bias: true);
        Value[] heads = [.. parts.Skip(1).Select(part => part.SplitHeads(style.Heads))];
        return Residual(x, SeparateOut(parts[0], heads, s, style, place), s, style, place);
    }

    /// <summary>With normed queries and keys, and a bias for the MLP alone.</summary>
    public static Value NormedQueriesBlock(Value x, Scope s, TransformerStyle style, Place place)
    {
        var parts = Project(x, s, style, bias: false);
        var hidden = parts[0] + s.Param("mlp_bias", Init.Zeros, style.Hidden);
        var q = style.Norm(parts[1].SplitHeads(style.Heads), s["q_norm"]);
        var k = style.Norm(parts[2].SplitHeads(style.Heads), s["k_norm"]);
        Value[] heads = [q, k, parts[3].SplitHeads(style.Heads)];
        return Residual(x, SeparateOut(hidden, heads, s, style, place), s, style, place);
    }

    /// <summary>With differential attention and a common layer at the end too.</summary>
    public static Value DifferentialBlock(Value x, Scope s, TransformerStyle style, Place place)
    {
        var parts = Project(x, s, style, bias: true);
        var attended = (parts[1], parts[2], parts[3])
            .DifferentialAttend(s, s["sub_norm"], style.Heads, place.Number, place.AttnDrop);
        var both = new[] { attended, style.Act(parts[0]).Dropout(place.ProjDrop) }.Concat(-1);
        return Residual(x, both.Linear(s["out_proj"], x.Features), s, style, place);
    }

    /// <summary>The MLP's hidden values, then query, key and value.</summary>
    static Value[] Project(Value x, Scope s, TransformerStyle style, bool bias)
    {
        var (dim, hidden) = (x.Features, style.Hidden);
        return style.Norm(x, s["in_norm"]).Linear(s["in_proj"], hidden + 3 * dim, bias)
            .Split([hidden, dim, dim, dim], -1);
    }

    static Value SeparateOut(Value hidden, Value[] qkv, Scope s, TransformerStyle style, Place place)
    {
        var attended = qkv[0].Attend(qkv[1], qkv[2], place.AttnDrop).MergeHeads();
        var width = attended.Features;
        return attended.Linear(s["attn_out_proj"], width)
            + style.Act(hidden).Dropout(place.ProjDrop).Linear(s["mlp_out_proj"], width);
    }

    static Value Residual(Value x, Value y, Scope s, TransformerStyle style, Place place) =>
        x + y.LayerScale(s["ls"], style.LayerScale).DropPath(place.DropPath);
}
