namespace OnnxTimm.Models;

/// <summary>
/// EfficientViT of MSRA (arXiv:2305.07027): one attention between two pairs of windows and MLPs, whose heads each have
/// a part of the channels and see what the head before gave. timm/models/efficientvit_msra.py.
/// </summary>
public static class EfficientVitMsra
{
    /// <summary>Width of queries and keys of a head.</summary>
    const int QueryWidth = 16;

    /// <summary>Side of a window, in tokens.</summary>
    const int Side = 7;

    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Heads">Attention heads of each stage.</param>
    /// <param name="Kernels">Windows over the queries of each head.</param>
    public sealed record Config(int[] Dims, int[] Depths, int[] Heads, params int[] Kernels);

    /// <summary>timm's variants of the module <c>efficientvit_msra</c>.</summary>
    public static readonly Family<Config> Family = new("efficientvit_msra", Build, Facts)
    {
        { "efficientvit_m0", new([64, 128, 192], [1, 2, 3], [4, 4, 4], 5, 5, 5, 5) },
        { "efficientvit_m1", new([128, 144, 192], [1, 2, 3], [2, 3, 3], 7, 5, 3, 3) },
        { "efficientvit_m2", new([128, 192, 224], [1, 2, 3], [4, 3, 2], 7, 5, 3, 3) },
        { "efficientvit_m3", new([128, 240, 320], [1, 2, 3], [4, 3, 4], 5, 5, 5, 5) },
        { "efficientvit_m4", new([128, 256, 384], [1, 2, 3], [4, 4, 4], 7, 5, 3, 3) },
        { "efficientvit_m5", new([192, 288, 384], [1, 3, 4], [3, 3, 4], 7, 5, 3, 3) },
    };

    static ConvStyle Style => new(Ops.Relu);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        net.RequireSquare(x, multiple: 16);
        for (var i = 0; i < 4; i++)
        {
            x = x.ConvNorm(s["patch_embed"][$"conv{i + 1}"], c.Dims[0] >> (3 - i), new(3, Stride: 2), Style);
            x = i < 3 ? x.Relu() : x;
        }
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Downsample(x, stage["downsample"], c.Dims[b.Stage]);
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["linear"])
        {
            Classifier = Head.NormLinear(s["head"]["bn"]),
            PoolBy = (y, name) => GlobalPool.Of(y, name, among: ["avg"]),
        });
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        x += Around(x, s["dw0"]["m"].ZeroNorm());
        x += Mlp(x, s["ffn0"]["m"]);
        x += WindowAttention(x, s["mixer"]["m"]["attn"], c, place);
        x += Around(x, s["dw1"]["m"].ZeroNorm());
        return x + Mlp(x, s["ffn1"]["m"]);
    }

    static Value Downsample(Value x, Scope s, int channels)
    {
        x += Around(x, s["res1"][0]["m"]);
        x += Mlp(x, s["res1"][1]["m"]);
        x = Merge(x, s["patchmerge"], channels);
        x += Around(x, s["res2"][0]["m"]);
        return x + Mlp(x, s["res2"][1]["m"]);
    }

    /// <summary>A strided inverted residual with a gate.</summary>
    static Value Merge(Value x, Scope s, int channels)
    {
        var hidden = 4 * x.Channels;
        x = x.ConvNormAct(s["conv1"], hidden, new(1), Style);
        x = x.ConvNormAct(s["conv2"], hidden, new(3, Stride: 2, Groups: hidden), Style);
        return x.SqueezeExcite(s["se"], Layers.MakeDivisible(hidden / 4.0, roundLimit: 0))
            .ConvNorm(s["conv3"], channels, new(1), Style);
    }

    static Value Around(Value x, Scope s) => x.ConvNorm(s, x.Channels, new(3, Groups: x.Channels), Style);

    static Value Mlp(Value x, Scope s) => x.ConvNormAct(s["pw1"], 2 * x.Channels, new(1), Style)
        .ConvNorm(s["pw2"].ZeroNorm(), x.Channels, new(1), Style);

    /// <summary>A map that is no larger than a window attends as a whole.</summary>
    static Value WindowAttention(Value x, Scope s, Config c, Place place)
    {
        if (x.Height <= Side && x.Width <= Side)
            return Cascade(x, s, c, place);
        var map = x.ChannelsLast().PadToWindows((Side, Side));
        var y = Cascade(map.Windows((Side, Side)).ToMap(Side, Side), s, c, place);
        return y.ToTokens().Unwindowed(map, (Side, Side)).CropTo(x.Height, x.Width).ChannelsFirst();
    }

    /// <summary>Each head attends over its part of the channels and what the head before it gave.</summary>
    static Value Cascade(Value x, Scope s, Config c, Place place)
    {
        var (heads, grid) = (c.Heads[place.Stage], (x.Height, x.Width));
        s = s.Ordered("qkvs", "dws", "proj");
        long width = x.Channels / heads;
        var biases = RelativePosition.DistanceBias(
            s.Param("attention_biases", Init.Zeros, heads, x.Height * x.Width).NoDecay(), grid);
        var parts = x.Split([.. Enumerable.Repeat(width, heads)], axis: 1);
        for (var i = 0; i < heads; i++)
        {
            var seen = i == 0 ? parts[0] : parts[i - 1] + parts[i];
            var qkv = seen.ConvNorm(s["qkvs"][i], 2 * QueryWidth + (int)width, new(1), Style)
                .Split([QueryWidth, QueryWidth, width], axis: 1);
            var q = qkv[0].ConvNorm(s["dws"][i], QueryWidth, new(c.Kernels[i], Groups: QueryWidth), Style);
            parts[i] = Qkv.Of(q.ToTokens(), qkv[1].ToTokens(), qkv[2].ToTokens(), heads: 1)
                .Attend(biases.Slice(0, i, i + 1)).MergeHeads().ToMap(x.Height, x.Width);
        }
        return parts.Concat(1).Relu().ConvNorm(s["proj"][1].ZeroNorm(), x.Channels, new(1), Style);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.\w+\.(\d+)", null)));
}
