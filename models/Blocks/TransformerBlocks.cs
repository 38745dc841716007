using static OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>The blocks of vision transformers over tokens [N, L, D], and the attentions and MLPs in them.</summary>
public static class TransformerBlocks
{
    public static Value PreNorm(Config c, Scope s, Value x, BlockContext b)
    {
        var y = c.Attention(c, s["attn"], c.Norm(x, s["norm1"]), b);
        x += y.LayerScale(s["ls1"], c.LayerScale).DropPath(b.DropPath);
        y = c.Mlp(c, s["mlp"], c.Norm(x, s["norm2"]), b);
        return x + y.LayerScale(s["ls2"], c.LayerScale).DropPath(b.DropPath);
    }

    /// <summary>Norms the residuals instead of what they read; the norms begin like a layer scale.</summary>
    public static Value PostNorm(Config c, Scope s, Value x, BlockContext b)
    {
        var small = s.Layers with { NormWeight = c.LayerScale is { } init ? Init.Fill((float)init) : Init.Ones };
        x += c.Norm(c.Attention(c, s["attn"], x, b), s["norm1"].With(small)).DropPath(b.DropPath);
        x += c.Norm(c.Mlp(c, s["mlp"], x, b), s["norm2"].With(small)).DropPath(b.DropPath);
        return x;
    }

    /// <summary>Two attentions side by side, then two MLPs (arXiv:2203.09795).</summary>
    public static Value TwoByTwo(Config c, Scope s, Value x, BlockContext b)
    {
        var (attns, ffns) = (s["attns"], s["ffns"]);
        x += Residual(attns[0], "attn", c.Attention) + Residual(attns[1], "attn", c.Attention);
        return x + (Residual(ffns[0], "mlp", c.Mlp.Invoke) + Residual(ffns[1], "mlp", c.Mlp.Invoke));

        Value Residual(Scope t, string name, Attention part) =>
            part(c, t[name], c.Norm(x, t["norm"]), b).LayerScale(t["ls"], c.LayerScale).DropPath(b.DropPath);
    }

    public static Value Biased(Config c, Scope s, Value x, BlockContext b) =>
        Out(s, x.SelfAttend(s, c.Size.Heads, dropout: b.AttnDrop), b);

    /// <summary>Without a bias of queries, keys and values.</summary>
    public static Value PlainQkv(Config c, Scope s, Value x, BlockContext b) =>
        Out(s, x.SelfAttend(s, c.Size.Heads, bias: false, b.AttnDrop), b);

    public static Value UnbiasedAttention(Config c, Scope s, Value x, BlockContext b)
    {
        var y = x.SelfAttend(s, c.Size.Heads, bias: false, b.AttnDrop);
        return y.Linear(s["proj"], x.Dim, bias: false).Dropout(b.ProjDrop);
    }

    /// <summary>A norm before each last layer (arXiv:2210.06423).</summary>
    public static Value SubNormed(Config c, Scope s, Value x, BlockContext b) =>
        Out(s, c.Norm(x.SelfAttend(s, c.Size.Heads, dropout: b.AttnDrop), s["norm"]), b);

    public static Value Differential(Config c, Scope s, Value x, BlockContext b)
    {
        var qkv = x.Linear(s["qkv"], 3 * x.Dim).Split([x.Dim, x.Dim, x.Dim], -1);
        var y = (qkv[0], qkv[1], qkv[2]).DifferentialAttend(s, s.Late("sub_norm"), c.Size.Heads, b.Index, b.AttnDrop);
        return Out(s, y, b);
    }

    static Value Out(Scope s, Value x, BlockContext b) => x.Linear(s["proj"], x.Dim).Dropout(b.ProjDrop);

    public static Value Plain(Config c, Scope s, Value x, BlockContext b) => x.Mlp(s, c.Size.Hidden, c.Act, b.ProjDrop);

    public static Value SubNormedMlp(Config c, Scope s, Value x, BlockContext b) =>
        x.Mlp(s, c.Size.Hidden, c.Act, b.ProjDrop, c.Norm);

    public static Value Gated(Config c, Scope s, Value x, BlockContext b) =>
        x.GatedMlp(s, c.Size.Hidden, c.Act, b.ProjDrop);

    public static Value UnbiasedGated(Config c, Scope s, Value x, BlockContext b) =>
        x.SplitGatedMlp(s, c.Size.Hidden, c.Act, b.ProjDrop, bias: false);
}
