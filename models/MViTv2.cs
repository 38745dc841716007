namespace OnnxTimm.Models;

/// <summary>
/// Multiscale vision transformers V2 (arXiv:2112.01526): queries, keys and values that convolutions pool head by head,
/// and positions by distances down and across. timm/models/mvitv2.py.
/// </summary>
public static class MViTv2
{
    /// <summary>Steps between the keys of each stage.</summary>
    static readonly int[] KeyStrides = [4, 2, 1, 1];

    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Heads">Attention heads in the first stage; each stage doubles them.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(int Dim, int Heads, params int[] Depths)
    {
        /// <summary>Learned tokens before those of the pixels: the class or none.</summary>
        public int Prefix { get; init; }

        /// <summary>
        /// Width of a block's attention and of what its MLP gives: the first attention of a stage doubles it, or the
        /// last MLP of the stage before.
        /// </summary>
        public Func<Config, Place, (int Attention, int Mlp)> Widths { get; init; } = ByAttention;
    }

    /// <summary>Tokens of a map [N, prefix + h * w, C] or, by head, [N, heads, prefix + h * w, d].</summary>
    /// <param name="X">The tokens.</param>
    /// <param name="Grid">Sides of the map.</param>
    readonly record struct Tokens(Value X, (int H, int W) Grid);

    /// <summary>timm's variants of the module <c>mvitv2</c>.</summary>
    public static readonly Family<Config> Family = new("mvitv2", Build, Facts)
    {
        { "mvitv2_tiny",      new(96, 1, 1, 2, 5, 2) },
        { "mvitv2_small",     new(96, 1, 1, 2, 11, 2) },
        { "mvitv2_base",      new(96, 1, 2, 3, 16, 3) },
        { "mvitv2_large",     new(144, 2, 2, 6, 36, 4) { Widths = ByMlp } },
        { "mvitv2_small_cls", new(96, 1, 1, 2, 11, 2) { Prefix = 1 } },
        { "mvitv2_base_cls",  new(96, 1, 2, 3, 16, 3) { Prefix = 1 } },
        { "mvitv2_large_cls", new(144, 2, 2, 6, 36, 4) { Prefix = 1 } },
        { "mvitv2_huge_cls",  new(192, 3, 4, 8, 60, 8) { Prefix = 1 } },
    };

    static (int Attention, int Mlp) ByAttention(Config c, Place b) => (c.Dim << b.Stage, c.Dim << b.Stage);

