namespace OnnxTimm.Models;

/// <summary>What the cells that a search has found (arXiv:1707.07012, 1712.00559) are made of; all pad like TensorFlow.
/// </summary>
public static class SearchedCells
{
    /// <summary>An activation, a 1x1 convolution (<c>conv</c>) and its norm (<c>bn</c>).</summary>
    public static Value ActConvNorm(this Value x, Scope s, int channels, int stride = 1) =>
        x.Relu().Conv(s["conv"], channels, k: 1, stride, Pad.Valid, bias: false).BatchNorm(s["bn"]);

    /// <summary>Twice an activation, a separable convolution and its norm; the first time with the stride.</summary>
    public static Value Separable(this Value x, Scope s, int channels, int k, int stride = 1)
    {
        x = SeparableConv(x.Relu(), s["separable_1"], channels, k, stride).BatchNorm(s["bn_sep_1"]);
        return SeparableConv(x.Relu(), s["separable_2"], channels, k, stride: 1).BatchNorm(s["bn_sep_2"]);
    }

    static Value SeparableConv(Value x, Scope s, int channels, int k, int stride) => x
        .DepthwiseConv(s["depthwise_conv2d"], k, stride, Pad.Same, bias: false)
        .Conv(s["pointwise_conv2d"], channels, k: 1, bias: false);

    /// <summary>
    /// A map of half the size, half of whose channels see the pixels of even rows and columns, the other half those of
    /// odd ones: <c>path_1</c>, <c>path_2</c>, <c>final_path_bn</c>.
    /// </summary>
    public static Value FactorizedReduction(this Value x, Scope s, int channels)
    {
        x = x.Relu();
        var (height, width) = (x.Height + x.Height % 2, x.Width + x.Width % 2);
        var odd = x.Pad([0, 0, 0, 0, 0, 0, height - x.Height, width - x.Width]).Slice([2, 3], [1, 1], [height, width]);
        return new[] { EachSecond(x, s["path_1"], channels / 2), EachSecond(odd, s["path_2"], channels / 2) }
            .Concat(1).BatchNorm(s["final_path_bn"]);
    }

    static Value EachSecond(Value x, Scope s, int channels) =>
        x.Conv(s["conv"], channels, k: 1, stride: 2, Pad.Valid, bias: false);

    /// <summary>The largest of 3x3 pixels.</summary>
    public static Value Largest(this Value x, int stride) => x.MaxPool(k: 3, stride, Pad.Same);

    /// <summary>The mean of 3x3 pixels, at a border of those that are there.</summary>
    public static Value MeanAround(this Value x) => x.AvgPool(k: 3, stride: 1, countPads: false);

    /// <summary>The mean of 3x3 pixels of every second row and column, where missing ones count as 0.</summary>
    public static Value HalvingMean(this Value x) => x.AvgPool(k: 3, stride: 2, Pad.Same);
}
