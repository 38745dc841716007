namespace OnnxTimm.Models;

/// <summary>
/// EdgeNeXt (arXiv:2206.10589): a ConvNeXt for small devices, whose stages end in blocks that split their channels over
/// growing windows and attend between channels. timm/models/edgenext.py.
/// </summary>
public static class EdgeNeXt
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims)
    {
        /// <summary>Heads of the attention over channels.</summary>
        public int Heads { get; init; } = 8;

        /// <summary>Window of the stem, whose stride is 4.</summary>
        public Window Stem { get; init; } = new(4, Stride: 4) { Pad = Pad.Valid };

        /// <summary>What halves the map between stages; where nothing does, their first block is strided.</summary>
        public ConvBlock<Config> Down { get; init; } = NormDown;

        /// <summary>Whether convolutions have a bias.</summary>
        public bool Bias { get; init; } = true;
    }

    /// <summary>timm's variants of the module <c>edgenext</c>.</summary>
    public static readonly Family<Config> Family = new("edgenext", Build, Facts)
    {
        { "edgenext_xx_small", new([2, 2, 6, 2], [24, 48, 88, 168]) { Heads = 4 } },
        { "edgenext_x_small",  new([3, 3, 9, 3], [32, 64, 100, 192]) { Heads = 4 } },
        { "edgenext_small",    new([3, 3, 9, 3], [48, 96, 160, 304]) },
        { "edgenext_base",     new([3, 3, 9, 3], [80, 160, 288, 584]) },
        { "edgenext_small_rw", new([3, 3, 9, 3], [48, 96, 192, 384]) {
            Stem = new(9, Stride: 4) { Pad = 4 }, Down = (x, _, _, _, _) => x, Bias = false } },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["stem"][0], c.Dims[0], c.Stem, c.Bias).LayerNorm2d(s["stem"][1]);
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, dim) = (s["stages"][b.Stage], c.Dims[b.Stage]);
            if (b is { IsFirst: true, Stage: > 0 })
                x = c.Down(x, stage["downsample"], dim, c, b);
            x = b is { IsLast: true, Stage: > 0 } ? SplitBlock(x, stage["blocks"][b.Index], c, b)
                : ConvBlock(x, stage["blocks"][b.Index], dim, c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["fc"]) { Norm = y => y.LayerNorm(s["head"]["norm"]) });
    }

    static Value NormDown(Value x, Scope s, int channels, Config c, Place place) =>
        x.LayerNorm2d(s[0]).Conv(s[1], channels, k: 2, stride: 2, Pad.Valid, bias: c.Bias);

    /// <summary>ConvNeXt's; where it changes the map, its shortcut begins after the window.</summary>
    static Value ConvBlock(Value x, Scope s, int channels, Config c, Place place)
    {
        var changes = x.Channels != channels;
        var w = new Window(3 + 2 * place.Stage, changes ? 2 : 1, Groups: x.Channels);
        var y = x.Conv(s["conv_dw"], channels, w, c.Bias);
        return (changes ? y : x) + Mlp(y.ChannelsLast(), s, channels).DropPath(place.DropPath);
    }

    /// <summary>An MLP of a map [N, H, W, C] as [N, C, H, W].</summary>
    static Value Mlp(Value x, Scope s, int channels)
    {
        var y = x.LayerNorm(s["norm"]).Mlp(s["mlp"], 4 * channels, Activations.Gelu);
        return y.LayerScale(s, 1e-6).ChannelsFirst();
    }

    /// <summary>Windows that grow from part to part of the channels, then attention between all channels.</summary>
    static Value SplitBlock(Value x, Scope s, Config c, Place place)
    {
        var dim = x.Channels;
        var y = Split(x, s["convs"], Parts[place.Stage], c).ToTokens();
        if (place.Stage == 1)
            y += x.Graph.FourierPositions(s["pos_embd"], (x.Height, x.Width), dim);
        var attended = y.LayerNorm(s["norm_xca"]).CrossCovarianceAttention(s["xca"], c.Heads, place);
        y += (attended * s.Param("gamma_xca", Init.Fill(1e-6f), dim)).DropPath(place.DropPath);
        var map = y.Reshape(x.Shape[0], x.Height, x.Width, dim).As(Layout.ChannelsLast);
        return x + Mlp(map, s, dim).DropPath(place.DropPath);
    }

    /// <summary>Parts of the channels in each stage.</summary>
    static int[] Parts => [2, 2, 3, 4];

    /// <summary>Each part sees what the parts before it saw, through one more window; the last stays.</summary>
    static Value Split(Value x, Scope s, int count, Config c)
    {
        long width = (x.Channels + count - 1) / count;
        long[] sizes = [.. Enumerable.Repeat(width, count - 1), x.Channels - width * (count - 1)];
        var parts = x.Split(sizes, axis: 1);
        for (var i = 0; i < count - 1; i++)
            parts[i] = (i == 0 ? parts[i] : parts[i - 1] + parts[i]).DepthwiseConv(s[i], k: 3, bias: c.Bias);
        return parts.Concat(1);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^norm_pre", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.TruncNormalTf(0.02),
            ConvBias = Init.Zeros,
            Linear = Init.TruncNormalTf(0.02),
            LinearBias = Init.Zeros,
        },
    };
}
