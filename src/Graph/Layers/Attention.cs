namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>Tokens [N, L, heads * d] as [N, heads, L, d].</summary>
    public static Value SplitHeads(this Value x, int heads) =>
        x.Reshape(x.Shape[0], x.Shape[1], heads, x.Dim / heads).Transpose(0, 2, 1, 3);

    /// <summary>[N, heads, L, d] back to tokens [N, L, heads * d].</summary>
    public static Value MergeHeads(this Value x) =>
        x.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[2], x.Shape[1] * x.Shape[3]);

    /// <summary>
    /// Scaled dot-product attention (arXiv:1706.03762): softmax(q k' / sqrt(d)) v over [N, heads, L, d], with the
    /// scale on q as timm has it.
    /// </summary>
    public static Value Attend(this Value q, Value k, Value v, double dropout = 0) =>
        (q * (1 / Math.Sqrt(q.Dim))).MatMul(k.Transpose(0, 1, 3, 2)).Softmax().Dropout(dropout).MatMul(v);

    /// <summary>A learned factor for each channel (arXiv:2103.17239); without a first value there is none.</summary>
    public static Value LayerScale(this Value x, Scope s, double? init) =>
        init is { } value ? x * s.Param("gamma", Init.Fill((float)value), x.Dim) : x;
}
