namespace OnnxTimm.Models;

/// <summary>
/// Parts of the networks that attend by heads over a smaller map at half the width (arXiv:2409.03460) and convolve by
/// fused bottlenecks. Convolutions are <c>conv</c>, norms <c>norm</c>.
/// </summary>
public static class HeadedMaps
{
    /// <summary>Heads of about 30 channels over the pixels of a map, half as wide as it: [N, C / 2, H, W].</summary>
    public static Value AttendAtHalfWidth(this Value x, Scope s)
    {
        var heads = Math.Max(1, x.Channels / 60);
        var d = x.Channels / heads / 2;
        // Each head has its queries, keys and values together.
        var parts = x.Conv(s["pwise"], 3 * heads * d, k: 1, bias: false)
            .Reshape(x.Shape[0], heads, 3 * d, x.Height * x.Width).Split([d, d, d], axis: 2);
        return new Qkv(Rows(parts[0]), Rows(parts[1]), Rows(parts[2])).Attend().Transpose(0, 1, 3, 2)
            .Reshape(x.Shape[0], heads * d, x.Height, x.Width).As(Layout.ChannelsFirst);

        static Value Rows(Value part) => part.Transpose(0, 1, 3, 2);
    }

    /// <summary>A norm over all of a map and an MLP of each pixel, numbered 0, 1, 3.</summary>
    public static Value MapMlp(this Value x, Scope s, Place place) => x.GroupNorm(s[0], groups: 1)
        .Conv(s[1], 4 * x.Channels, k: 1).Gelu().Conv(s[3], x.Channels, k: 1).Dropout(place.ProjDrop);

    /// <summary>A convolution without bias before the pool, and a normed layer behind it, each activated.</summary>
    /// <param name="classifier">Scope of the classifier.</param>
    /// <param name="conv">Scope of the convolution.</param>
    /// <param name="hidden">Scopes of the layer and its norm.</param>
    /// <param name="widths">Of the convolution and the layer.</param>
    /// <param name="among">The pools that there are.</param>
    public static Head TwoLayerHead(Scope classifier, Scope conv, (Scope Layer, Scope Norm) hidden, int[] widths,
        params string[] among) => new(classifier)
        {
            PoolBy = (x, name) => GlobalPool.Of(
                x.Conv(conv["conv"], widths[0], k: 1, bias: false).BatchNorm(conv["norm"]).HardSwish(), name,
                among: among),
            Hidden = x => OnLast(x, y => y.Linear(hidden.Layer, widths[1], bias: false).LayerNorm(hidden.Norm)
                .HardSwish()),
            Classifier = (x, s, classes, drop) => OnLast(x, y => y.Dropout(drop).Linear(s, classes)),
        };

    static Value OnLast(Value x, Func<Value, Value> layer) =>
        x.Shape.Rank == 4 ? layer(x.ChannelsLast()).ChannelsFirst() : layer(x);
}
