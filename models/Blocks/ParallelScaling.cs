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
        return Residual(x, SeparateOut(parts[0], Heads(parts, style), s, style, place), s, style, place);
    }

    /// <summary>With normed queries and keys, and a bias for the MLP alone.</summary>
    public static Value NormedQueriesBlock(Value x, Scope s, TransformerStyle style, Place place)
    {
        var parts = Project(x, s, style, bias: false);
        var hidden = parts[0] + s.Param("mlp_bias", Init.Zeros, style.Hidden);
        var qkv = Heads(parts, style);
        qkv = qkv with { Q = style.Norm(qkv.Q, s["q_norm"]), K = style.Norm(qkv.K, s["k_norm"]) };
        return Residual(x, SeparateOut(hidden, qkv, s, style, place), s, style, place);
    }

    /// <summary>With differential attention and a common layer at the end too.</summary>
    public static Value DifferentialBlock(Value x, Scope s, TransformerStyle style, Place place)
    {
        var parts = Project(x, s, style, bias: true);
        var attended = Heads(parts, style).AttendDifferential(s, s["sub_norm"], place.Number, place.AttnDrop);
        var both = new[] { attended.MergeHeads(), style.Act(parts[0]).Dropout(place.ProjDrop) }.Concat(-1);
        return Residual(x, both.Linear(s["out_proj"], x.Features), s, style, place);
    }

    /// <summary>The MLP's hidden values, then query, key and value.</summary>
    static Value[] Project(Value x, Scope s, TransformerStyle style, bool bias)
    {
        var (dim, hidden) = (x.Features, style.Hidden);
        return style.Norm(x, s["in_norm"]).Linear(s["in_proj"], hidden + 3 * dim, bias)
            .Split([hidden, dim, dim, dim], -1);
    }

    static Qkv Heads(Value[] parts, TransformerStyle style) => Qkv.Of(parts[1], parts[2], parts[3], style.Heads);

    static Value SeparateOut(Value hidden, Qkv qkv, Scope s, TransformerStyle style, Place place)
    {
        var attended = qkv.Attend(dropout: place.AttnDrop).MergeHeads();
        var width = attended.Features;
        return attended.Linear(s["attn_out_proj"], width)
            + style.Act(hidden).Dropout(place.ProjDrop).Linear(s["mlp_out_proj"], width);
    }

    static Value Residual(Value x, Value y, Scope s, TransformerStyle style, Place place) =>
        x + y.LayerScale(s["ls"], style.LayerScale).DropPath(place.DropPath);
}
