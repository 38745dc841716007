using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// MobileViT (arXiv:2110.02178): inverted residuals, and transformers over the pixels that lie alike in their patches;
/// MobileViTv2 (2206.02680) with attention that is linear in the number of pixels. timm/models/mobilevit.py.
/// </summary>
public static class MobileVit
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 2;

    /// <param name="Stem">Channels of the stem.</param>
    /// <param name="Channels">Channels of each stage.</param>
    public sealed record Config(int Stem, params int[] Channels)
    {
        /// <summary>Inverted residuals of each stage.</summary>
        public int[] Depths { get; init; } = [1, 3, 1, 1, 1];

        /// <summary>Hidden channels of an inverted residual for each that comes in.</summary>
        public int Expand { get; init; } = 4;

        /// <summary>What ends a stage that has transformers.</summary>
        public ConvBlock<Config> Transformer { get; init; } = TokenTransformer;

        /// <summary>Width of a token in each stage, where it is not half of the channels.</summary>
        public int[] Dims { get; init; } = [];

        /// <summary>Channels of a last convolution; none where null.</summary>
        public int? Last { get; init; }
    }

    /// <summary>timm's variants of the module <c>mobilevit</c>.</summary>
    public static readonly Family<Config> Family = new("mobilevit", Build, Facts)
    {
        { "mobilevit_xxs",   new(16, 16, 24, 48, 64, 80) { Expand = 2, Dims = [0, 0, 64, 80, 96], Last = 320 } },
        { "mobilevit_xs",    new(16, 32, 48, 64, 80, 96) { Dims = [0, 0, 96, 120, 144], Last = 384 } },
        { "mobilevit_s",     new(16, 32, 64, 96, 128, 160) { Dims = [0, 0, 144, 192, 240], Last = 640 } },
        { "mobilevitv2_050", V2(0.5) },
        { "mobilevitv2_075", V2(0.75) },
        { "mobilevitv2_100", V2(1) },
        { "mobilevitv2_125", V2(1.25) },
        { "mobilevitv2_150", V2(1.5) },
        { "mobilevitv2_175", V2(1.75) },
        { "mobilevitv2_200", V2(2) },
    };

    static Config V2(double width) => new((int)(32 * width), Array.ConvertAll([64, 128, 256, 384, 512],
        c => (int)(c * width)))
    {
        Depths = [1, 2, 1, 1, 1],
        Expand = 2,
        Transformer = LinearTransformer,
    };

    static ConvStyle Style => new(Activations.Silu);

    /// <summary>Transformer layers of each stage.</summary>
    static int[] Layers => [0, 0, 2, 4, 3];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.ConvNormAct(s["stem"], c.Stem, new(3, Stride: 2), Style);
        // A transformer counts as one more block of its stage.
        int[] depths = [.. c.Depths.Zip(Layers, (depth, layers) => depth + (layers > 0 ? 1 : 0))];
        foreach (var b in net.Strided(depths, reduction: 2))
        {
            var block = s["stages"][b.Stage][b.Index];
            x = b.Index < c.Depths[b.Stage] ? InvertedResidual(x, block, c.Channels[b.Stage], c, b)
                : c.Transformer(x, block, x.Channels, c, b);
            if (b is { IsLast: true, Stage: < 4 })
                net.Tap($"stages.{b.Stage}", x);
        }
        x = c.Last is { } last ? x.ConvNormAct(s["final_conv"], last, new(1), Style) : x;
        return net.Head(net.Tap("final_conv", x), new(s["head"]["fc"]));
    }

    static Value InvertedResidual(Value x, Scope s, int channels, Config c, Place place)
    {
        var hidden = MakeDivisible(x.Channels * c.Expand);
        var keeps = x.Channels == channels && place is { Stride: 1 } && place.Dilation == place.FirstDilation;
        var end = s["conv3_1x1"];
        var y = x.ConvNormAct(s["conv1_1x1"], hidden, new(1), Style);
        y = y.ConvNormAct(s["conv2_kxk"], hidden, new(3, place.Stride, place.FirstDilation, hidden), Style);
        y = y.ConvNorm((end["conv"], keeps ? end["bn"].ZeroNorm() : end["bn"]), channels, new(1), Style);
        return keeps ? y.DropPath(place.DropPath) + x : y;
    }

    /// <summary>
    /// Each of the 4 places in a patch has its tokens, one of each patch, which attend to each other; convolutions
    /// before and after bring the places together.
    /// </summary>
    static Value TokenTransformer(Value x, Scope s, int channels, Config c, Place place)
    {
        var dim = c.Dims[place.Stage];
        var y = x.ConvNormAct(s["conv_kxk"], channels, new(3, Dilation: place.Dilation), Style)
            .Conv(s["conv_1x1"], dim, k: 1, bias: false);
        var whole = ToWholePatches(y, Resampling.Bilinear);
        var (rows, columns) = (whole.Height / Patch, whole.Width / Patch);
        var tokens = whole.Reshape(x.Shape[0], dim, rows, Patch, columns, Patch).Transpose(0, 3, 5, 2, 4, 1)
            .Reshape(x.Shape[0] * (Patch * Patch), rows * columns, dim);
        var style = new TransformerStyle(4, 2 * dim) { Act = Style.Act };
        for (var i = 0; i < Layers[place.Stage]; i++)
            tokens = TransformerBlocks.PreNorm(tokens, s["transformer"][i], style, place);
        y = tokens.LayerNorm(s["norm"]).Reshape(x.Shape[0], Patch, Patch, rows, columns, dim)
            .Transpose(0, 5, 3, 1, 4, 2).Reshape(whole.Shape).As(Layout.ChannelsFirst)
            .Resample(y.Height, y.Width, Resampling.Bilinear)
            .ConvNormAct(s["conv_proj"], channels, new(1), Style);
        return new[] { x, y }.Concat(1).ConvNormAct(s["conv_fusion"], channels, new(3), Style);
    }

    static Value ToWholePatches(Value x, Resampling by) => x.Resample(
        (x.Height + Patch - 1) / Patch * Patch, (x.Width + Patch - 1) / Patch * Patch, by);

    /// <summary>The same over maps [N, C, place in a patch, patch], with an attention of one query for all.</summary>
    static Value LinearTransformer(Value x, Scope s, int channels, Config c, Place place)
    {
        var dim = MakeDivisible(0.5 * channels);
        var whole = ToWholePatches(x, Resampling.BilinearCorners);
        var (rows, columns) = (whole.Height / Patch, whole.Width / Patch);
        var y = whole.ConvNormAct(s["conv_kxk"], channels, new(3, Dilation: place.Dilation, Groups: channels), Style)
            .Conv(s["conv_1x1"], dim, k: 1, bias: false)
            .Reshape(x.Shape[0], dim, rows, Patch, columns, Patch).Transpose(0, 1, 3, 5, 2, 4)
            .Reshape(x.Shape[0], dim, Patch * Patch, rows * columns).As(Layout.ChannelsFirst);
        for (var i = 0; i < Layers[place.Stage]; i++)
            y = LinearLayer(y, s["transformer"][i], place);
        return y.GroupNorm(s["norm"], groups: 1)
            .Reshape(x.Shape[0], dim, Patch, Patch, rows, columns).Transpose(0, 1, 4, 2, 5, 3)
            .Reshape(x.Shape[0], dim, whole.Height, whole.Width).As(Layout.ChannelsFirst)
            .ConvNorm(s["conv_proj"], channels, new(1), Style);
    }

    static Value LinearLayer(Value x, Scope s, Place place)
    {
        x += LinearAttention(x.GroupNorm(s["norm1"], groups: 1), s["attn"], place).DropPath(place.DropPath);
        var hidden = Style.Act(x.GroupNorm(s["norm2"], groups: 1).Conv(s["mlp"]["fc1"], 2 * x.Channels, k: 1));
        return x + hidden.Dropout(place.ProjDrop).Conv(s["mlp"]["fc2"], x.Channels, k: 1).DropPath(place.DropPath);
    }

    /// <summary>One score a token weighs all keys into one context, which gates all values.</summary>
    static Value LinearAttention(Value x, Scope s, Place place)
    {
        var dim = x.Channels;
        var parts = x.Conv(s["qkv_proj"], 1 + 2 * dim, k: 1).Split([1, dim, dim], axis: 1);
        var context = (parts[1] * parts[0].Softmax().Dropout(place.AttnDrop)).ReduceSum([3]);
        return (parts[2].Relu() * context).Conv(s["out_proj"], dim, k: 1).Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.(\d+)", null), ("^final_conv", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.Normal(0.01),
            LinearBias = Init.Zeros,
            LayerNormEps = 1e-5,
        },
        Dilates = true,
    };
}
