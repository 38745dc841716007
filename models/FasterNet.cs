namespace OnnxTimm.Models;

/// <summary>
/// FasterNet (arXiv:2303.03667): convolutions that look around on a quarter of the channels, then an MLP for each
/// pixel. timm/models/fasternet.py.
/// </summary>
public static class FasterNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Width">Channels of the first stage; each has twice those before it.</param>
    /// <param name="DropPathRate">Stochastic depth of the last block.</param>
    public sealed record Config(int[] Depths, int Width, double DropPathRate) : ConvStyle(Ops.Relu);

    /// <summary>timm's variants of the module <c>fasternet</c>.</summary>
    public static readonly Family<Config> Family = new("fasternet", Build, Facts)
    {
        { "fasternet_t0", new([1, 2, 8, 2], 40, 0) { Act = Activations.Gelu } },
        { "fasternet_t1", new([1, 2, 8, 2], 64, 0.02) { Act = Activations.Gelu } },
        { "fasternet_t2", new([1, 2, 8, 2], 96, 0.05) },
        { "fasternet_s",  new([1, 2, 13, 2], 128, 0.1) },
        { "fasternet_m",  new([3, 4, 18, 3], 144, 0.2) },
        { "fasternet_l",  new([3, 4, 18, 3], 192, 0.3) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["patch_embed"];
        x = x.ConvNorm((stem["proj"], stem["norm"]), c.Width, new(4, Stride: 4) { Pad = Pad.Valid }, c);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Merge(x, stage.Late("downsample"), c);
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["classifier"])
        {
            Pooled = y => c.Act(y.Conv(s["conv_head"], 1280, k: 1, bias: false)),
        });
    }

    static Value Merge(Value x, Scope s, Config c) => x.ConvNorm((s["reduction"], s["norm"]), 2 * x.Channels,
        new(2, Stride: 2) { Pad = Pad.Valid }, c);

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var (seen, mlp) = (x.Channels / 4, s["mlp"]);
        var parts = x.Split([seen, x.Channels - seen], axis: 1);
        var around = parts[0].Conv(s.Late("spatial_mixing")["partial_conv3"], seen, k: 3, bias: false);
        var y = new[] { around, parts[1] }.Concat(1).ConvNormAct((mlp[0], mlp[1]), 2 * x.Channels, new(1), c);
        return x + y.Conv(mlp[3], x.Channels, k: 1, bias: false).DropPath(place.DropPath);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^conv_head", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.TruncNormal(), Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        DropPathRate = c.DropPathRate,
    };
}
