using static OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>
/// Transformer blocks whose attention and MLP read the same normed tokens through one layer (arXiv:2302.05442).
/// </summary>
public static class ParallelScaling
{
    /// <summary>With a bias in the common layer.</summary>
    public static Value Plain(Config c, Scope s, Value x, BlockContext b)
    {
        var parts = Project(c, s, x, bias: true);
        var (q, k, v) = (Heads(c, parts[1]), Heads(c, parts[2]), Heads(c, parts[3]));
        return Residual(c, s, x, b, SeparateOut(c, s, b, parts[0], q, k, v));
    }

    /// <summary>With normed queries and keys, and a bias for the MLP alone.</summary>
    public static Value NormedQueries(Config c, Scope s, Value x, BlockContext b)
    {
        var parts = Project(c, s, x, bias: false);
        var hidden = parts[0] + s.Param("mlp_bias", Init.Zeros, c.Size.Hidden);
        var (q, k) = (c.Norm(Heads(c, parts[1]), s["q_norm"]), c.Norm(Heads(c, parts[2]), s["k_norm"]));
        return Residual(c, s, x, b, SeparateOut(c, s, b, hidden, q, k, Heads(c, parts[3])));
    }

    /// <summary>With differential attention and a common layer at the end too.</summary>
    public static Value Differential(Config c, Scope s, Value x, BlockContext b)
    {
        var parts = Project(c, s, x, bias: true);
        var attended = (parts[1], parts[2], parts[3])
            .DifferentialAttend(s, s["sub_norm"], c.Size.Heads, b.Index, b.AttnDrop);
        var y = new[] { attended, c.Act(parts[0]).Dropout(b.ProjDrop) }.Concat(-1).Linear(s["out_proj"], x.Dim);
        return Residual(c, s, x, b, y);
    }

    /// <summary>The MLP's hidden values, then query, key and value.</summary>
    static Value[] Project(Config c, Scope s, Value x, bool bias)
    {
        var (dim, hidden) = (c.Size.Dim, c.Size.Hidden);
        return c.Norm(x, s["in_norm"]).Linear(s["in_proj"], hidden + 3 * dim, bias).Split([hidden, dim, dim, dim], -1);
    }

    static Value Heads(Config c, Value x) => x.SplitHeads(c.Size.Heads);

    static Value SeparateOut(Config c, Scope s, BlockContext b, Value hidden, Value q, Value k, Value v) =>
        q.Attend(k, v, b.AttnDrop).MergeHeads().Linear(s["attn_out_proj"], c.Size.Dim)
        + c.Act(hidden).Dropout(b.ProjDrop).Linear(s["mlp_out_proj"], c.Size.Dim);

    static Value Residual(Config c, Scope s, Value x, BlockContext b, Value y) =>
        x + y.LayerScale(s["ls"], c.LayerScale).DropPath(b.DropPath);
}
