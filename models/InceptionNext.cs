namespace OnnxTimm.Models;

/// <summary>
/// InceptionNeXt (arXiv:2303.16900): a ConvNeXt whose wide window is shared out: some channels see a small square,
/// some a row, some a column, most only themselves. timm/models/inception_next.py.
/// </summary>
public static class InceptionNext
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims)
    {
        /// <summary>Length of rows and columns.</summary>
        public int Band { get; init; } = 11;

        /// <summary>Channels of each branch, for each channel of the block.</summary>
        public double Share { get; init; } = 0.125;
    }

    /// <summary>timm's variants of the module <c>inception_next</c>.</summary>
    public static readonly Family<Config> Family = new("inception_next", Build, Facts)
    {
        { "inception_next_atto",  new([2, 2, 6, 2], [40, 80, 160, 320]) { Band = 9, Share = 0.25 } },
        { "inception_next_tiny",  new([3, 3, 9, 3], [96, 192, 384, 768]) },
        { "inception_next_small", new([3, 3, 27, 3], [96, 192, 384, 768]) },
        { "inception_next_base",  new([3, 3, 27, 3], [128, 256, 512, 1024]) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["stem"][0], c.Dims[0], k: 4, stride: 4, Pad.Valid).BatchNorm(s["stem"][1]);
        foreach (var b in net.Strided(c.Depths, reduction: 4))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.BatchNorm(stage["downsample"][0]).Conv(stage["downsample"][1], c.Dims[b.Stage],
                    new Window(2, b.Stride, b.FirstDilation) { Pad = Pad.Valid });
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["head"]["fc2"]) { Hidden = y => Hidden(y, s["head"]) });
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var y = Around(x, s["token_mixer"], c, place).BatchNorm(s["norm"]);
        y = y.Conv(s["mlp"]["fc1"], x.Channels * (place.Stage < 3 ? 4 : 3), k: 1).Gelu();
        y = y.Conv(s["mlp"]["fc2"], x.Channels, k: 1).LayerScale2d(s, 1e-6);
        return y.DropPath(place.DropPath) + x;
    }

    static Value Around(Value x, Scope s, Config c, Place place)
    {
        var share = (int)(x.Channels * c.Share);
        var parts = x.Split([x.Channels - 3 * share, share, share, share], axis: 1);
        var window = new Window(1, Dilation: place.Dilation, Groups: share);
        return new[]
        {
            parts[0],
            parts[1].Conv(s["dwconv_hw"], share, window with { K = 3, Width = 3 }),
            parts[2].Conv(s["dwconv_w"], share, window with { Width = c.Band }),
            parts[3].Conv(s["dwconv_h"], share, window with { K = c.Band }),
        }.Concat(1);
    }

    static Value Hidden(Value x, Scope s) => Head.Rows(x).Linear(s["fc1"], 3 * x.Features).Gelu().LayerNorm(s["norm"]);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)))
    {
        Layers = LayerDefaults.TruncNormal,
        Dilates = true,
    };
}
