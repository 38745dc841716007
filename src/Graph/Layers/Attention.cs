namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Query, key and value of tokens [N, L, D] by one layer, <c>qkv</c>, of three parts.
    /// </summary>
    /// <param name="x">Tokens.</param>
    /// <param name="s">Scope of the attention.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="bias">Which parts have a bias.</param>
    /// <param name="width">Width of each part, heads * d; that of the tokens by default.</param>
    public static Qkv Qkv(this Value x, Scope s, int heads, QkvBias bias = QkvBias.All, int? width = null)
    {
        var d = width ?? x.Features;
        var parts = (bias == QkvBias.WithoutKey ? x.LinearWithoutKeyBias(s, d)
            : x.Linear(s["qkv"], 3 * d, bias == QkvBias.All)).Split([d, d, d], -1);
        return OnnxTimm.Qkv.Of(parts[0], parts[1], parts[2], heads);
    }

    static Value LinearWithoutKeyBias(this Value x, Scope s, int width)
    {
        var (q, v) = (s.Param("q_bias", Init.Zeros, width), s.Param("v_bias", Init.Zeros, width));
        var none = x.Graph.Const($"zeros_{width}", () => Tensor.Filled(0, width));
        var weight = s["qkv"].Param("weight", s.Defaults.Linear, 3 * width, x.Features);
        return x.Linear(weight, new[] { q, none, v }.Concat(0));
    }

    /// <summary>Tokens [N, L, heads * d] as [N, heads, L, d].</summary>
    public static Value SplitHeads(this Value x, int heads) =>
        x.Reshape(x.Shape[0], x.Shape[1], heads, x.Features / heads).Transpose(0, 2, 1, 3);

    /// <summary>[N, heads, L, d] back to tokens [N, L, heads * d].</summary>
    public static Value MergeHeads(this Value x) =>
        x.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[2], x.Shape[1] * x.Shape[3]);

    /// <summary>
    /// A linear layer over the heads of scores or weights [N, heads, L, L], so that heads talk (arXiv:2003.02436).
    /// </summary>
    public static Value OverHeads(this Value scores, Scope s) => scores.Transpose(0, 2, 3, 1)
        .Linear(s, (int)scores.Shape[1].Size).Transpose(0, 3, 1, 2);

    /// <summary>
    /// Cosine attention's queries or keys (arXiv:2111.09883): x over its Euclidean norm along the last axis.
    /// </summary>
    public static Value L2Normalize(this Value x, double eps = 1e-12) => x / x.ReduceL2([-1]).Max(eps);

    /// <summary>
    /// Differential attention (arXiv:2410.05258): each head subtracts lambda times a second attention map from its
    /// first, which cancels what both see. Learned vectors lambda_q1, lambda_k1, lambda_q2, lambda_k2 at
    /// <paramref name="s"/>; each head's result is normed by <paramref name="subNorm"/>.
    /// </summary>
    /// <param name="qkv">A head's two queries and two keys lie side by side along d.</param>
    /// <param name="s">Scope of the lambdas.</param>
    /// <param name="subNorm">Scope of the norm's weight.</param>
    /// <param name="block">Index of the block: the deeper, the more is subtracted at the beginning.</param>
    /// <param name="dropout">Dropout of attention weights.</param>
    /// <returns>[N, heads, L, d].</returns>
    public static Value AttendDifferential(this Qkv qkv, Scope s, Scope subNorm, int block, double dropout = 0)
    {
        var half = qkv.Q.Features / 2;
        var initial = 0.8 - 0.6 * Math.Exp(-0.3 * block);
        var first = Agreement(s, "lambda_q1", "lambda_k1", half);
        var lambda = first - Agreement(s, "lambda_q2", "lambda_k2", half) + initial;
        var (q, k) = (qkv.Q.Split([half, half], -1), qkv.K.Split([half, half], -1));
        var maps = q.Zip(k, (a, b) => new Qkv(a, b, qkv.V).Scores().Softmax().Dropout(dropout)).ToArray();
        return qkv.Weigh(maps[0] - lambda * maps[1]).RmsNorm(subNorm.NormEps(1e-5)) * (1 - initial);
    }

    static Value Agreement(Scope s, string a, string b, int width) =>
        (s.Param(a, Init.Normal(0.1), width) * s.Param(b, Init.Normal(0.1), width)).ReduceSum().Exp();

    /// <summary>
    /// Pools tokens [N, L, D] to [N, D] by the attention of one learned query, followed by an MLP (arXiv:1810.00825;
    /// timm's AttentionPoolLatent). Parameters latent, q, kv, proj, norm, mlp.
    /// </summary>
    /// <param name="x">Tokens.</param>
    /// <param name="s">Scope of the pool.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="hidden">Width of the MLP between its layers.</param>
    /// <param name="norm">Before the MLP.</param>
    /// <param name="act">Between the layers of the MLP.</param>
    /// <param name="mask">What is added to the scores [N, heads, 1, L].</param>
    public static Value AttentionPool(this Value x, Scope s, int heads, int hidden, Norm norm, Act act,
        Value? mask = null)
    {
        var latent = s.Param("latent", Init.TruncNormalTf(1 / Math.Sqrt(x.Features)), 1, 1, x.Features);
        var q = latent.Linear(s["q"], x.Features);
        var kv = x.Linear(s["kv"], 2 * x.Features).Split([x.Features, x.Features], -1);
        var y = OnnxTimm.Qkv.Of(q, kv[0], kv[1], heads).Attend(mask).MergeHeads().Linear(s["proj"], x.Features);
        return (y + norm(y, s["norm"]).Mlp(s["mlp"], hidden, act)).Token(0);
    }
}
