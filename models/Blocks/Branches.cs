namespace OnnxTimm.Models;

/// <summary>What the convolutions of an Inception have in common.</summary>
public sealed record InceptionStyle() : ConvStyle(Ops.Relu)
{
    /// <summary>From the paper's channels of a convolution to the network's.</summary>
    public Func<int, int> Channels { get; init; } = channels => channels;
}

/// <summary>The branches of an Inception (arXiv:1409.4842, 1602.07261): convolutions in a row, flat windows.</summary>
public static class Branches
{
    /// <summary>A convolution with norm and activation.</summary>
    public static Value Unit(this Value x, Scope s, InceptionStyle style, int channels, Window w) =>
        x.ConvNormAct(s, style.Channels(channels), w, style);

    /// <summary>Several in a row, numbered from 0.</summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the row.</param>
    /// <param name="style">How they convolve.</param>
    /// <param name="units">Channels and window of each.</param>
    public static Value Chain(this Value x, Scope s, InceptionStyle style, params (int Channels, Window W)[] units) =>
        units.Index().Aggregate(x, (y, u) => y.Unit(s[u.Index], style, u.Item.Channels, u.Item.W));

    /// <summary>A flat window and a high one side by side, under a name and a, b.</summary>
    public static Value Cross(this Value x, Scope s, InceptionStyle style, int channels, string name) => new[]
    {
        x.Unit(s[$"{name}a"], style, channels, Row(3)), x.Unit(s[$"{name}b"], style, channels, Column(3)),
    }.Concat(1);

    /// <summary>A window without padding.</summary>
    public static Window Valid(int k, int stride = 1) => new(k, stride) { Pad = Pad.Valid };

    /// <summary>A flat window of one row.</summary>
    public static Window Row(int width) => new(1) { Width = width };

    /// <summary>A window of one column.</summary>
    public static Window Column(int height) => new(height) { Width = 1 };

    /// <summary>The mean of 3x3 pixels, of those that are there at a border.</summary>
    public static Value MeanOf3(this Value x) => x.AvgPool(k: 3, stride: 1, countPads: false);

    /// <summary>The largest of 3x3 pixels, which halves a map.</summary>
    public static Value LargestOf3(this Value x) => x.MaxPool(k: 3, stride: 2, Pad.Valid);
}
