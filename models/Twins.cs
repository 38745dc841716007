namespace OnnxTimm.Models;

/// <summary>
/// Twins (arXiv:2104.13840): PCPVT, whose positions are a convolution after the first block of a stage, and SVT, whose
/// blocks attend within windows and over a reduced map in turns. timm/models/twins.py.
/// </summary>
public static class Twins
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Width of a token in each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims)
    {
        /// <summary>Attention heads in each stage.</summary>
        public int[] Heads { get; init; } = [1, 2, 5, 8];

        /// <summary>Hidden width of the MLPs over a token's, in each stage.</summary>
        public int[] MlpRatios { get; init; } = [8, 8, 4, 4];

        /// <summary>The attention of a block over the tokens of a grid.</summary>
        public Func<(int H, int W), Place, TokenBlock<TransformerStyle>> Attention { get; init; } = Reduced;
    }

    /// <summary>timm's variants of the module <c>twins</c>.</summary>
    public static readonly Family<Config> Family = new("twins", Build, Facts)
    {
        { "twins_pcpvt_small", new([3, 4, 6, 3], [64, 128, 320, 512]) },
        { "twins_pcpvt_base",  new([3, 4, 18, 3], [64, 128, 320, 512]) },
        { "twins_pcpvt_large", new([3, 8, 27, 3], [64, 128, 320, 512]) },
        { "twins_svt_small",   Svt([2, 2, 10, 4], 64) },
        { "twins_svt_base",    Svt([2, 2, 18, 2], 96) },
        { "twins_svt_large",   Svt([2, 2, 18, 2], 128) },
    };

    static Config Svt(int[] depths, int dim) => new(depths, [dim, 2 * dim, 4 * dim, 8 * dim])
    {
        Heads = [dim / 32, dim / 16, dim / 8, dim / 4],
        MlpRatios = [4, 4, 4, 4],
        Attention = (grid, b) => b.Index % 2 == 0 ? Windowed(grid) : Reduced(grid, b),
    };

    static int[] Reductions => [8, 4, 2, 1];

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        s = s.Ordered("patch_embeds", "blocks", "pos_block");
        var (map, x) = (image, image);
        foreach (var b in net.Blocks(c.Depths))
        {
            if (b.IsFirst)
            {
                map = Embed(map, s["patch_embeds"][b.Stage], c.Dims[b.Stage], b.Stage == 0 ? 4 : 2);
                x = map.ToTokens();
            }
            var grid = (map.Height, map.Width);
            var style = new TransformerStyle(c.Heads[b.Stage], c.MlpRatios[b.Stage] * c.Dims[b.Stage])
            {
                Attention = c.Attention(grid, b),
            };
            x = TransformerBlocks.PreNorm(x, s["blocks"][b.Stage][b.Index], style, b);
            x = b.IsFirst ? Positioned(x, s["pos_block"][b.Stage], grid) : x;
            if (b.IsLast)
                map = net.Tap($"block.{b.Stage}", x.ToMap(map.Height, map.Width));
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"]) { PoolBy = OverTokens });
    }

    static Value OverTokens(Value x, string pool) => GlobalPool.Of(x, pool, among: ["avg"]);

    static Value Embed(Value x, Scope s, int dim, int patch) =>
        x.Conv(s["proj"], dim, k: patch, stride: patch, Pad.Valid).LayerNorm2d(s["norm"].NormEps(1e-5));

    /// <summary>Positions by what lies around (arXiv:2102.10882).</summary>
    static Value Positioned(Value x, Scope s, (int H, int W) grid)
    {
        var map = x.ToMap(grid.H, grid.W);
        return (map.DepthwiseConv(s["proj"][0], k: 3) + map).ToTokens();
    }

    static TokenBlock<TransformerStyle> Reduced((int H, int W) grid, Place place) =>
        SpatialReduction.Attention(SpatialReduction.Strided(grid, Reductions[place.Stage]));

    /// <summary>Within windows of 7 x 7; those at the right and below are filled up with zeros.</summary>
    static TokenBlock<TransformerStyle> Windowed((int H, int W) grid) => (x, s, style, place) =>
    {
        var window = (7, 7);
        var map = x.ToMap(grid.H, grid.W).ChannelsLast().PadToWindows(window);
        var y = map.Windows(window).Qkv(s, style.Heads).Attend(dropout: place.AttnDrop).MergeHeads();
        return y.Unwindowed(map, window).CropTo(grid.H, grid.W).Reshape(x.Shape)
            .Linear(s["proj"], x.Features).Dropout(place.ProjDrop);
    };

    static FamilyFacts Facts(Config c) => new(new("^patch_embeds.0",
        (@"^blocks\.(\d+)\.(\d+)", null), (@"^(?:patch_embeds|pos_block)\.(\d+)", [0]),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.TruncNormal(),
            LinearBias = Init.Zeros,
        },
        NoDecay = [.. Enumerable.Range(0, 4).SelectMany(i =>
            new[] { $"pos_block.{i}.proj.0.weight", $"pos_block.{i}.proj.0.bias" })],
    };
}
