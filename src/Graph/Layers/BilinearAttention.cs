namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Bilinear attentional transforms (Chi et al., CVPR 2020): rows and columns of a map, in so many parts, are mixed
    /// by matrices that the map itself decides. timm's layer "bat".
    /// </summary>
    /// <param name="x">The map, whose sides are multiples of <paramref name="block"/>.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="block">Number of parts.</param>
    public static Value BilinearAttention(this Value x, Scope s, int block)
    {
        var style = new ConvStyle(Ops.Relu);
        var y = x.ConvNormAct(s["conv1"], MakeDivisible(x.Channels / 4.0), new(1), style);
        y = y.MixParts(s["ba"], block, style).ConvNormAct(s["conv2"], x.Channels, new(1), style);
        var maps = y.Reshape(x.Shape[0] * x.Channels, x.Height, x.Width).DropPath(0.2);
        return maps.Reshape(x.Shape) + x;
    }

    static Value MixParts(this Value x, Scope s, int block, ConvStyle style)
    {
        const int groups = 2;
        var (n, inner, h, w) = (x.Shape[0], x.Channels / groups, x.Height / block, x.Width / block);
        var y = x.ConvNormAct(s["conv1"], groups, new(1), style);
        var rows = y.Largest(h, x.Width).Matrices(s["conv_p"], groups, new(block) { Width = 1, Pad = Pad.Valid });
        var columns = y.Largest(x.Height, w).Matrices(s["conv_q"], groups, new(1) { Width = block, Pad = Pad.Valid });
        rows = rows / rows.ReduceSum([3]);
        columns = columns / columns.ReduceSum([2]);
        var mixed = rows.Reshape(n, groups, 1, block, block)
            .MatMul(x.Reshape(n, groups, inner, block, h * x.Width))
            .Reshape(n, groups, inner * x.Height, block, w);
        mixed = columns.Transpose(0, 1, 3, 2).Reshape(n, groups, 1, block, block).MatMul(mixed);
        return mixed.Reshape(x.Shape).As(Layout.ChannelsFirst).ConvNormAct(s["conv2"], x.Channels, new(1), style);
    }

    /// <summary>A matrix [block, block] for each group, between 0 and 1.</summary>
    static Value Matrices(this Value parts, Scope s, int groups, Window all)
    {
        var block = all.K * all.Width;
        return parts.Conv(s, block * block * groups, all).Reshape(parts.Shape[0], groups, block, block).Sigmoid();
    }

    static Value Largest(this Value x, int height, int width) =>
        x.MaxPool([height, width], [height, width], [0, 0, 0, 0]);
}
