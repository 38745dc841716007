namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>Tokens [N, L, heads * d] as [N, heads, L, d].</summary>
    public static Value SplitHeads(this Value x, int heads) =>
        x.Reshape(x.Shape[0], x.Shape[1], heads, x.Features / heads).Transpose(0, 2, 1, 3);

    /// <summary>[N, heads, L, d] back to tokens [N, L, heads * d].</summary>
    public static Value MergeHeads(this Value x) =>
        x.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[2], x.Shape[1] * x.Shape[3]);

    /// <summary>
    /// Scaled dot-product attention (arXiv:1706.03762): softmax(q k' / sqrt(d)) v over [N, heads, L, d], with the
    /// scale on q as timm has it.
    /// </summary>
    public static Value Attend(this Value q, Value k, Value v, double dropout = 0) =>
        q.AttentionMap(k, dropout).MatMul(v);

    /// <summary>
    /// Multi-head self-attention of tokens [N, L, D] before its projection; query, key and value are one layer,
    /// <c>qkv</c>.
    /// </summary>
    public static Value SelfAttend(this Value x, Scope s, int heads, bool bias = true, double dropout = 0) =>
        x.SelfAttendApart(s, heads, bias, dropout).MergeHeads();

    /// <summary>The same with the heads still apart: [N, heads, L, d].</summary>
    public static Value SelfAttendApart(this Value x, Scope s, int heads, bool bias = true, double dropout = 0)
    {
        var qkv = x.Linear(s["qkv"], 3 * x.Features, bias).Split([x.Features, x.Features, x.Features], -1);
        var (q, k, v) = (qkv[0].SplitHeads(heads), qkv[1].SplitHeads(heads), qkv[2].SplitHeads(heads));
        return q.Attend(k, v, dropout);
    }

    /// <summary>
    /// Differential attention (arXiv:2410.05258): each head subtracts lambda times a second attention map from its
    /// first, which cancels what both see. Learned vectors lambda_q1, lambda_k1, lambda_q2, lambda_k2 at
    /// <paramref name="s"/>; each head's result is normed by <paramref name="subNorm"/>.
    /// </summary>
    /// <param name="qkv">Query, key and value [N, L, D] each; a head's two queries and keys lie side by side.</param>
    /// <param name="s">Scope of the lambdas.</param>
    /// <param name="subNorm">Scope of the norm's weight.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="block">Index of the block: the deeper, the more is subtracted at the beginning.</param>
    /// <param name="dropout">Dropout of attention weights.</param>
    public static Value DifferentialAttend(this (Value Q, Value K, Value V) qkv, Scope s, Scope subNorm, int heads,
        int block, double dropout = 0)
    {
        var half = qkv.Q.Features / heads / 2;
        var initial = 0.8 - 0.6 * Math.Exp(-0.3 * block);
        var first = Agreement(s, "lambda_q1", "lambda_k1", half);
        var lambda = first - Agreement(s, "lambda_q2", "lambda_k2", half) + initial;
        var q = qkv.Q.SplitHeads(heads).Split([half, half], -1);
        var k = qkv.K.SplitHeads(heads).Split([half, half], -1);
        var v = qkv.V.SplitHeads(heads);
        var y = (q[0].AttentionMap(k[0], dropout) - lambda * q[1].AttentionMap(k[1], dropout)).MatMul(v);
        return (y.RmsNorm(subNorm.NormEps(1e-5)) * (1 - initial)).MergeHeads();
    }

    static Value AttentionMap(this Value q, Value k, double dropout) =>
        (q * (1 / Math.Sqrt(q.Features))).MatMul(k.Transpose(0, 1, 3, 2)).Softmax().Dropout(dropout);

    static Value Agreement(Scope s, string a, string b, int width) =>
        (s.Param(a, Init.Normal(0.1), width) * s.Param(b, Init.Normal(0.1), width)).ReduceSum().Exp();

    /// <summary>
    /// Pools tokens [N, L, D] to [N, D] by the attention of one learned query, followed by an MLP (arXiv:1810.00825;
    /// timm's AttentionPoolLatent). Parameters latent, q, kv, proj, norm, mlp.
    /// </summary>
    public static Value AttentionPool(this Value x, Scope s, int heads, int hidden, Norm norm, Act act)
    {
        var latent = s.Param("latent", Init.TruncNormalTf(1 / Math.Sqrt(x.Features)), 1, 1, x.Features);
        var q = latent.Linear(s["q"], x.Features).SplitHeads(heads);
        var kv = x.Linear(s["kv"], 2 * x.Features).Split([x.Features, x.Features], -1);
        var y = q.Attend(kv[0].SplitHeads(heads), kv[1].SplitHeads(heads)).MergeHeads().Linear(s["proj"], x.Features);
        return (y + norm(y, s["norm"]).Mlp(s["mlp"], hidden, act)).Token(0);
    }
}
