using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

/// <summary>
/// BEiT (arXiv:2106.08254) and BEiT v2 (2208.06366): vision transformers without positions, whose blocks each have a
/// bias by where patches lie to each other. timm/models/beit.py.
/// </summary>
public static class Beit
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 16;

    /// <param name="Size">Width and depth.</param>
    /// <param name="LayerScale">What the factors of the residuals begin with.</param>
    public sealed record Config(TransformerSize Size, double LayerScale);

    /// <summary>timm's variants of the module <c>beit</c>.</summary>
    public static readonly Family<Config> Family = new("beit", Build, Facts)
    {
        { "beit_base_patch16_224 beit_base_patch16_384", new(Base, 0.1) },
        { "beit_large_patch16_224 beit_large_patch16_384 beit_large_patch16_512", new(Large, 1e-5) },
        { "beitv2_base_patch16_224",  new(Base, 1e-5) },
        { "beitv2_large_patch16_224", new(Large, 1e-5) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, c.Size.Dim);
        var grid = (H: image.Height / Patch, W: image.Width / Patch);
        var patches = image.PatchEmbed(s["patch_embed"], c.Size.Dim, Patch);
        var x = new[] { token.RepeatFor(patches), patches }.Concat(1).Dropout(net.Options.PosDropRate);
        foreach (var b in net.Blocks([c.Size.Depth]))
            x = net.Tap($"blocks.{b.Index}", Block(x, s["blocks"][b.Index], grid, c, net, b),
                y => y.SkipTokens(1).ToMap(grid.H, grid.W));
        return End(x, s, net);
    }

    static Value Block(Value x, Scope s, (int H, int W) grid, Config c, Net net, Place place)
    {
        var y = Attention(x.LayerNorm(s["norm1"]), s["attn"], grid, c, net, place);
        x += y.LayerScale(s, c.LayerScale, "gamma_1").DropPath(place.DropPath);
        y = x.LayerNorm(s["norm2"]).MlpByDepth(s["mlp"], c.Size.Hidden, place);
        return x + y.LayerScale(s, c.LayerScale, "gamma_2").DropPath(place.DropPath);
    }

    static Value Attention(Value x, Scope s, (int H, int W) grid, Config c, Net net, Place place)
    {
        var qkv = x.Qkv(s, c.Size.Heads, QkvBias.WithoutKey);
        // Three rows more: from the class token, to it, and to itself.
        var table = s.Param("relative_position_bias_table", Init.Zeros, RelativePosition.Count(grid) + 3, c.Size.Heads)
            .NoDecay();
        var bias = RelativePosition.Bias(net.Sized(table, new Fit.Bias(grid.H, grid.W)), grid, classToken: true);
        return qkv.Attend(bias, place.AttnDrop).MergeHeads().Linear(s["proj"].ByDepth(place), x.Features)
            .Dropout(place.ProjDrop);
    }

    /// <summary>The mean of the patches is normed after it is taken, all else before.</summary>
    static Value End(Value x, Scope s, Net net)
    {
        var head = new Head(s["head"].With(d => d with { Linear = Init.TruncNormal(2e-5) }))
        {
            PoolBy = (y, name) => GlobalPool.Of(y, name, prefix: 1, among: ["avg", "token"]),
        };
        return (net.Options.GlobalPool ?? head.Pool) == "avg"
            ? net.Head(x, head with { Norm = y => y.LayerNorm(s["fc_norm"]) })
            : net.Head(x.LayerNorm(s["norm"]), head);
    }

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed|rel_pos_bias",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token", "pos_embed"],
        Taps = [-3, -2, -1],
    };
}
