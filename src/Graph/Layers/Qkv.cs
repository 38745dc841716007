namespace OnnxTimm;

/// <summary>Which of query, key and value have a bias where all three are one layer.</summary>
public enum QkvBias
{
    /// <summary>One bias for all three, <c>bias</c> of the layer.</summary>
    All,

    /// <summary>No bias.</summary>
    None,

    /// <summary>Parameters <c>q_bias</c> and <c>v_bias</c> beside the layer: BEiT, EVA, Swin v2.</summary>
    WithoutKey,
}

/// <summary>
/// Queries, keys and values [N, heads, L, d] of an attention. An attention is a chain over them: what changes queries
/// and keys, scores, what changes the scores, softmax, the weighed values; a new attention is another chain. L may
/// differ between queries and keys, and d between keys and values.
/// </summary>
/// <param name="Q">Queries.</param>
/// <param name="K">Keys.</param>
/// <param name="V">Values.</param>
public readonly record struct Qkv(Value Q, Value K, Value V)
{
    /// <summary>Of tokens [N, L, heads * d] each: query, key and value by layers of their own.</summary>
    public static Qkv Of(Value q, Value k, Value v, int heads) =>
        new(q.SplitHeads(heads), k.SplitHeads(heads), v.SplitHeads(heads));

    /// <summary>
    /// Of one layer's [N, heads, L, 2 * width + d], in each head of which query, key and value lie side by side
    /// (arXiv:2104.01136).
    /// </summary>
    /// <param name="heads">What the layer gives.</param>
    /// <param name="width">Width of a head's queries and keys; the rest is its values'.</param>
    public static Qkv OfHeads(Value heads, int width)
    {
        var parts = heads.Split([width, width, heads.Shape[-1].Size - 2 * width], -1);
        return new(parts[0], parts[1], parts[2]);
    }

    /// <summary>The same with changed queries and keys: a norm, a rotation by position.</summary>
    public Qkv OnQk(Func<Value, Value> change) => this with { Q = change(Q), K = change(K) };

    /// <summary>
    /// How much each query asks for each key [N, heads, L, L]: their products times a scale, 1 / sqrt(d) by default,
    /// which is on the queries as timm has it.
    /// </summary>
    public Value Scores(double? scale = null)
    {
        var factor = scale ?? 1 / Math.Sqrt(Q.Features);
        return (factor == 1 ? Q : Q * factor).MatMul(K.Transpose(0, 1, 3, 2));
    }

    /// <summary>The values by weights [N, heads, L, L], which sum to 1 over the keys: [N, heads, L, d].</summary>
    public Value Weigh(Value weights) => weights.MatMul(V);

    /// <summary>Scaled dot-product attention (arXiv:1706.03762).</summary>
    /// <param name="bias">What is added to the scores, such as [heads, L, L] by relative position.</param>
    /// <param name="dropout">Dropout of the weights.</param>
    /// <param name="scale">Factor of the scores.</param>
    public Value Attend(Value? bias = null, double dropout = 0, double? scale = null)
    {
        var scores = Scores(scale);
        return Weigh((bias is null ? scores : scores + bias).Softmax().Dropout(dropout));
    }
}