    static (int Attention, int Mlp) ByMlp(Config c, Place b) =>
        (c.Dim << b.Stage, c.Dim << (b.IsLast ? Math.Min(b.Stage + 1, b.Stages - 1) : b.Stage));

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        net.RequireSquare(image, multiple: 32);
        var map = image.Conv(s["patch_embed"]["proj"], c.Dim, k: 7, stride: 4, pad: 3);
        var x = map.ToTokens();
        if (c.Prefix > 0)
            x = new[] { s.Param("cls_token", Init.TruncNormalTf(0.02), 1, 1, c.Dim).RepeatFor(x), x }.Concat(1);
        var tokens = new Tokens(x, (map.Height, map.Width));
        foreach (var b in net.Blocks(c.Depths))
        {
            tokens = Block(tokens, s["stages"][b.Stage]["blocks"][b.Index], (c, net), b);
            var grid = tokens.Grid;
            if (b.IsLast)
                net.Tap($"block.{b.Stage}", tokens.X, y => y.SkipTokens(c.Prefix).ToMap(grid.H, grid.W));
        }
        return net.Head(tokens.X.LayerNorm(s["norm"]), new(s["head"]["fc"])
        {
            Pool = c.Prefix > 0 ? "token" : "avg",
            PoolBy = (y, name) => GlobalPool.Of(y, name, c.Prefix, c.Prefix > 0 ? ["avg", "token"] : ["avg"]),
        });
    }

    static Tokens Block(Tokens tokens, Scope s, (Config C, Net Net) of, Place place)
    {
        var c = of.C;
        var (x, widths, stride) = (tokens.X, c.Widths(c, place), place is { IsFirst: true, Stage: > 0 } ? 2 : 1);
        var normed = x.LayerNorm(s["norm1"]);
        var shortcut = x.Features == widths.Attention ? x : normed.Linear(s["shortcut_proj_attn"], widths.Attention);
        var (attended, grid) = Attend(tokens with { X = normed }, s["attn"], of, (stride, place), widths.Attention);
        x = Pooled(tokens with { X = shortcut }, c.Prefix, stride) + attended.DropPath(place.DropPath);
        normed = x.LayerNorm(s["norm2"]);
        shortcut = x.Features == widths.Mlp ? x : normed.Linear(s["shortcut_proj_mlp"], widths.Mlp);
        var y = normed.Linear(s["mlp"]["fc1"], 4 * widths.Attention).Gelu().Linear(s["mlp"]["fc2"], widths.Mlp);
        return new(shortcut + y.DropPath(place.DropPath), grid);
    }

    /// <summary>The largest pixels of tokens at a stride; tokens before the map stay.</summary>
    static Value Pooled(Tokens tokens, int prefix, int stride)
    {
        var x = tokens.X;
        if (stride == 1)
            return x;
        var pooled = x.SkipTokens(prefix).ToMap(tokens.Grid.H, tokens.Grid.W).MaxPool(k: 3, stride).ToTokens();
        return prefix == 0 ? pooled : new[] { x.Slice(1, 0, prefix), pooled }.Concat(1);
    }

    static Tokens Attend(Tokens tokens, Scope s, (Config C, Net Net) of, (int Stride, Place At) block, int dim)
    {
        var c = of.C;
        s = s.Ordered("qkv", "proj", "pool_q", "norm_q", "pool_k", "norm_k", "pool_v", "norm_v");
        var (heads, keyStride) = (c.Heads << block.At.Stage, KeyStrides[block.At.Stage]);
        var qkv = tokens.X.Qkv(s, heads, width: dim);
        var q = PooledByHead(new(qkv.Q, tokens.Grid), s, "q", c.Prefix, block.Stride);
        var k = PooledByHead(new(qkv.K, tokens.Grid), s, "k", c.Prefix, keyStride);
        var v = PooledByHead(new(qkv.V, tokens.Grid), s, "v", c.Prefix, keyStride);
        var bias = Positions(q, s, k.Grid, c.Prefix, of.Net);
        var y = new Qkv(q.X, k.X, v.X).Attend(bias) + q.X;
        return new(y.MergeHeads().Linear(s["proj"], dim), q.Grid);
    }

    /// <summary>All heads of queries, keys or values by one convolution.</summary>
    static Tokens PooledByHead(Tokens tokens, Scope s, string name, int prefix, int stride)
    {
        var (x, shape, (h, w)) = (tokens.X, tokens.X.Shape, tokens.Grid);
        var (n, heads, d) = (shape[0], (int)shape[1].Size, x.Features);
        var pixels = prefix == 0 ? x : x.Slice(2, prefix, shape[2].Size);
        var map = pixels.Reshape(n * heads, h, w, d).As(Layout.ChannelsLast).ChannelsFirst()
            .DepthwiseConv(s[$"pool_{name}"], k: 3, stride, pad: 1, bias: false);
        var pooled = map.ToTokens().Reshape(n, heads, map.Height * map.Width, d);
        pooled = prefix == 0 ? pooled : new[] { x.Slice(2, 0, prefix), pooled }.Concat(2);
        return new(pooled.LayerNorm(s[$"norm_{name}"]), (map.Height, map.Width));
    }

    /// <summary>What queries of pixels make of where keys of pixels lie.</summary>
    static Value Positions(Tokens q, Scope s, (int H, int W) keys, int prefix, Net net)
    {
        var d = q.X.Features;
        var init = Init.TruncNormalTf(0.02);
        var down = Vectors("rel_pos_h", Math.Max(q.Grid.H, keys.H));
        var across = Vectors("rel_pos_w", Math.Max(q.Grid.W, keys.W));
        var pixels = prefix == 0 ? q.X : q.X.Slice(2, prefix, q.X.Shape[2].Size);
        return RelativePosition.Decomposed(pixels, (down, across), q.Grid, keys)
            .Pad([0, 0, prefix, prefix, 0, 0, 0, 0]);

        Value Vectors(string name, int side) =>
            net.Sized(s.Param(name, init, 2 * side - 1, d), new Fit.Distances()).NoDecay();
    }

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed",
        (@"^stages\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormalTf(0.02), LinearBias = Init.Zeros },
        NoDecay = c.Prefix > 0 ? ["cls_token"] : [],
    };
}
