namespace OnnxTimm.Models;

/// <summary>
/// EfficientFormer (arXiv:2206.01191): blocks that mix pixels by their mean and, at the end of the last stage, blocks
/// that attend, with a bias for each distance. timm/models/efficientformer.py.
/// </summary>
public static class EfficientFormer
{
    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Attending">Blocks that attend, the last ones.</param>
    public sealed record Config(int[] Dims, int[] Depths, int Attending);

    /// <summary>timm's variants of the module <c>efficientformer</c>.</summary>
    public static readonly Family<Config> Family = new("efficientformer", Build, Facts)
    {
        { "efficientformer_l1", new([48, 96, 224, 448], [3, 2, 6, 4], 1) },
        { "efficientformer_l3", new([64, 128, 320, 512], [4, 4, 12, 6], 4) },
        { "efficientformer_l7", new([96, 192, 384, 768], [6, 6, 18, 8], 8) },
    };

    const double LayerScale = 1e-5;

    /// <summary>Side of the map that attends.</summary>
    const int Side = 7;

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = Stem(image, s["stem"], c.Dims[0]);
        var grid = (H: 0, W: 0);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.Conv(stage["downsample"]["conv"], c.Dims[b.Stage], k: 3, stride: 2)
                    .BatchNorm(stage["downsample"]["norm"]);
            var attends = b.Stage == b.Stages - 1 && b.Depth - b.Index <= c.Attending;
            if (attends && x.Shape.Rank == 4)
            {
                if ((x.Height, x.Width) != (Side, Side))
                    throw net.Refused(image, $"images whose last map is {Side} x {Side}");
                (x, grid) = (x.ToTokens(), (Side, Side));
            }
            // That map become tokens has a number of its own.
            x = attends ? TokenBlock(x, stage["blocks"][b.Index + 1], grid, b)
                : MapBlock(x, stage["blocks"][b.Index], b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x, y => y.Shape.Rank == 4 ? y : y.ToMap(grid.H, grid.W));
        }
        return Heads(x.LayerNorm(s["norm"]), s, net);
    }

    static Value Stem(Value x, Scope s, int dim)
    {
        x = x.Conv(s["conv1"], dim / 2, k: 3, stride: 2).BatchNorm(s["norm1"]).Relu();
        return x.Conv(s["conv2"], dim, k: 3, stride: 2).BatchNorm(s["norm2"]).Relu();
    }

    static Value MapBlock(Value x, Scope s, Place place)
    {
        var mixed = x.AvgPool(k: 3, stride: 1, countPads: false) - x;
        x += mixed.LayerScale2d(s["ls1"], LayerScale).DropPath(place.DropPath);
        return x + MapMlp(x, s["mlp"], place).LayerScale2d(s["ls2"], LayerScale).DropPath(place.DropPath);
    }

    static Value MapMlp(Value x, Scope s, Place place) => x.Conv(s["fc1"], 4 * x.Channels, k: 1).BatchNorm(s["norm1"])
        .Gelu().Dropout(place.ProjDrop)
        .Conv(s["fc2"], x.Channels, k: 1).BatchNorm(s["norm2"]).Dropout(place.ProjDrop);

    static Value TokenBlock(Value x, Scope s, (int H, int W) grid, Place place)
    {
        var style = new TransformerStyle(8, 4 * x.Features) { LayerScale = LayerScale };
        x = x.Residual((s["norm1"], s["ls1"]), y => Attention(y, s["token_mixer"], grid, style.Heads), style, place);
        return x.Residual((s["norm2"], s["ls2"]), y => style.Mlp(y, s["mlp"], style, place), style, place);
    }

    /// <summary>Heads have keys of 32 and values of 128, whatever the width of the tokens.</summary>
    static Value Attention(Value x, Scope s, (int H, int W) grid, int heads)
    {
        var biases = s.Param("attention_biases", Init.Zeros, heads, grid.H * grid.W).NoDecay();
        var qkv = x.Linear(s["qkv"], heads * (2 * 32 + 128)).SplitHeads(heads);
        return Qkv.OfHeads(qkv, width: 32).Attend(RelativePosition.DistanceBias(biases, grid)).MergeHeads()
            .Linear(s["proj"], x.Features);
    }

    static Value Heads(Value x, Scope s, Net net)
    {
        net.Unpooled(x);
        var pooled = GlobalPool.Of(x, net.Options.GlobalPool ?? "avg", among: ["avg"]);
        return net.Heads([(new(s["head"]), pooled), (new(s["head_dist"]), pooled)]);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
    };
}
