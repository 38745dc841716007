using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// Global context ViT (arXiv:2206.09959): attention within windows, and in every other block by queries that are the
/// same for all windows, made of the whole map. timm/models/gcvit.py.
/// </summary>
public static class GcVit
{
    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(params int[] Depths)
    {
        /// <summary>Channels of the first stage; each stage doubles them.</summary>
        public int Dim { get; init; } = 64;

        /// <summary>Width of an MLP between its layers over a token's.</summary>
        public int MlpRatio { get; init; } = 3;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }
    }

    /// <summary>timm's variants of the module <c>gcvit</c>.</summary>
    public static readonly Family<Config> Family = new("gcvit", Build, Facts)
    {
        { "gcvit_xxtiny", new(2, 2, 6, 2) },
        { "gcvit_xtiny",  new(3, 4, 6, 5) },
        { "gcvit_tiny",   new(3, 4, 19, 5) },
        { "gcvit_small",  new(3, 4, 19, 5) { Dim = 96, MlpRatio = 2, LayerScale = 1e-5 } },
        { "gcvit_base",   new(3, 4, 19, 5) { Dim = 128, MlpRatio = 2, LayerScale = 1e-5 } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, 32);
        var x = image.Conv(s["stem"]["conv1"], c.Dim, k: 3, stride: 2);
        x = Downsample(x, s["stem"]["down"], c.Dim);
        Value? query = null;
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, dim) = (s["stages"][b.Stage], c.Dim << b.Stage);
            var ratio = b.Stage == 2 ? 16 : 32;
            var window = (H: image.Height / ratio, W: image.Width / ratio);
            if (b.IsFirst)
            {
                x = b.Stage == 0 ? x : Downsample(x, stage["downsample"], dim);
                query = GlobalQuery(x, stage["global_block"]["blocks"], window);
                x = x.ChannelsLast();
            }
            var style = new TransformerStyle(dim / 32, c.MlpRatio * dim)
            {
                Attention = Windowed(window, b.Index % 2 == 1 ? query : null),
                LayerScale = c.LayerScale,
            };
            x = TransformerBlocks.PreNorm(x, stage["blocks"][b.Index], style, b);
            if (b is { IsLast: true })
                x = net.Tap($"stages.{b.Stage}",
                    (b.Stage == 3 ? x.LayerNorm(stage["norm"]) : x).ChannelsFirst());
        }
        return net.Head(x, new(s["head"]["fc"]));
    }

    static Value Downsample(Value x, Scope s, int channels) => MbConv(x.LayerNorm2d(s["norm1"]), s["conv_block"])
        .Conv(s["reduction"], channels, k: 3, stride: 2, bias: false).LayerNorm2d(s["norm2"]);

    static Value MbConv(Value x, Scope s)
    {
        var y = x.DepthwiseConv(s["conv_dw"], k: 3, bias: false).Gelu();
        var squeezed = y.GlobalAveragePool()
            .Conv(s["se"]["fc1"], MakeDivisible(y.Channels / 4.0, roundLimit: 0), k: 1, bias: false).Gelu();
        y *= squeezed.Conv(s["se"]["fc2"], y.Channels, k: 1, bias: false).Sigmoid();
        return y.Conv(s["conv_pw"], x.Channels, k: 1, bias: false) + x;
    }

    /// <summary>The map brought to the size of a window by convolutions and pools: tokens [N, h * w, C].</summary>
    static Value GlobalQuery(Value x, Scope s, (int H, int W) window)
    {
        var levels = (int)Math.Log2((double)Math.Min(x.Height, x.Width) / Math.Min(window.H, window.W));
        for (var i = 1; i <= Math.Max(1, levels); i++)
        {
            x = MbConv(x, s[$"conv{i}"]);
            x = i <= levels ? x.MaxPool(k: 3, stride: 2) : x;
        }
        return x.ToTokens();
    }

    static TokenBlock<TransformerStyle> Windowed((int H, int W) window, Value? query) => (x, s, style, place) =>
    {
        var table = s["rel_pos"].Param("relative_position_bias_table", Init.TruncNormal(),
            RelativePosition.Count(window), style.Heads).NoDecay();
        s = s.Ordered("rel_pos", "qkv", "proj");
        var tokens = x.Windows(window);
        var qkv = query is null ? tokens.Qkv(s, style.Heads) : WithQuery(tokens, s, query, x, style.Heads);
        return qkv.Attend(RelativePosition.Bias(table, window), place.AttnDrop).MergeHeads()
            .Linear(s["proj"], x.Features).Dropout(place.ProjDrop).Unwindowed(x, window);
    };

    /// <summary>Keys and values of windows, and the query of their image for each of them.</summary>
    static Qkv WithQuery(Value tokens, Scope s, Value query, Value map, int heads)
    {
        var dim = tokens.Features;
        var kv = tokens.Linear(s["qkv"], 2 * dim).Split([dim, dim], -1);
        var (length, windows) = (query.Shape[1], (int)(map.Height * map.Width / query.Shape[1].Size));
        var q = query.Reshape(query.Shape[0], 1, length, dim).Tile(1, windows, 1, 1)
            .Reshape(tokens.Shape[0], length, dim);
        return Qkv.Of(q, kv[0], kv[1], heads);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)", null)))
    {
        Layers = new() { LayerNormEps = 1e-5 },
    };
}
