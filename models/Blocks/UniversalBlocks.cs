using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// MobileNetV4's blocks (arXiv:2404.10518): the universal inverted bottleneck, whose string says before, between and
/// behind which convolutions it looks around, and attention whose heads share one key and one value.
/// timm/models/_efficientnet_blocks.py.
/// </summary>
public static class UniversalBlocks
{
    /// <summary>All types of blocks, with what the factors of the residuals begin with; none where null.</summary>
    public static IReadOnlyDictionary<string, MbBlock> Types(double? layerScale = null) =>
        new Dictionary<string, MbBlock>(MbConv.Types)
        {
            { "uir", (x, s, b, style, place) => MbConv.Residual(x,
                Inverted(x, s, b, style, place).LayerScale2d(s["layer_scale"], layerScale), b, place) },
            { "mqa", (x, s, b, style, place) => MbConv.Residual(x,
                MultiQuery(style.Norm(x, s["norm"], null), s["attn"], b, style, place)
                    .LayerScale2d(s["layer_scale"], layerScale), b, place) },
        };

    /// <summary>
    /// The universal inverted bottleneck without its shortcut. Its string's a is the window before the expansion, k the
    /// one after it, 0 for none; the later of both has the stride.
    /// </summary>
    public static Value Inverted(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var (start, middle) = (b.Start[0], b.Kernel[0]);
        var hidden = MakeDivisible(x.Channels * b.Expand);
        if (start > 0)
            x = x.ConvNorm(s["dw_start"], x.Channels, Around(x, start, middle > 0 ? 1 : b.Stride), style);
        x = x.ConvNormAct(s["pw_exp"], hidden, new(1), style);
        if (middle > 0)
            x = x.ConvNormAct(s["dw_mid"], hidden, Around(x, middle, b.Stride), style);
        return x.ConvNorm(s["pw_proj"], b.Channels, new(1), style);

        Window Around(Value y, int k, int stride) =>
            new(k, stride, place.FirstDilation, MbConv.Groups(b, y.Channels, otherwise: 1)) { Pad = style.Pad };
    }

    /// <summary>
    /// Multi-query attention (arXiv:1911.02150) over a map. Its string's h are the heads, d the width of each, v the
    /// stride of keys and values, k their window.
    /// </summary>
    static Value MultiQuery(Value x, Scope s, BlockSpec b, BlockStyle style, Place place)
    {
        var (heads, width) = (b.Own["h"], b.Own["d"]);
        s = s.With(d => d with { Conv = Init.XavierUniform });
        var q = x.Conv(s["query"]["proj"], heads * width, k: 1, bias: false).ToTokens().SplitHeads(heads);
        var qkv = new Qkv(q, Shared(s["key"]), Shared(s["value"]));
        return qkv.Attend().MergeHeads().ToMap(x.Height, x.Width)
            .Conv(s["output"]["proj"], b.Channels, k: 1, bias: false);

        Value Shared(Scope t) => Subsampled(t).Conv(t["proj"], width, k: 1, bias: false).ToTokens().Unsqueeze(1);

        Value Subsampled(Scope t) => b.Own.GetValueOrDefault("v", 1) is var stride && stride == 1 ? x : x.ConvNorm(
            (t["down_conv"], t["norm"]), x.Channels,
            new(b.Kernel[0], stride, place.FirstDilation, x.Channels) { Pad = style.Pad }, style);
    }
}
