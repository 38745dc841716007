namespace OnnxTimm.Models;

/// <summary>
/// Hiera (arXiv:2306.00989), a hierarchical vision transformer without anything special, and its form whose positions
/// are those of the map and of a window (2311.05613). timm/models/hiera.py.
/// </summary>
public static class Hiera
{
    /// <summary>Tokens along the side of a window in the first stage.</summary>
    const int Window = 8;

    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Heads">Attention heads in the first stage; each stage doubles them.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(int Dim, int Heads, params int[] Depths)
    {
        /// <summary>Adds to a map [N, C, H, W] its positions.</summary>
        public NetPart<Config> Positions { get; init; } = OfTokens;

        /// <summary>The shortcut of a block that halves the map.</summary>
        public Func<Scope, int, Func<Value, Value, Value>> Halve { get; init; } = Projected;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }

        /// <summary>How the layers of MLPs begin, where they do otherwise than the rest.</summary>
        public Func<Scope, Scope> Mlp { get; init; } = s => s;

        /// <summary>How layers begin.</summary>
        public LayerDefaults Layers { get; init; } = new()
        {
            Conv = Init.TruncNormal(),
            Linear = Init.TruncNormal(),
            LinearBias = Init.Fill(0.02f),
        };
    }

    /// <summary>timm's variants of the module <c>hiera</c>.</summary>
    public static readonly Family<Config> Family = new("hiera", Build, Facts)
    {
        { "hiera_tiny_224",         new(96, 1, 1, 2, 7, 2) },
        { "hiera_small_224",        new(96, 1, 1, 2, 11, 2) },
        { "hiera_base_224",         new(96, 1, 2, 3, 16, 3) },
        { "hiera_base_plus_224",    new(112, 2, 2, 3, 16, 3) },
        { "hiera_large_224",        new(144, 2, 2, 6, 36, 4) },
        { "hiera_huge_224",         new(256, 4, 2, 6, 36, 4) },
        { "hiera_small_abswin_256", new(96, 1, 1, 2, 11, 2)
            { Positions = OfMapAndWindow(16), Halve = Doubled, LayerScale = 1e-5, Layers = Jax, Mlp = DrawnBias } },
        { "hiera_base_abswin_256",  new(96, 1, 2, 3, 16, 3)
            { Positions = OfMapAndWindow(14), LayerScale = 1e-5, Layers = Jax, Mlp = DrawnBias } },
    };

    /// <summary>As layers begin in JAX.</summary>
    static LayerDefaults Jax => new()
    {
        Conv = Init.LecunNormal,
        ConvBias = Init.Zeros,
        Linear = Init.XavierUniform,
        LinearBias = Init.Zeros,
    };

    static Scope DrawnBias(Scope s) => s.With(d => d with { LinearBias = Init.Normal(1e-6) });

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, 32);
        var map = image.Conv(s["patch_embed"]["proj"], c.Dim, k: 7, stride: 4, pad: 3);
        var x = c.Positions(map, s, c, net).ChannelsLast();
        foreach (var b in net.Blocks(c.Depths))
        {
            var (block, dim, halves) = (s["blocks"][b.Number], c.Dim << b.Stage, b is { IsFirst: true, Stage: > 0 });
            // A block that halves the map still attends as the stage before it: there within windows in two stages.
            var stage = halves ? b.Stage - 1 : b.Stage;
            var window = stage < 2 ? (Window >> stage, Window >> stage) : (x.Height, x.Width);
            x = HieraBlocks.Block(x, block, new(dim, c.Heads << b.Stage, window)
            {
                Halve = halves ? c.Halve(block["proj"], dim) : null,
                LayerScale = c.LayerScale,
                Mlp = c.Mlp,
            }, b);
            if (b.IsLast)
                net.Tap($"blocks.{b.Number}", x, y => y.ChannelsFirst());
        }
        return net.Head(x.Reshape(x.Shape[0], x.Height * x.Width, x.Features),
            new(HieraBlocks.ZeroLinear(s["head"]["fc"]))
            {
                PoolBy = (y, name) => GlobalPool.Of(y, name, among: ["avg", "max", "avgmax"]),
                Norm = y => y.LayerNorm(s["head"]["norm"]),
            });
    }

    static Value OfTokens(Value map, Scope s, Config c, Net net)
    {
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, map.Height * map.Width, c.Dim);
        return map + net.Sized(positions, new Fit.Grid(map.Height, map.Width)).ToMap(map.Height, map.Width);
    }

    /// <summary>A square of positions that is brought to the map's size, and one that every window has.</summary>
    static NetPart<Config> OfMapAndWindow(int side) => (map, s, c, _) =>
    {
        var ofMap = s.Param("pos_embed", Init.TruncNormal(), 1, c.Dim, side, side);
        var ofWindow = s.Param("pos_embed_win", Init.TruncNormal(), 1, c.Dim, Window, Window);
        return map + HieraBlocks.Positions(ofMap, ofWindow, map, Resampling.BicubicAntialiased);
    };

    static Func<Value, Value, Value> Projected(Scope s, int dim) =>
        (_, normed) => HieraBlocks.Largest(normed.Linear(s, dim));

    /// <summary>The largest of four pixels beside their mean.</summary>
    static Func<Value, Value, Value> Doubled(Scope s, int dim) => (x, _) => new[]
    {
        HieraBlocks.Largest(x), x.ChannelsFirst().AvgPool(k: 2, stride: 2, Pad.Valid).ChannelsLast(),
    }.Concat(-1);

    static FamilyFacts Facts(Config c) => new(new(
        "^pos_embed|pos_embed_spatial|pos_embed_temporal|pos_embed_abs|pos_embed_win|patch_embed",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = c.Layers,
        NoDecay = ["pos_embed"],
    };
}
