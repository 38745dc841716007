namespace OnnxTimm.Models;

/// <summary>
/// CaiT (arXiv:2103.17239): deep vision transformers whose heads talk and whose residuals begin small; the class token
/// comes in for two last blocks, in which it alone attends. timm/models/cait.py.
/// </summary>
public static class Cait
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 16;

    /// <param name="Dim">Width of a token.</param>
    /// <param name="Depth">Blocks before the class token comes in.</param>
    public sealed record Config(int Dim, int Depth) : TransformerStyle(Dim / 48, 4 * Dim);

    /// <summary>timm's variants of the module <c>cait</c>.</summary>
    public static readonly Family<Config> Family = new("cait", Build, Facts)
    {
        { "cait_xxs24_224 cait_xxs24_384", new(192, 24) { LayerScale = 1e-5 } },
        { "cait_xxs36_224 cait_xxs36_384", new(192, 36) { LayerScale = 1e-5 } },
        { "cait_xs24_384",                 new(288, 24) { LayerScale = 1e-5 } },
        { "cait_s24_224 cait_s24_384",     new(384, 24) { LayerScale = 1e-5 } },
        { "cait_s36_384",                  new(384, 36) { LayerScale = 1e-6 } },
        { "cait_m36_384",                  new(768, 36) { LayerScale = 1e-6 } },
        { "cait_m48_448",                  new(768, 48) { LayerScale = 1e-6 } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, c.Dim);
        var (h, w) = (image.Height / Patch, image.Width / Patch);
        var positions = net.Sized(s.Param("pos_embed", Init.TruncNormal(), 1, h * w, c.Dim), new Fit.Grid(h, w));
        var x = (image.PatchEmbed(s["patch_embed"], c.Dim, Patch) + positions).Dropout(net.Options.PosDropRate);
        foreach (var b in net.Blocks([c.Depth], DropPathRule.Constant))
            x = net.Tap($"blocks.{b.Index}", Block(x, s["blocks"][b.Index], c, b), y => y.ToMap(h, w));
        token = token.RepeatFor(x);
        for (var i = 0; i < 2; i++)
            token = ClassBlock(token, x, s["blocks_token_only"][i], c, default);
        return net.Head(new[] { token, x }.Concat(1).LayerNorm(s["norm"]), new(s["head"])
        {
            Pool = "token",
            PoolBy = (y, name) => GlobalPool.Of(y, name, prefix: 1, among: ["avg", "token"]),
        });
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var y = TalkingHeads(x.LayerNorm(s["norm1"]), s["attn"], c, place);
        x += y.LayerScale(s, c.LayerScale, "gamma_1").DropPath(place.DropPath);
        y = c.Mlp(x.LayerNorm(s["norm2"]), s["mlp"], c, place);
        return x + y.LayerScale(s, c.LayerScale, "gamma_2").DropPath(place.DropPath);
    }

    static Value TalkingHeads(Value x, Scope s, Config c, Place place)
    {
        var qkv = x.Qkv(s, c.Heads);
        var weights = qkv.Scores().OverHeads(s.Late("proj_l")).Softmax().OverHeads(s.Late("proj_w"));
        return qkv.Weigh(weights.Dropout(place.AttnDrop)).MergeHeads().Linear(s["proj"], x.Features)
            .Dropout(place.ProjDrop);
    }

    /// <summary>Patches stay as they are; nothing is dropped.</summary>
    static Value ClassBlock(Value token, Value patches, Scope s, Config c, Place place)
    {
        var all = new[] { token, patches }.Concat(1).LayerNorm(s["norm1"]);
        token += all.AttendByClass(s["attn"], c.Heads, place).LayerScale(s, c.LayerScale, "gamma_1");
        return token + c.Mlp(token.LayerNorm(s["norm2"]), s["mlp"], c, place).LayerScale(s, c.LayerScale, "gamma_2");
    }

    /// <summary>timm counts the blocks of the class token with the last two of the patches.</summary>
    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed", (@"^blocks\.(\d+)", null),
        (@"^blocks_token_only\.0", [c.Depth - 2]), (@"^blocks_token_only\.1|norm\.", [c.Depth - 1])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token", "pos_embed"],
        Taps = [-3, -2, -1],
    };
}
