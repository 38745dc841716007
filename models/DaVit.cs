namespace OnnxTimm.Models;

/// <summary>
/// DaViT, dual attention (arXiv:2204.03645): blocks attend within windows and between channels in turns. The fl
/// variants are Florence-2's (2311.06242). timm/models/davit.py.
/// </summary>
public static class DaVit
{
    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Depths">Pairs of blocks of each stage.</param>
    public sealed record Config(int Dim, params int[] Depths)
    {
        /// <summary>Side of the windows that attention is confined to, in pixels of a map.</summary>
        public int Window { get; init; } = 7;

        /// <summary>Window of the convolution that halves a map.</summary>
        public Window Down { get; init; } = new(2, Stride: 2) { Pad = Pad.Valid };

        /// <summary>Names of the two blocks of a pair.</summary>
        public string[] Names { get; init; } = ["0", "1"];

        /// <summary>The attention of channels over tokens [N, L, D], in turns with that of windows.</summary>
        public TokenBlock<TransformerStyle> ChannelAttention { get; init; } = KeysToValues;
    }

    /// <summary>timm's variants of the module <c>davit</c>.</summary>
    public static readonly Family<Config> Family = new("davit", Build, Facts)
    {
        { "davit_tiny",    new(96, 1, 1, 3, 1) },
        { "davit_small",   new(96, 1, 1, 9, 1) },
        { "davit_base",    new(128, 1, 1, 9, 1) },
        { "davit_large",   new(192, 1, 1, 9, 1) },
        { "davit_huge",    new(256, 1, 1, 9, 1) },
        { "davit_giant",   new(384, 1, 1, 12, 3) },
        { "davit_base_fl", Florence(128) },
        { "davit_huge_fl", Florence(256) },
    };

    static Config Florence(int dim) => new(dim, 1, 1, 9, 1)
    {
        Window = 12,
        Down = new(3, Stride: 2),
        Names = ["spatial_block", "channel_block"],
        ChannelAttention = QueriesToKeys,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = PadTo(x, 4).Conv(s["stem"]["conv"], c.Dim, k: 7, stride: 4, 3).LayerNorm2d(s["stem"]["norm"]);
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, dim) = (s["stages"][b.Stage], c.Dim << b.Stage);
            if (b is { IsFirst: true, Stage: > 0 })
                x = Downsample(x, stage["downsample"], dim, c);
            var pair = stage["blocks"][b.Index];
            var style = new TransformerStyle(dim / 32, 4 * dim);
            x = Block(x, pair[c.Names[0]], style with { Attention = Windowed((x.Height, x.Width), c.Window) }, b);
            x = Block(x, pair[c.Names[1]], style with { Attention = c.ChannelAttention }, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["fc"]) { Norm = y => y.LayerNorm(s["head"]["norm"]) });
    }

    /// <summary>Zeros right and below, so that patches fit.</summary>
    static Value PadTo(Value x, int multiple) => (-x.Height % multiple, -x.Width % multiple) == (0, 0) ? x
        : x.Pad([0, 0, 0, 0, 0, 0, (multiple - x.Height % multiple) % multiple,
            (multiple - x.Width % multiple) % multiple]);

    static Value Downsample(Value x, Scope s, int dim, Config c)
    {
        var y = x.LayerNorm2d(s["norm"]);
        return (c.Down.K % 2 == 0 ? PadTo(y, c.Down.K) : y).Conv(s["conv"], dim, c.Down);
    }

    /// <summary>A transformer block over a map, with positions by what lies around before each of its halves.</summary>
    static Value Block(Value x, Scope s, TransformerStyle style, Place place)
    {
        var tokens = Positioned(x, s["cpe1"]).ToTokens().Residual((s["norm1"], s["ls1"]),
            y => style.Attention(y, s["attn"], style, place), style, place);
        tokens = Positioned(tokens.ToMap(x.Height, x.Width), s["cpe2"]).ToTokens().Residual((s["norm2"], s["ls2"]),
            y => style.Mlp(y, s["mlp"], style, place with { ProjDrop = 0 }), style, place);
        return tokens.ToMap(x.Height, x.Width);
    }

    static Value Positioned(Value x, Scope s) => x + x.DepthwiseConv(s["proj"], k: 3);

    static TokenBlock<TransformerStyle> Windowed((int H, int W) grid, int side) => (x, s, style, place) =>
    {
        var map = x.ToMap(grid.H, grid.W).ChannelsLast().PadToWindows((side, side));
        var y = map.Windows((side, side)).Qkv(s, style.Heads).Attend().MergeHeads().Linear(s["proj"], x.Features);
        return y.Unwindowed(map, (side, side)).CropTo(grid.H, grid.W).Reshape(x.Shape);
    };

    static Value KeysToValues(Value x, Scope s, TransformerStyle style, Place place)
    {
        var (q, k, v) = x.Qkv(s, style.Heads);
        return BetweenChannels(k * (1 / Math.Sqrt(k.Features)), v, q, s);
    }

    /// <summary>With a scale that grows with the number of tokens.</summary>
    static Value QueriesToKeys(Value x, Scope s, TransformerStyle style, Place place)
    {
        var (q, k, v) = x.Qkv(s, style.Heads);
        return BetweenChannels(q * (1 / Math.Sqrt(x.Shape[1].Size)), k, v, s);
    }

    /// <summary>What channels [N, heads, L, d] have in common over all tokens weighs the values' channels.</summary>
    static Value BetweenChannels(Value a, Value b, Value values, Scope s)
    {
        var weights = a.Transpose(0, 1, 3, 2).MatMul(b).Softmax();
        var y = values.MatMul(weights.Transpose(0, 1, 3, 2)).MergeHeads();
        return y.Linear(s["proj"], y.Features);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^norm_pre", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
    };
}
