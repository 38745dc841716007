namespace OnnxTimm.Models;

/// <summary>
/// The image encoder of SAM 2 (arXiv:2408.00714): Hiera (2306.00989) within windows of maps of any size, with a few
/// blocks that see all. timm/models/hieradet_sam2.py.
/// </summary>
public static class HieraDetSam2
{
    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Heads">Attention heads in the first stage; each stage doubles them.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Global">Numbers of the blocks that see the whole map.</param>
    public sealed record Config(int Dim, int Heads, int[] Depths, params int[] Global)
    {
        /// <summary>Side of a window in each stage.</summary>
        public int[] Windows { get; init; } = [8, 4, 14, 7];

        /// <summary>Side of the square of learned positions.</summary>
        public int PositionSide { get; init; } = 7;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }
    }

    /// <summary>timm's variants of the module <c>hieradet_sam2</c>.</summary>
    public static readonly Family<Config> Family = new("hieradet_sam2", Build, Facts)
    {
        { "sam2_hiera_tiny",      new(96, 1, [1, 2, 7, 2], 5, 7, 9) },
        { "sam2_hiera_small",     new(96, 1, [1, 2, 11, 2], 7, 10, 13) },
        { "sam2_hiera_base_plus", new(112, 2, [2, 3, 16, 3], 12, 16, 20) { PositionSide = 14 } },
        { "sam2_hiera_large",     new(144, 2, [2, 6, 36, 4], 23, 33, 43) { Windows = [8, 4, 16, 8] } },
        { "hieradet_small",       new(96, 1, [1, 2, 11, 2], 7, 10, 13) { Windows = [8, 4, 16, 8], LayerScale = 1e-5 } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var map = image.Conv(s["patch_embed"]["proj"], c.Dim, k: 7, stride: 4, pad: 3);
        if (map.Height % c.Windows[0] + map.Width % c.Windows[0] > 0)
            throw net.Refused(image, $"images whose sides are multiples of {4 * c.Windows[0]}");
        var x = (map + Positions(map, s, c)).ChannelsLast();
        foreach (var b in net.Blocks(c.Depths))
        {
            var (block, dim, halves) = (s["blocks"][b.Number], c.Dim << b.Stage, b is { IsFirst: true, Stage: > 0 });
            // A block that halves the map still has the windows of the stage before it.
            var side = c.Windows[halves ? b.Stage - 1 : b.Stage];
            var window = c.Global.Contains(b.Number) ? (x.Height, x.Width) : (side, side);
            x = HieraBlocks.Block(x, block, new(dim, c.Heads << b.Stage, window)
            {
                Halve = halves ? Projected(block.Early("proj"), dim) : null,
                LayerScale = c.LayerScale,
            }, b);
            if (b.IsLast)
                net.Tap($"blocks.{b.Number}", x, y => y.ChannelsFirst());
        }
        return net.Head(x, new(HieraBlocks.ZeroLinear(s["head"]["fc"]))
        {
            PoolBy = (y, name) => GlobalPool.Of(y, name, among: ["avg", "max", "avgmax"]),
            Norm = y => y.LayerNorm(s["head"]["norm"]),
        });
    }

    /// <summary>A square of positions that is brought to the map's size, and one that every window has.</summary>
    static Value Positions(Value map, Scope s, Config c)
    {
        var side = c.Windows[0];
        var ofMap = s.Param("pos_embed", Init.TruncNormal(), 1, c.Dim, c.PositionSide, c.PositionSide);
        var ofWindow = s.Param("pos_embed_window", Init.TruncNormal(), 1, c.Dim, side, side);
        return HieraBlocks.Positions(ofMap, ofWindow, map, Resampling.Bicubic);
    }

    static Func<Value, Value, Value> Projected(Scope s, int dim) =>
        (_, normed) => HieraBlocks.Largest(normed.Linear(s, dim));

    static FamilyFacts Facts(Config c) => new(new("^pos_embed|pos_embed_window|patch_embed",
        (@"^blocks\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.TruncNormal(), Linear = Init.TruncNormal(), LinearBias = Init.Fill(0.02f) },
        NoDecay = ["pos_embed", "pos_embed_window"],
    };
}
