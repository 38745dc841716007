namespace OnnxTimm.Models;

/// <summary>What the blocks of a transformer have in common; a family's configuration may be one.</summary>
/// <param name="Heads">Attention heads.</param>
/// <param name="Hidden">Width of the MLP between its layers.</param>
public record TransformerStyle(int Heads, int Hidden)
{
    /// <summary>The first residual of a block, of normed tokens [N, L, D].</summary>
    public TokenBlock<TransformerStyle> Attention { get; init; } = TransformerBlocks.BiasedAttention;

    /// <summary>The second residual of a block, of normed tokens [N, L, D].</summary>
    public TokenBlock<TransformerStyle> Mlp { get; init; } = TransformerBlocks.PlainMlp;

    /// <summary>Between the layers of the MLP.</summary>
    public Act Act { get; init; } = Activations.Gelu;

    /// <summary>Of tokens, over their last axis.</summary>
    public Norm Norm { get; init; } = Layers.LayerNorm;

    /// <summary>What the factors of the residuals begin with; none where null.</summary>
    public double? LayerScale { get; init; }
}

/// <summary>The blocks of vision transformers over tokens [N, L, D], and the attentions and MLPs in them.</summary>
public static class TransformerBlocks
{
    /// <summary>
    /// Attention and MLP, each over normed tokens (arXiv:2010.11929); parameters <c>norm1</c>, <c>attn</c>, <c>ls1</c>,
    /// <c>norm2</c>, <c>mlp</c>, <c>ls2</c>.
    /// </summary>
    public static Value PreNorm(Value x, Scope s, TransformerStyle style, Place place)
    {
        x = x.Residual((s["norm1"], s["ls1"]), y => style.Attention(y, s["attn"], style, place), style, place);
        return x.Residual((s["norm2"], s["ls2"]), y => style.Mlp(y, s["mlp"], style, place), style, place);
    }

    /// <summary>Norms the residuals instead of what they read; the norms begin like a layer scale.</summary>
    public static Value PostNorm(Value x, Scope s, TransformerStyle style, Place place)
    {
        var small = s.With(d => d with { NormWeight = Init.Fill((float)(style.LayerScale ?? 1)) });
        x += style.Norm(style.Attention(x, s["attn"], style, place), small["norm1"]).DropPath(place.DropPath);
        return x + style.Norm(style.Mlp(x, s["mlp"], style, place), small["norm2"]).DropPath(place.DropPath);
    }

    /// <summary>Two attentions side by side, then two MLPs (arXiv:2203.09795).</summary>
    public static Value TwoByTwo(Value x, Scope s, TransformerStyle style, Place place)
    {
        x += Both("attns", "attn", style.Attention);
        return x + Both("ffns", "mlp", style.Mlp);

        Value Both(string name, string layer, TokenBlock<TransformerStyle> part) =>
            Branch(s[name][0], layer, part) + Branch(s[name][1], layer, part);

        Value Branch(Scope t, string layer, TokenBlock<TransformerStyle> part) =>
            x.Change((t["norm"], t["ls"]), y => part(y, t[layer], style, place), style, place);
    }

    /// <summary>Tokens and what a layer makes of them, normed before, scaled and sometimes dropped after.</summary>
    public static Value Residual(this Value x, (Scope Norm, Scope Scale) s, Func<Value, Value> layer,
        TransformerStyle style, Place place) =>
        x + x.Change(s, layer, style, place);

    static Value Change(this Value x, (Scope Norm, Scope Scale) s, Func<Value, Value> layer, TransformerStyle style,
        Place place) =>
        layer(style.Norm(x, s.Norm)).LayerScale(s.Scale, style.LayerScale).DropPath(place.DropPath);

    /// <summary>Self-attention of all tokens, with a bias of queries, keys and values.</summary>
    public static Value BiasedAttention(Value x, Scope s, TransformerStyle style, Place place) =>
        Out(x.Qkv(s, style.Heads).Attend(dropout: place.AttnDrop).MergeHeads(), s, place);

    /// <summary>Without a bias of queries, keys and values.</summary>
    public static Value PlainQkvAttention(Value x, Scope s, TransformerStyle style, Place place) =>
        Out(x.Qkv(s, style.Heads, QkvBias.None).Attend(dropout: place.AttnDrop).MergeHeads(), s, place);

    /// <summary>Self-attention without any bias, of the projection either.</summary>
    public static Value UnbiasedAttention(Value x, Scope s, TransformerStyle style, Place place)
    {
        var y = x.Qkv(s, style.Heads, QkvBias.None).Attend(dropout: place.AttnDrop).MergeHeads();
        return y.Linear(s["proj"], x.Features, bias: false).Dropout(place.ProjDrop);
    }

    /// <summary>A norm before each last layer (arXiv:2210.06423).</summary>
    public static Value SubNormedAttention(Value x, Scope s, TransformerStyle style, Place place) =>
        Out(style.Norm(x.Qkv(s, style.Heads).Attend(dropout: place.AttnDrop).MergeHeads(), s["norm"]), s, place);

    /// <summary>
    /// The difference of two softmax maps (arXiv:2410.05258), whose weight depends on the block's number.
    /// </summary>
    public static Value DifferentialAttention(Value x, Scope s, TransformerStyle style, Place place) =>
        Out(x.Qkv(s, style.Heads).AttendDifferential(s, s.Late("sub_norm"), place.Number, place.AttnDrop).MergeHeads(),
            s, place);

    static Value Out(Value x, Scope s, Place place) => x.Linear(s["proj"], x.Features).Dropout(place.ProjDrop);

    /// <summary>Two layers: <c>fc1</c>, the activation, <c>fc2</c>.</summary>
    public static Value PlainMlp(Value x, Scope s, TransformerStyle style, Place place) =>
        x.Mlp(s, style.Hidden, style.Act, place.ProjDrop);

    /// <summary>The same with a norm before the last layer (arXiv:2210.06423).</summary>
    public static Value SubNormedMlp(Value x, Scope s, TransformerStyle style, Place place) =>
        x.Mlp(s, style.Hidden, style.Act, place.ProjDrop, style.Norm);

    /// <summary>The first half of layer <c>fc1</c> gates the second (arXiv:2002.05202).</summary>
    public static Value GatedMlp(Value x, Scope s, TransformerStyle style, Place place) =>
        x.GatedMlp(s, style.Hidden, style.Act, place.ProjDrop);

    /// <summary>Layer <c>fc1_g</c> gates layer <c>fc1_x</c> (arXiv:2002.05202); no biases.</summary>
    public static Value UnbiasedGatedMlp(Value x, Scope s, TransformerStyle style, Place place) =>
        x.SplitGatedMlp(s, style.Hidden, style.Act, place.ProjDrop, bias: false);
}
