using static OnnxTimm.Models.TransformerBlocks;

namespace OnnxTimm.Models;

/// <summary>
/// VOLO (arXiv:2106.13112): outlookers, in which a pixel alone says how the pixels around it mix, then a vision
/// transformer, then two blocks in which the class token attends; patches have a classifier too. timm/models/volo.py.
/// </summary>
public static class Volo
{
    /// <summary>Side of the windows that an outlooker mixes, which begin two pixels apart.</summary>
    const int Side = 3;

    /// <summary>Pixels of the image along a token that has a position.</summary>
    const int Reduction = 16;

    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dim">Width of a token in the first stage; the others have twice that.</param>
    /// <param name="Heads">Attention heads of the first stage, and of the others.</param>
    public sealed record Config(int[] Depths, int Dim, (int First, int Later) Heads)
    {
        /// <summary>Channels of the stem.</summary>
        public int Stem { get; init; } = 64;

        /// <summary>Hidden width of the MLPs over a token's.</summary>
        public int MlpRatio { get; init; } = 3;
    }

    /// <summary>timm's variants of the module <c>volo</c>.</summary>
    public static readonly Family<Config> Family = new("volo", Build, Facts)
    {
        { "volo_d1_224 volo_d1_384", new([4, 4, 8, 2], 192, (6, 12)) },
        { "volo_d2_224 volo_d2_384", new([6, 4, 10, 4], 256, (8, 16)) },
        { "volo_d3_224 volo_d3_448", new([8, 8, 16, 4], 256, (8, 16)) },
        { "volo_d4_224 volo_d4_448", new([8, 8, 16, 4], 384, (12, 16)) },
        { "volo_d5_224 volo_d5_448 volo_d5_512", new([12, 12, 20, 4], 384, (12, 16)) { Stem = 128, MlpRatio = 4 } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        s = s.Ordered("patch_embed", "network", "post_network", "aux_head", "norm", "head");
        var x = Embed(image, s["patch_embed"], c).ChannelsLast();
        var grid = (H: 0, W: 0);
        foreach (var b in net.Blocks(c.Depths, AfterOutlookers))
        {
            if (b is { IsFirst: true, Stage: 1 })
                (x, grid) = (Tokens(x, s, c, net), (x.Height / 2, x.Width / 2));
            // The convolution after the first stage has a number of its own.
            var number = b.Stage == 0 ? 0 : b.Stage + 1;
            var style = StyleOf(c, b.Stage);
            x = PreNorm(x, s["network"][number][b.Index], style, b with { ProjDrop = 0 });
            if (b.IsLast)
                net.Tap($"network.{number}", x,
                    y => y.Shape.Rank == 4 ? y.ChannelsFirst() : y.ToMap(grid.H, grid.W));
        }
        return Heads(WithClass(x, s, c, net).LayerNorm(s["norm"]), s, net);
    }

    static double AfterOutlookers(double rate, Place place) =>
        place.Stage == 0 ? 0 : DropPathRule.Linear(rate, place);

    static TransformerStyle StyleOf(Config c, int stage) => stage == 0
        ? new(c.Heads.First, c.MlpRatio * c.Dim) { Attention = Outlook }
        : new(c.Heads.Later, c.MlpRatio * 2 * c.Dim) { Attention = PlainQkvAttention };

    static Value Embed(Value x, Scope s, Config c)
    {
        var (conv, style) = (s["conv"], new ConvStyle(Ops.Relu));
        x = x.ConvNormAct((conv[0], conv[1]), c.Stem, new(7, Stride: 2) { Pad = 3 }, style)
            .ConvNormAct((conv[3], conv[4]), c.Stem, new(3), style)
            .ConvNormAct((conv[6], conv[7]), c.Stem, new(3), style);
        return x.Conv(s["proj"], c.Dim, k: 4, stride: 4, Pad.Valid);
    }

    /// <summary>The map, halved, as tokens with their positions.</summary>
    static Value Tokens(Value x, Scope s, Config c, Net net)
    {
        var map = x.ChannelsFirst().Conv(s["network"][1]["proj"], 2 * c.Dim, k: 2, stride: 2, Pad.Valid);
        var image = map.Graph.Inputs[0];
        // Its first convolution alone rounds up.
        if ((image.Height / Reduction, image.Width / Reduction) != (map.Height, map.Width))
            throw net.Refused(image, $"images whose sides are not one short of a multiple of {Reduction}");
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, map.Height, map.Width, map.Channels);
        positions = net.Sized(positions, new Fit.Grid(map.Height, map.Width));
        var tokens = map.ToTokens() + positions.Reshape(1, map.Height * map.Width, map.Channels);
        return tokens.Dropout(net.Options.PosDropRate);
    }

