namespace OnnxTimm;

/// <summary>
/// How a window is padded: by a number, by half its span (the default), not at all, or as TensorFlow's SAME, whose
/// pads depend on the map's size and are computed when the graph is built.
/// </summary>
public readonly struct Pad
{
    readonly Func<long, long, long, long, (long Before, long After)>? rule;

    Pad(Func<long, long, long, long, (long, long)> rule) => this.rule = rule;

    /// <summary>Half the window's span on either side: the map keeps its size at stride 1.</summary>
    public static Pad Half => default;

    /// <summary>No padding: windows lie within the map.</summary>
    public static Pad Valid { get; } = 0;

    /// <summary>TensorFlow's rule: the last window may hang over, the odd pixel goes right and below.</summary>
    public static Pad Same { get; } = new((size, k, stride, dilation) =>
    {
        var total = Math.Max(0, ((size + stride - 1) / stride - 1) * stride + (k - 1) * dilation + 1 - size);
        return (total / 2, total - total / 2);
    });

    /// <summary>Above and to the left only: the map keeps its size at stride 1 also under an even window.</summary>
    public static Pad Before { get; } = new((_, k, _, dilation) => ((k - 1) * dilation, 0));

    /// <summary>So many pixels on every side.</summary>
    public static implicit operator Pad(int pixels) => new((_, _, _, _) => (pixels, pixels));

    /// <summary>Top, left, bottom, right for a square window over a map.</summary>
    public long[] For(Value x, int k, int stride, int dilation = 1) => For(x, (k, k), stride, dilation);

    /// <summary>Top, left, bottom, right for a window of height and width <paramref name="k"/> over a map.</summary>
    public long[] For(Value x, (int H, int W) k, int stride, int dilation = 1)
    {
        var (top, bottom) = Along(x.Height, k.H, stride, dilation);
        var (left, right) = Along(x.Width, k.W, stride, dilation);
        return [top, left, bottom, right];
    }

    (long Before, long After) Along(long size, long k, long stride, long dilation)
    {
        var half = (stride - 1 + dilation * (k - 1)) / 2;
        return rule is null ? (half, half) : rule(size, k, stride, dilation);
    }
}
