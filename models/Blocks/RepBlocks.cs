namespace OnnxTimm.Models;

/// <summary>
/// Blocks of parallel linear branches that are one convolution where nothing is trained: RepVGG (arXiv:2101.03697) and
/// MobileOne (2206.04040). Folding a graph merges them. timm/models/byobnet.py.
/// </summary>
public static class RepBlocks
{
    /// <summary>A 3x3 window, a pixel and, where the map stays as it is, a norm alone.</summary>
    /// <param name="groups">Groups of every second block of a stage.</param>
    public static ByobBlock Rep(int groups) => (x, s, stage, style, place) =>
    {
        s = s.With(d => d with { NormWeight = Init.Normal(0.1, mean: 0.1), BatchNormBias = Init.Normal(0.1) });
        var identity = Identity(x, s, stage.Channels, style, place);
        var w = new Window(3, place.Stride, place.FirstDilation, place.Index % 2 == 1 ? groups : 1);
        var y = x.ConvNorm(s["conv_kxk"].Dropping(place), stage.Channels, w, style)
            + x.ConvNorm(s["conv_1x1"], stage.Channels, new(1, place.Stride, 1, w.Groups), style);
        return End(y, identity, s, style, place);
    };

    /// <summary>Two in turn: a window over each channel, and a mix of channels.</summary>
    /// <param name="branches">How often each is there.</param>
    /// <param name="gated">How many of the last pairs of a stage weigh their channels.</param>
    public static ByobBlock One(int branches, int gated = 0) => (x, s, stage, style, place) =>
    {
        var pairs = place.Depth / 2;
        var gates = place.Index / 2 >= pairs - gated ? style : style with { Gate = (y, _) => y };
        return place.Index % 2 == 0
            ? Branches(x, s, x.Channels, new(3, place.Stride, 1, x.Channels), branches, gates, place)
            : Branches(x, s, stage.Channels, new(1, place.Stride), branches, gates, place);
    };

    /// <summary>MobileOne's block: so many equal convolutions, a pixel beside a window, a norm alone.</summary>
    public static Value Branches(Value x, Scope s, int channels, Window w, int branches, ByobStyle style, Place place)
    {
        var identity = Identity(x, s, channels, style, place);
        var convs = Enumerable.Range(0, branches)
            .Select(i => x.ConvNorm(s["conv_kxk"][i], channels, w, style)).ToList();
        if (w.K > 1)
            convs.Insert(0, x.ConvNorm(s["conv_scale"], channels, new(1, w.Stride, 1, w.Groups), style));
        return End(convs.Aggregate((a, b) => a + b), identity, s, style, place);
    }

    static Value? Identity(Value x, Scope s, int channels, ByobStyle style, Place place) =>
        ByobBlocks.IsSame(x, channels, place) ? style.Norm(x, s["identity"], null) : null;

    static Value End(Value y, Value? identity, Scope s, ByobStyle style, Place place) =>
        style.Act(style.Gate(identity is null ? y : y.DropPath(place.DropPath) + identity, s["attn"]));
}
