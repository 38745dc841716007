namespace OnnxTimm.Models;

/// <summary>
/// XCiT (arXiv:2106.09681): blocks that attend between channels, look around and mix channels, then blocks in which the
/// class token alone attends to tokens (2103.17239). timm/models/xcit.py.
/// </summary>
public static class Xcit
{
    /// <param name="Patch">Pixels along the side of a patch: 8 or 16.</param>
    /// <param name="Dim">Width of a token.</param>
    /// <param name="Heads">Attention heads.</param>
    /// <param name="Depth">Blocks before the class token comes in.</param>
    public sealed record Config(int Patch, int Dim, int Heads, int Depth) : TransformerStyle(Heads, 4 * Dim)
    {
        /// <summary>What the second norm of a class block norms.</summary>
        public Norm ClassNorm { get; init; } = Layers.LayerNorm;
    }

    /// <summary>timm's variants of the module <c>xcit</c>.</summary>
    public static readonly Family<Config> Family = new("xcit", Build, Facts)
    {
        { "xcit_nano_12_p16_224 xcit_nano_12_p16_384",     Nano(16) },
        { "xcit_tiny_12_p16_224 xcit_tiny_12_p16_384",     Shallow(16, 192, 4) },
        { "xcit_small_12_p16_224 xcit_small_12_p16_384",   Shallow(16, 384, 8) },
        { "xcit_tiny_24_p16_224 xcit_tiny_24_p16_384",     Deep(16, 192, 4) },
        { "xcit_small_24_p16_224 xcit_small_24_p16_384",   Deep(16, 384, 8) },
        { "xcit_medium_24_p16_224 xcit_medium_24_p16_384", Deep(16, 512, 8) },
        { "xcit_large_24_p16_224 xcit_large_24_p16_384",   Deep(16, 768, 16) },
        { "xcit_nano_12_p8_224 xcit_nano_12_p8_384",       Nano(8) },
        { "xcit_tiny_12_p8_224 xcit_tiny_12_p8_384",       Shallow(8, 192, 4) },
        { "xcit_small_12_p8_224 xcit_small_12_p8_384",     Shallow(8, 384, 8) },
        { "xcit_tiny_24_p8_224 xcit_tiny_24_p8_384",       Deep(8, 192, 4) },
        { "xcit_small_24_p8_224 xcit_small_24_p8_384",     Deep(8, 384, 8) },
        { "xcit_medium_24_p8_224 xcit_medium_24_p8_384",   Deep(8, 512, 8) },
        { "xcit_large_24_p8_224 xcit_large_24_p8_384",     Deep(8, 768, 16) },
    };

    static Config Nano(int patch) => Shallow(patch, 128, 4) with { ClassNorm = OfClass };

    static Config Shallow(int patch, int dim, int heads) => new(patch, dim, heads, 12) { LayerScale = 1 };

    static Config Deep(int patch, int dim, int heads) => new(patch, dim, heads, 24) { LayerScale = 1e-5 };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, c.Dim);
        var map = Embed(image, s["patch_embed"]["proj"], c);
        var grid = (map.Height, map.Width);
        var x = map.ToTokens() + image.Graph.FourierPositions(s["pos_embed"], grid, c.Dim);
        foreach (var b in net.Blocks([c.Depth], DropPathRule.Constant))
            x = net.Tap($"blocks.{b.Index}", Block(x, s["blocks"][b.Index], grid, c, b),
                y => y.ToMap(grid.Item1, grid.Item2));
        x = new[] { token.RepeatFor(x), x }.Concat(1);
        foreach (var b in net.Blocks([2]))
            x = ClassBlock(x, s["cls_attn_blocks"][b.Index], c, b);
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"])
        {
            Pool = "token",
            PoolBy = (y, name) => GlobalPool.Of(y, name, prefix: 1, among: ["avg", "token"]),
        });
    }

    /// <summary>Convolutions that halve the map and double its channels, until pixels are patches.</summary>
    static Value Embed(Value x, Scope s, Config c)
    {
        var style = new ConvStyle(c.Act);
        for (var (i, share) = (0, c.Patch / 2); share >= 1; i += 2, share /= 2)
            x = share == 1 ? x.ConvNorm((s[i][0], s[i][1]), c.Dim, new(3, Stride: 2), style)
                : x.ConvNormAct((s[i][0], s[i][1]), c.Dim / share, new(3, Stride: 2), style);
        return x;
    }

    static Value Block(Value x, Scope s, (int H, int W) grid, Config c, Place place)
    {
        x = Scaled(x, x.LayerNorm(s["norm1"]).CrossCovarianceAttention(s["attn"], c.Heads, place), s, "gamma1", c,
            place);
        x = Scaled(x, Local(x.LayerNorm(s["norm3"]), s["local_mp"], grid, c), s, "gamma3", c, place);
        return Scaled(x, c.Mlp(x.LayerNorm(s["norm2"]), s["mlp"], c, place), s, "gamma2", c, place);
    }

    static Value Scaled(Value x, Value y, Scope s, string gamma, Config c, Place place) =>
        x + (y * Factor(s, gamma, c)).DropPath(place.DropPath);

    static Value Factor(Scope s, string name, Config c) =>
        s.Param(name, Init.Fill((float)c.LayerScale!.Value), c.Dim);

    /// <summary>Two windows for each channel: attention between channels sees no neighbours.</summary>
    static Value Local(Value x, Scope s, (int H, int W) grid, Config c) =>
        c.Act(x.ToMap(grid.H, grid.W).DepthwiseConv(s["conv1"], k: 3)).BatchNorm(s["bn"])
            .DepthwiseConv(s["conv2"], k: 3).ToTokens();

    /// <summary>
    /// The class token attends to all and passes the MLP; the other tokens are what they were, normed and doubled.
    /// </summary>
    static Value ClassBlock(Value x, Scope s, Config c, Place place)
    {
        var normed = x.LayerNorm(s["norm1"]);
        var attended = normed.AttendByClass(s["attn"], c.Heads, place);
        x += new[] { attended, normed.SkipTokens(1) }.Concat(1) * Factor(s, "gamma1", c);
        x = c.ClassNorm(x, s["norm2"]);
        var token = c.Mlp(x.Slice(1, 0, 1), s["mlp"], c, place) * Factor(s, "gamma2", c);
        return x + new[] { token, x.SkipTokens(1) }.Concat(1);
    }

    static Value OfClass(Value x, Scope s) =>
        new[] { x.Slice(1, 0, 1).LayerNorm(s), x.SkipTokens(1) }.Concat(1);

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed", (@"^blocks\.(\d+)", null),
        (@"^cls_attn_blocks\.0", [c.Depth]), (@"^cls_attn_blocks\.1", [c.Depth + 1]),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token", "pos_embed.*"],
        Taps = [-3, -2, -1],
    };
}
