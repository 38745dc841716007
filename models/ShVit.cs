namespace OnnxTimm.Models;

/// <summary>
/// SHViT (arXiv:2401.16456): patches of 16 pixels by convolutions, and attention of a single head over a part of the
/// channels. timm/models/shvit.py.
/// </summary>
public static class ShVit
{
    /// <summary>Width of queries and keys.</summary>
    const int QueryWidth = 16;

    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Attended">Channels that attend, of each stage; none do in the first.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(int[] Dims, int[] Attended, params int[] Depths);

    /// <summary>timm's variants of the module <c>shvit</c>.</summary>
    public static readonly Family<Config> Family = new("shvit", Build, Facts)
    {
        { "shvit_s1", new([128, 224, 320], [0, 48, 68], 2, 4, 5) },
        { "shvit_s2", new([128, 308, 448], [0, 66, 96], 2, 4, 5) },
        { "shvit_s3", new([192, 352, 448], [0, 75, 96], 3, 5, 5) },
        { "shvit_s4", new([224, 336, 448], [0, 72, 96], 4, 7, 6) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        for (var i = 0; i < 4; i++)
        {
            x = ConvNorm(x, s["patch_embed"][2 * i], c.Dims[0] >> (3 - i), new(3, Stride: 2));
            x = i < 3 ? x.Relu() : x;
        }
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Downsample(x, stage["downsample"], c.Dims[b.Stage]);
            x = Block(x, stage["blocks"][b.Index], c.Attended[b.Stage]);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["l"]) { Classifier = Head.NormLinear(s["head"]["bn"]) });
    }

    static Value Block(Value x, Scope s, int attended)
    {
        x += Around(x, s["conv"]["m"], isZero: true);
        if (attended > 0)
            x += Attention(x, s["mixer"]["m"], attended);
        return x + Mlp(x, s["ffn"]["m"]);
    }

    static Value Downsample(Value x, Scope s, int channels)
    {
        x += Around(x, s[0]["m"]);
        x += Mlp(x, s[1]["m"]);
        x = Merge(x, s[2], channels);
        x += Around(x, s[3]["m"]);
        return x + Mlp(x, s[4]["m"]);
    }

    /// <summary>A strided inverted residual with a gate.</summary>
    static Value Merge(Value x, Scope s, int channels)
    {
        var hidden = 4 * x.Channels;
        x = ConvNorm(x, s["conv1"], hidden, new(1)).Relu();
        x = ConvNorm(x, s["conv2"], hidden, new(3, Stride: 2, Groups: hidden)).Relu();
        return ConvNorm(x.SqueezeExcite(s["se"], Layers.MakeDivisible(hidden / 4.0, roundLimit: 0)), s["conv3"],
            channels, new(1));
    }

    static Value Around(Value x, Scope s, bool isZero = false) =>
        ConvNorm(x, s, x.Channels, new(3, Groups: x.Channels), isZero);

    static Value Mlp(Value x, Scope s) =>
        ConvNorm(ConvNorm(x, s["pw1"], 2 * x.Channels, new(1)).Relu(), s["pw2"], x.Channels, new(1), isZero: true);

    /// <summary>The first channels attend, the others join for the projection.</summary>
    static Value Attention(Value x, Scope s, int attended)
    {
        var parts = x.Split([attended, x.Channels - attended], axis: 1);
        var qkv = ConvNorm(parts[0].GroupNorm(s["pre_norm"], groups: 1), s["qkv"], 2 * QueryWidth + attended, new(1))
            .Split([QueryWidth, QueryWidth, attended], axis: 1);
        var y = Qkv.Of(qkv[0].ToTokens(), qkv[1].ToTokens(), qkv[2].ToTokens(), heads: 1).Attend().MergeHeads()
            .ToMap(x.Height, x.Width);
        return ConvNorm(new[] { y, parts[1] }.Concat(1).Relu(), s["proj"][1], x.Channels, new(1), isZero: true);
    }

    /// <summary>A convolution (<c>c</c>) and its norm (<c>bn</c>), zero at first at the end of a residual.</summary>
    static Value ConvNorm(Value x, Scope s, int channels, Window w, bool isZero = false) =>
        x.Conv(s["c"], channels, w, bias: false).BatchNorm(isZero ? s["bn"].ZeroNorm() : s["bn"]);

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)));
}
