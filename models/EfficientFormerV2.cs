namespace OnnxTimm.Models;

/// <summary>
/// EfficientFormerV2 (arXiv:2212.08059): inverted residuals and, at the ends of the last two stages, attention over
/// maps whose heads talk; the last stage is entered by attention from every second pixel.
/// timm/models/efficientformer_v2.py.
/// </summary>
public static class EfficientFormerV2
{
    const int Heads = 8;

    const double LayerScale = 1e-5;

    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Attending">Blocks that attend in each of the last two stages, the last ones.</param>
    public sealed record Config(int[] Dims, int[] Depths, int Attending)
    {
        /// <summary>
        /// Blocks of each of the last two stages whose MLPs are three times as wide as the map, the others' four.
        /// </summary>
        public Range[] Narrow { get; init; } = [];

        /// <summary>Stochastic depth of the last block, for those who leave it to the network.</summary>
        public double DropPath { get; init; }
    }

    /// <summary>timm's variants of the module <c>efficientformer_v2</c>.</summary>
    public static readonly Family<Config> Family = new("efficientformer_v2", Build, Facts)
    {
        { "efficientformerv2_s0", new([32, 48, 96, 176], [2, 2, 6, 4], 2) { Narrow = [1..4, 1..3] } },
        { "efficientformerv2_s1", new([32, 48, 120, 224], [3, 3, 9, 6], 2) { Narrow = [2..6, 2..4] } },
        { "efficientformerv2_s2", new([32, 64, 144, 288], [4, 4, 12, 8], 4)
            { Narrow = [2..8, 2..6], DropPath = 0.02 } },
        { "efficientformerv2_l",  new([40, 80, 192, 384], [5, 5, 15, 10], 6)
            { Narrow = [4..11, 3..7], DropPath = 0.1 } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = Unit(image, s["stem"]["conv1"], c.Dims[0] / 2, new(3, Stride: 2)).Gelu();
        x = Unit(x, s["stem"]["conv2"], c.Dims[0], new(3, Stride: 2)).Gelu();
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Downsample(x, stage["downsample"], c.Dims[b.Stage], b);
            if (b is { IsFirst: true, Stage: 2 } && x.Height % 2 + x.Width % 2 > 0)
                throw net.Refused(image, "images whose third map can be halved");
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        x = x.BatchNorm(s["norm"]);
        net.Unpooled(x);
        Head[] heads = [new(s["head"]) { PoolBy = Pool }, new(s["head_dist"])];
        var pooled = heads[0].Read(x, net.Options.GlobalPool);
        return net.Heads([.. heads.Select(head => (head, pooled))]);
    }

    static Value Pool(Value x, string name) => GlobalPool.Of(x, name, among: ["avg"]);

    /// <summary>A convolution, here with a bias, and its norm.</summary>
    static Value Unit(Value x, Scope s, int channels, Window w) => x.Conv(s["conv"], channels, w).BatchNorm(s["bn"]);

    static Value Downsample(Value x, Scope s, int dim, Place place)
    {
        var y = Unit(x, s["conv"], dim, new(3, Stride: 2));
        return place.Stage == 3 ? AttentionFromHalf(x, s["attn"], dim) + y : y;
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var isLate = place.Stage >= 2;
        if (isLate && place.Depth - place.Index <= c.Attending)
            x += (place.Stage == 2 ? AttentionOnHalf(x, s["token_mixer"]) : Attention(x, s["token_mixer"]))
                .LayerScale2d(s["ls1"], LayerScale).DropPath(place.DropPath);
        var isNarrow = isLate && c.Narrow[place.Stage - 2] is var narrow
            && narrow.Start.Value <= place.Index && place.Index < narrow.End.Value;
        var y = Mlp(x, s["mlp"], (isNarrow ? 3 : 4) * x.Channels, place);
        return x + y.LayerScale2d(s["ls2"], LayerScale).DropPath(place.DropPath);
    }

    /// <summary>With a window for each channel in the middle.</summary>
    static Value Mlp(Value x, Scope s, int hidden, Place place)
    {
        var y = Unit(x, s["fc1"], hidden, new(1)).Gelu();
        y = Unit(y, s["mid"], hidden, new(3, Groups: hidden)).Gelu().Dropout(place.ProjDrop);
        return Unit(y, s["fc2"], x.Channels, new(1)).Dropout(place.ProjDrop);
    }

    static Value Attention(Value x, Scope s) => Unit(Mixed(x, s).Gelu(), s["proj"], x.Channels, new(1));

    /// <summary>Over a map of half the sides, which is resized before the last layer.</summary>
    static Value AttentionOnHalf(Value x, Scope s)
    {
        var half = Unit(x, s["stride_conv"], x.Channels, new(3, Stride: 2, Groups: x.Channels));
        var y = Mixed(half, s).Resample(x.Height, x.Width, Resampling.Bilinear);
        return Unit(y.Gelu(), s["proj"], x.Channels, new(1));
    }

    /// <summary>
    /// What pixels gather from all, by heads that talk, and from around them: values of 1024 channels.
    /// </summary>
    static Value Mixed(Value x, Scope s)
    {
        const int keys = 32;
        var bias = Bias(x, s, stride: 1);
        var q = Unit(x, s["q"], Heads * keys, new(1));
        var k = Unit(x, s["k"], Heads * keys, new(1));
        var v = Unit(x, s["v"], 4 * Heads * keys, new(1));
        var around = Unit(v, s["v_local"], v.Channels, new(3, Groups: v.Channels));
        var qkv = Qkv.Of(q.ToTokens(), k.ToTokens(), v.ToTokens(), Heads);
        var weights = (qkv.Scores() + bias).Conv(s["talking_head1"], Heads, k: 1).Softmax()
            .Conv(s["talking_head2"], Heads, k: 1);
        return qkv.Weigh(weights).MergeHeads().ToMap(x.Height, x.Width) + around;
    }

    /// <summary>Every second pixel, and what lies around it, attends to all.</summary>
    static Value AttentionFromHalf(Value x, Scope s, int dim)
    {
        const int keys = 16;
        var bias = Bias(x, s, stride: 2);
        var seen = x.Conv(s["q"]["local"], x.Channels, new Window(3, Stride: 2, Groups: x.Channels))
            + x.AvgPool(k: 1, stride: 2, Pad.Valid);
        var q = Unit(seen, s["q"]["proj"], Heads * keys, new(1));
        var k = Unit(x, s["k"], Heads * keys, new(1));
        var v = Unit(x, s["v"], 4 * Heads * keys, new(1));
        var around = Unit(v, s["v_local"], v.Channels, new(3, Stride: 2, Groups: v.Channels));
        var y = Qkv.Of(q.ToTokens(), k.ToTokens(), v.ToTokens(), Heads).Attend(bias).MergeHeads()
            .ToMap(q.Height, q.Width);
        return Unit((y + around).Gelu(), s["proj"], dim, new(1));
    }

    static Value Bias(Value x, Scope s, int stride) => RelativePosition.DistanceBias(
        s.Param("attention_biases", Init.Zeros, Heads, x.Height * x.Width).NoDecay(), (x.Height, x.Width), stride);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        DropPathRate = c.DropPath,
    };
}
