namespace OnnxTimm.Models;

/// <summary>
/// Pyramid Vision Transformer v2 (arXiv:2106.13797): overlapping patches, keys and values of a smaller map, MLPs that
/// look around. timm/models/pvt_v2.py.
/// </summary>
public static class PvtV2
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Width of a token in each stage.</param>
    /// <param name="MlpRatios">Hidden width of the MLPs over a token's, in each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims, params int[] MlpRatios)
    {
        /// <summary>The tokens that keys and values are of, from those of a grid and the stage's reduction.</summary>
        public Func<(int H, int W), int, Func<Value, Scope, Value>> Reduce { get; init; } = SpatialReduction.Strided;

        /// <summary>What stands between the first layer of an MLP and its window.</summary>
        public Act BeforeWindow { get; init; } = Activations.Identity;
    }

    /// <summary>timm's variants of the module <c>pvt_v2</c>.</summary>
    public static readonly Family<Config> Family = new("pvt_v2", Build, Facts)
    {
        { "pvt_v2_b0",    new([2, 2, 2, 2], [32, 64, 160, 256], 8, 8, 4, 4) },
        { "pvt_v2_b1",    new([2, 2, 2, 2], [64, 128, 320, 512], 8, 8, 4, 4) },
        { "pvt_v2_b2",    new([3, 4, 6, 3], [64, 128, 320, 512], 8, 8, 4, 4) },
        { "pvt_v2_b3",    new([3, 4, 18, 3], [64, 128, 320, 512], 8, 8, 4, 4) },
        { "pvt_v2_b4",    new([3, 8, 27, 3], [64, 128, 320, 512], 8, 8, 4, 4) },
        { "pvt_v2_b5",    new([3, 6, 40, 3], [64, 128, 320, 512], 4, 4, 4, 4) },
        { "pvt_v2_b2_li", new([3, 4, 6, 3], [64, 128, 320, 512], 8, 8, 4, 4) {
            Reduce = Pooled, BeforeWindow = Ops.Relu } },
    };

    static int[] Heads => [1, 2, 5, 8];

    static int[] Reductions => [8, 4, 2, 1];

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var map = Embed(image, s["patch_embed"], c.Dims[0], k: 7, stride: 4);
        var x = map.ToTokens();
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, dim) = (s["stages"][b.Stage], c.Dims[b.Stage]);
            if (b is { IsFirst: true, Stage: > 0 })
                x = (map = Embed(map, stage["downsample"], dim, k: 3, stride: 2)).ToTokens();
            var grid = (map.Height, map.Width);
            var style = new TransformerStyle(Heads[b.Stage], c.MlpRatios[b.Stage] * dim)
            {
                Attention = SpatialReduction.Attention(c.Reduce(grid, Reductions[b.Stage])),
                Mlp = (y, t, style, place) => Mlp(y, t, grid, c.BeforeWindow, style, place),
            };
            x = TransformerBlocks.PreNorm(x, stage["blocks"][b.Index], style, b);
            if (b.IsLast)
                map = net.Tap($"stages.{b.Stage}", x.LayerNorm(stage["norm"]).ToMap(map.Height, map.Width));
        }
        return net.Head(map, new(s["head"]));
    }

    /// <summary>Patches that overlap: their windows are larger than their stride.</summary>
    static Value Embed(Value x, Scope s, int dim, int k, int stride) =>
        x.Conv(s["proj"], dim, k, stride, k / 2).LayerNorm2d(s["norm"].NormEps(1e-5));

    /// <summary>Keys and values of 7 x 7 means: the attention is linear in the pixels of a map.</summary>
    static Func<Value, Scope, Value> Pooled((int H, int W) grid, int ratio) => (x, s) => x
        .ToMap(grid.H, grid.W).Resample(7, 7, Resampling.AdaptiveMean)
        .Conv(s.Late("sr"), x.Features, k: 1).ToTokens()
        .LayerNorm(s.Late("norm").NormEps(1e-5)).Gelu();

    /// <summary>A window for each hidden channel stands between the layers.</summary>
    static Value Mlp(Value x, Scope s, (int H, int W) grid, Act before, TransformerStyle style, Place place)
    {
        var y = before(x.Linear(s["fc1"], style.Hidden).ToMap(grid.H, grid.W)).DepthwiseConv(s["dwconv"], k: 3);
        y = style.Act(y.ToTokens()).Dropout(place.ProjDrop);
        return y.Linear(s["fc2"], x.Features).Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed", (@"^stages\.(\d+)", null)))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.TruncNormal(),
            LinearBias = Init.Zeros,
        },
    };
}