    /// <summary>
    /// Over a map [N, H, W, C]: the mean of 2 x 2 pixels says, for each pixel of the window around it, how all of the
    /// window's values mix there; where windows overlap, they are summed.
    /// </summary>
    static Value Outlook(Value x, Scope s, TransformerStyle style, Place place)
    {
        var (n, heads, dim) = (x.Shape[0], style.Heads, x.Features);
        var (height, width) = (x.Height, x.Width);
        var v = x.Linear(s["v"], dim, bias: false).ChannelsFirst().Pad([0, 0, 1, 1, 0, 0, 1, 1])
            .Unfold((Side, Side), (2, 2));
        var (rows, columns) = ((int)v.Shape[2].Size, (int)v.Shape[4].Size);
        v = v.Reshape(n * heads, dim / heads, rows, Side, columns, Side).Transpose(0, 2, 4, 3, 5, 1)
            .Reshape(n, heads, rows * columns, Side * Side, dim / heads);
        var mean = x.ChannelsFirst().AvgPool(k: 2, stride: 2, Pad.Valid, ceil: true, countPads: false).ChannelsLast();
        var weights = mean.Linear(s["attn"], Side * Side * Side * Side * heads)
            .Reshape(n, rows * columns, heads, Side * Side, Side * Side).Transpose(0, 2, 1, 3, 4);
        weights = (weights * (1 / Math.Sqrt(dim / heads))).Softmax().Dropout(place.AttnDrop);
        var y = weights.MatMul(v).Reshape(n * heads, rows, columns, Side, Side, dim / heads)
            .Transpose(0, 5, 1, 3, 2, 4).Reshape(n, dim, rows, Side, columns, Side)
            .Fold((height, width), (2, 2), pad: 1);
        return y.ChannelsLast().Linear(s["proj"], dim).Dropout(place.ProjDrop);
    }

    /// <summary>The class token before the others, after it has looked at them twice.</summary>
    static Value WithClass(Value x, Scope s, Config c, Net net)
    {
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, x.Features).RepeatFor(x);
        var place = new Place { AttnDrop = net.Options.AttnDropRate };
        for (var i = 0; i < 2; i++)
            token = ClassBlock(token, x, s["post_network"][i], StyleOf(c, 1), place);
        return new[] { token, x }.Concat(1);
    }

    static Value ClassBlock(Value token, Value patches, Scope s, TransformerStyle style, Place place)
    {
        var (all, t, dim) = (new[] { token, patches }.Concat(1).LayerNorm(s["norm1"]), s["attn"], token.Features);
        var kv = all.Linear(t["kv"], 2 * dim, bias: false).Split([dim, dim], -1);
        var q = all.Slice(1, 0, 1).Linear(t["q"], dim, bias: false);
        token += Qkv.Of(q, kv[0], kv[1], style.Heads).Attend(dropout: place.AttnDrop).MergeHeads()
            .Linear(t["proj"], dim);
        return token + style.Mlp(token.LayerNorm(s["norm2"]), s["mlp"], style, place);
    }

    /// <summary>
    /// The logits of the class and half the largest of the patches, of each class by itself: the mean of twice the
    /// first and the second.
    /// </summary>
    static Value Heads(Value x, Scope s, Net net)
    {
        net.Unpooled(x);
        var pooled = GlobalPool.Of(x, net.Options.GlobalPool ?? "token", among: ["avg", "token"]);
        var logits = net.Heads([
            (new(s["head"]) { Classifier = (y, t, n, drop) => Head.Linear(y, t, n, drop) * 2 }, pooled),
            (new(s["aux_head"]) { Classifier = Largest }, x.SkipTokens(1))], join: read => read[0]);
        if (net.NumClasses > 0 || pooled.Shape.Rank > 2)
            return logits;
        // Without classes both hand on what they read, and are added as ever.
        return logits + x.SkipTokens(1).ReduceMax([1], keepDims: false) * 0.5;
    }

    static Value Largest(Value tokens, Scope s, int classes, double drop) =>
        Head.Linear(tokens, s, classes, drop).ReduceMax([1], keepDims: false);

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed",
        (@"^network\.(\d+)\.(\d+)", null), (@"^network\.(\d+)", [0]), (@"^post_network\.0", [5]),
        (@"^post_network\.1", [6]), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
        NoDecay = ["cls_token", "pos_embed"],
        Taps = [-3, -2, -1],
    };
}
