namespace OnnxTimm.Models;

/// <summary>One block of a hierarchical transformer over maps [N, H, W, C].</summary>
/// <param name="Dim">Width of what it gives.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Window">Sides of a window of keys.</param>
public sealed record HieraStyle(int Dim, int Heads, (int H, int W) Window)
{
    /// <summary>What the factors of the residuals begin with; none where null.</summary>
    public double? LayerScale { get; init; }

    /// <summary>How the layers of the MLP begin, where they do otherwise than the rest.</summary>
    public Func<Scope, Scope> Mlp { get; init; } = s => s;

    /// <summary>
    /// The shortcut of a block that halves the map, from what it reads and that normed; null where it does not.
    /// </summary>
    public Func<Value, Value, Value>? Halve { get; init; }
}

/// <summary>Blocks of Hiera (arXiv:2306.00989), which halve a map by taking the largest of four queries.</summary>
public static class HieraBlocks
{
    /// <summary>
    /// Attention within windows, then an MLP, of a map [N, H, W, C]; what it gives is half as large where it halves.
    /// </summary>
    public static Value Block(Value x, Scope s, HieraStyle style, Place place)
    {
        var normed = x.LayerNorm(s["norm1"]);
        x = style.Halve?.Invoke(x, normed) ?? x;
        var y = Attend(normed, s["attn"], style, place).CropTo(x.Height, x.Width);
        x += y.LayerScale(s["ls1"], style.LayerScale).DropPath(place.DropPath);
        y = x.LayerNorm(s["norm2"]).MlpByDepth(style.Mlp(s["mlp"]), 4 * style.Dim, place);
        return x + y.LayerScale(s["ls2"], style.LayerScale).DropPath(place.DropPath);
    }

    /// <summary>Within windows, which are filled up with zeros at the right and below.</summary>
    static Value Attend(Value x, Scope s, HieraStyle style, Place place)
    {
        var (dim, window) = (style.Dim, style.Window);
        var parts = x.PadToWindows(window).Linear(s["qkv"], 3 * dim).Split([dim, dim, dim], -1);
        var (q, inner) = style.Halve is null ? (parts[0], window) : (Largest(parts[0]), (window.H / 2, window.W / 2));
        var qkv = Qkv.Of(q.Windows(inner), parts[1].Windows(window), parts[2].Windows(window), style.Heads);
        return qkv.Attend().MergeHeads().Linear(s["proj"].ByDepth(place), dim).Unwindowed(q, inner);
    }

    /// <summary>
    /// Positions [1, C, h, w] of a square that is brought to the map's size, and of one that every window has
    /// (arXiv:2311.05613).
    /// </summary>
    public static Value Positions(Value square, Value window, Value map, Resampling by)
    {
        var (c, h, w, side) = (map.Channels, map.Height, map.Width, window.Height);
        // Turned between, both products are with a matrix on the right, which folding knows.
        var wide = square.Resample(square.Height, w, by).Transpose(0, 1, 3, 2);
        var whole = wide.Resample(w, h, by).Transpose(0, 1, 3, 2);
        return (whole.Reshape(c, h / side, side, w / side, side) + window.Reshape(c, 1, side, 1, side))
            .Reshape(1, c, h, w);
    }

    /// <summary>A classifier that begins as nothing.</summary>
    public static Scope ZeroLinear(Scope s) => s.With(d => d with { Linear = Init.Zeros, LinearBias = Init.Zeros });

    /// <summary>The largest of four pixels: a map [N, H, W, C] as [N, H / 2, W / 2, C].</summary>
    public static Value Largest(Value x) => x.ChannelsFirst().MaxPool(k: 2, stride: 2, Pad.Valid).ChannelsLast();
}
