using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// RepViT (arXiv:2307.09283): a mobile network in the order of a transformer, filters first, then layers for each
/// pixel; each filter is a sum of branches that fold into one. timm/models/repvit.py.
/// </summary>
public static class RepViT
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Width">Channels of the first stage; each has twice those before it.</param>
    public sealed record Config(int[] Depths, int Width) : ConvStyle(Activations.Gelu)
    {
        /// <summary>Looks around by a filter for each channel.</summary>
        public Func<Value, Scope, Config, Value> Mixer { get; init; } = NormedSum;
    }

    /// <summary>timm's variants of the module <c>repvit</c>.</summary>
    public static readonly Family<Config> Family = new("repvit", Build, Facts)
    {
        { "repvit_m1",   new([2, 2, 14, 2], 48) { Mixer = SumOfNormed } },
        { "repvit_m2",   new([2, 2, 12, 2], 64) { Mixer = SumOfNormed } },
        { "repvit_m3",   new([4, 4, 18, 2], 64) { Mixer = SumOfNormed } },
        { "repvit_m0_9", new([2, 2, 14, 2], 48) },
        { "repvit_m1_0", new([2, 2, 14, 2], 56) },
        { "repvit_m1_1", new([2, 2, 12, 2], 64) },
        { "repvit_m1_5", new([4, 4, 24, 4], 64) },
        { "repvit_m2_3", new([6, 6, 34, 2], 80) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["stem"];
        x = c.Act(Unit(x, stem["conv1"], c.Width / 2, new(3, Stride: 2), c));
        x = Unit(x, stem["conv2"], c.Width, new(3, Stride: 2), c);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Downsample(x, stage["downsample"], c.Width << b.Stage, c);
            x = Block(x, stage["blocks"][b.Index], c, gated: b.Index % 2 == 0);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        net.Unpooled(x);
        Head[] heads = [Classifier(s["head"]["head"]), Classifier(s["head"]["head_dist"])];
        var pooled = heads[0].Read(x, net.Options.GlobalPool);
        return net.Heads([.. heads.Select(head => (head, pooled))]);
    }

    static Head Classifier(Scope s) => new(s["l"]) { Classifier = Head.NormLinear(s["bn"]) };

    static Value Block(Value x, Scope s, Config c, bool gated)
    {
        x = c.Mixer(x, s["token_mixer"], c);
        x = gated ? x.SqueezeExcite(s["se"], MakeDivisible(x.Channels * 0.25, roundLimit: 0)) : x;
        return Mlp(x, s["channel_mixer"], c);
    }

    static Value Downsample(Value x, Scope s, int channels, Config c)
    {
        x = Block(x, s["pre_block"], c, gated: false);
        x = Unit(x, s["spatial_downsample"], x.Channels, new(3, Stride: 2, Groups: x.Channels), c);
        return Mlp(Unit(x, s["channel_downsample"], channels, new(1), c), s["ffn"], c);
    }

    static Value Mlp(Value x, Scope s, Config c)
    {
        var y = c.Act(Unit(x, s["conv1"], 2 * x.Channels, new(1), c));
        var last = s["conv2"];
        return x + y.ConvNorm((last["c"], last["bn"].ZeroNorm()), x.Channels, new(1), c);
    }

    /// <summary>The sum of a wide filter, a factor and the map itself, with one more norm over all.</summary>
    static Value NormedSum(Value x, Scope s, Config c)
    {
        var wide = Unit(x, s["conv"], x.Channels, new(3, Groups: x.Channels), c);
        return (wide + x.DepthwiseConv(s["conv1"], k: 1) + x).BatchNorm(s["bn"]);
    }

    /// <summary>The same with a norm of the factor in place of that over all.</summary>
    static Value SumOfNormed(Value x, Scope s, Config c) =>
        Unit(x, s["conv"], x.Channels, new(3, Groups: x.Channels), c)
        + Unit(x, s["conv1"], x.Channels, new(1, Groups: x.Channels), c) + x;

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        x.ConvNorm((s["c"], s["bn"]), channels, w, c);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)));
}
