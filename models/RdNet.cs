namespace OnnxTimm.Models;

/// <summary>
/// RDNet (arXiv:2403.19588): DenseNet's joined maps with ConvNeXt's wide windows, each stage of three blocks, and
/// transitions that halve the channels and now and then the map. timm/models/rdnet.py.
/// </summary>
public static class RdNet
{
    const int BlocksOfStage = 3;

    /// <param name="Stem">Channels of the stem.</param>
    /// <param name="Growth">Channels that each block of a stage adds.</param>
    /// <param name="Halving">Stages that begin with half the map.</param>
    public sealed record Config(int Stem, int[] Growth, int[] Halving);

    /// <summary>timm's variants of the module <c>rdnet</c>.</summary>
    public static readonly Family<Config> Family = new("rdnet", Build, Facts)
    {
        { "rdnet_tiny",  new(64, [64, 104, 128, 128, 128, 128, 224], [1, 2, 6]) },
        { "rdnet_small", new(72, [64, 128, .. Enumerable.Repeat(128, 7), 240, 240], [1, 2, 9]) },
        { "rdnet_base",  new(120, [96, 128, .. Enumerable.Repeat(168, 7), 336, 336], [1, 2, 9]) },
        { "rdnet_large", new(144, [128, 192, .. Enumerable.Repeat(256, 8), 360, 360], [1, 2, 10]) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["stem"][0], c.Stem, k: 4, stride: 4, Pad.Valid).LayerNorm2d(s["stem"][1]);
        foreach (var b in net.Blocks([.. c.Growth.Select(_ => BlocksOfStage)]))
        {
            var stage = s["dense_stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Transition(x, stage, c.Halving.Contains(b.Stage) ? 2 : 1);
            var y = Block(x, stage[b.Stage == 0 ? 0 : 2][$"dense_block{b.Index}"], c, b);
            x = new[] { x, y }.Concat(1);
            if (b.IsLast && (c.Halving.Contains(b.Stage + 1) || b.Stage + 1 == b.Stages))
                net.Tap($"dense_stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["fc"]) { Norm = y => y.LayerNorm(s["head"]["norm"]) });
    }

    static Value Transition(Value x, Scope s, int stride) =>
        x.LayerNorm2d(s[0]).Conv(s[1], x.Channels / 2 / 8 * 8, k: stride, stride, Pad.Valid);

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var layers = s["layers"]["layers"];
        var y = x.DepthwiseConv(layers[0], k: 7).LayerNorm2d(layers[1]);
        y = y.Conv(layers[2], x.Channels * 4 / 8 * 8, k: 1).Gelu().Conv(layers[4], c.Growth[place.Stage], k: 1);
        y = place.Stage < 2 ? y : y.EffectiveSqueezeExcite(layers[5]);
        return y.LayerScale2d(s, 1e-6).DropPath(place.DropPath);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^dense_stages\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanIn, LinearBias = Init.Zeros },
    };
}
