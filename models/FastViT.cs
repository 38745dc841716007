using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// FastViT (arXiv:2303.14189) and the image towers of MobileCLIP (2311.17049): filters that are sums of branches, as in
/// MobileOne (2206.04040), and fold into one convolution with their shortcuts; attention where maps are small.
/// timm/models/fastvit.py.
/// </summary>
public static class FastViT
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Width">Channels of the first stage; each has twice those before it.</param>
    /// <param name="Ratio">Hidden channels of an MLP over its own.</param>
    public sealed record Config(int[] Depths, int Width, int Ratio) : ConvStyle(Activations.Gelu)
    {
        /// <summary>The first stage with attention.</summary>
        public int AttentionFrom { get; init; } = 3;

        /// <summary>The norm before attention.</summary>
        public Norm AttentionNorm { get; init; } = Layers.BatchNorm;

        /// <summary>Gates and activates what is halved before a stage.</summary>
        public Func<Value, Scope, Place, Value> Halved { get; init; } = (x, _, _) => x;

        /// <summary>A filter of the stem.</summary>
        public Func<Value, Scope, int, Window, Config, Value> Stem { get; init; } = Sum;
    }

    /// <summary>timm's variants of the module <c>fastvit</c>.</summary>
    public static readonly Family<Config> Family = new("fastvit", Build, Facts)
    {
        { "fastvit_t8",   Filters([2, 2, 4, 2], 48, 3) },
        { "fastvit_t12",  Filters([2, 2, 6, 2], 64, 3) },
        { "fastvit_s12",  Filters([2, 2, 6, 2], 64, 4) },
        { "fastvit_sa12", new([2, 2, 6, 2], 64, 4) },
        { "fastvit_sa24", new([4, 4, 12, 4], 64, 4) },
        { "fastvit_sa36", new([6, 6, 18, 6], 64, 4) },
        { "fastvit_ma36", new([6, 6, 18, 6], 76, 4) },
        { "fastvit_mci0", new([2, 6, 10, 2], 64, 3) { Halved = GatedLater } },
        { "fastvit_mci1", new([4, 12, 20, 4], 64, 3) { Halved = GatedLater } },
        { "fastvit_mci2", new([4, 12, 24, 4], 80, 3) { Halved = GatedLater } },
        { "fastvit_mci3", FiveStages([2, 12, 24, 4, 2], 96) },
        { "fastvit_mci4", FiveStages([2, 12, 24, 4, 4], 128) },
    };

    static Config Filters(int[] depths, int width, int ratio) => new(depths, width, ratio) { AttentionFrom = 4 };

    static Config FiveStages(int[] depths, int width) => new(depths, width, 4)
    {
        AttentionNorm = (x, s) => x.LayerNorm2d(s.NormEps(1e-5)),
        Halved = (x, _, _) => x.Gelu(),
        Stem = Wide,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["stem"];
        x = c.Act(c.Stem(x, stem[0], c.Width, new(3, Stride: 2), c));
        x = c.Act(c.Stem(x, stem[1], c.Width, new(3, Stride: 2, Groups: c.Width), c));
        x = c.Act(Sum(x, stem[2], c.Width, new(1), c));
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b.IsFirst)
                x = Begin(x, stage, c, b);
            x = (b.Stage < c.AttentionFrom ? MixerBlock : (ConvBlock<Config>)AttentionBlock)(
                x, stage["blocks"][b.Index], x.Channels, c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        var last = s["final_conv"];
        x = Sum(x, last, 2 * x.Channels, new(3, Groups: x.Channels), c);
        x = c.Act(x.SqueezeExcite(last.Early("se"), x.Channels / 16));
        return net.Head(x, new(s["head"]["fc"]));
    }

    /// <summary>Halves the map and, where attention follows, tells it where things are.</summary>
    static Value Begin(Value x, Scope s, Config c, Place place)
    {
        if (place.Stage > 0)
            x = Halve(x, s["downsample"]["proj"], c, place);
        return place.Stage < c.AttentionFrom ? x : x.DepthwiseConv(s["pos_emb"]["pos_enc"], k: 7) + x;
    }

    static Value Halve(Value x, Scope s, Config c, Place place)
    {
        var channels = 2 * x.Channels;
        var w = new Window(7, Stride: 2, Groups: x.Channels);
        var y = x.ConvNorm(s[0]["large_conv"], channels, w, c)
            + x.ConvNorm(s[0]["small_conv"], channels, w with { K = 3, Width = 3 }, c);
        return c.Act(Sum(c.Halved(y, s[0], place), s[1], channels, new(1), c));
    }

    /// <summary>MobileCLIP's: gates before the last two stages.</summary>
    static Value GatedLater(Value x, Scope s, Place place) =>
        (place.Stage < 2 ? x : x.SqueezeExcite(s["se"], MakeDivisible(x.Channels * 0.25, roundLimit: 0))).Gelu();

    /// <summary>
    /// MobileOne's sum without its activation: a norm of the map itself where it keeps its shape, a wide and a narrow
    /// convolution.
    /// </summary>
    static Value Sum(Value x, Scope s, int channels, Window w, Config c)
    {
        var y = Wide(x, s, channels, w, c);
        return w.K == 1 ? y
            : y + x.ConvNorm(s["conv_scale"], channels, w with { K = 1, Width = 1 }, c);
    }

    /// <summary>The same without the narrow convolution.</summary>
    static Value Wide(Value x, Scope s, int channels, Window w, Config c)
    {
        var same = channels == x.Channels && w.Stride == 1 ? x.BatchNorm(s["identity"]) : null;
        var y = x.ConvNorm(s["conv_kxk"][0], channels, w, c);
        return same is null ? y : y + same;
    }

    static Value MixerBlock(Value x, Scope s, int channels, Config c, Place place)
    {
        var mixer = s["token_mixer"];
        var same = x.BatchNorm(mixer["norm"]["identity"]);
        var around = Sum(x, mixer["mixer"], channels, new(3, Groups: channels), c);
        x += Scale(around - same, mixer["layer_scale"]);
        return x + Scale(Mlp(x, s["mlp"], c, place), s["layer_scale"]).DropPath(place.DropPath);
    }

    static Value AttentionBlock(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Attend(c.AttentionNorm(x, s["norm"]), s["token_mixer"]);
        x += Scale(y, s["layer_scale_1"]).DropPath(place.DropPath);
        return x + Scale(Mlp(x, s["mlp"], c, place), s["layer_scale_2"]).DropPath(place.DropPath);
    }

    static Value Attend(Value x, Scope s)
    {
        var attended = x.ToTokens().Qkv(s, x.Channels / 32, QkvBias.None).Attend().MergeHeads();
        return attended.Linear(s["proj"], x.Channels).ToMap(x.Height, x.Width);
    }

    static Value Mlp(Value x, Scope s, Config c, Place place)
    {
        s = s.With(d => d with { Conv = Init.TruncNormal(), ConvBias = Init.Zeros });
        var y = x.ConvNorm(s["conv"], x.Channels, new(7, Groups: x.Channels), c);
        y = c.Act(y.Conv(s["fc1"], c.Ratio * x.Channels, k: 1)).Dropout(place.ProjDrop);
        return y.Conv(s["fc2"], x.Channels, k: 1).Dropout(place.ProjDrop);
    }

    static Value Scale(Value x, Scope s) => x * s.Param("gamma", Init.Fill(1e-5f), x.Channels, 1, 1);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+).pos_emb", [0]), (@"^stages\.(\d+)\.\w+\.(\d+)", null)))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        Taps = [0, 1, 2, 3],
    };
}
