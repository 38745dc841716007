namespace OnnxTimm.Models;

/// <summary>
/// TNT (arXiv:2103.00112): a transformer over patches and, in each patch, one over its pixels, whose tokens are added
/// to the patch's in every block. timm/models/tnt.py.
/// </summary>
public static class Tnt
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 16;

    /// <summary>The stride over pixels: a patch has 4 x 4 tokens of its own.</summary>
    const int Stride = 4;

    /// <param name="Dim">Width of a patch's token.</param>
    /// <param name="Inner">Width of a pixel's token.</param>
    public sealed record Config(int Dim, int Inner) : TransformerStyle(Dim / 64, 4 * Dim)
    {
        /// <summary>From an image to tokens of pixels [N * patches, pixels, inner].</summary>
        public Func<Value, Scope, Config, Value> Pixels { get; init; } = OfEachPatch;

        /// <summary>From the pixels [N * patches, pixels, inner] to what they add to patches [N, patches, D].</summary>
        public Func<Value, Scope, Shape, Value> Added { get; init; } = TwiceNormed;
    }

    /// <summary>timm's variants of the module <c>tnt</c>.</summary>
    public static readonly Family<Config> Family = new("tnt", Build, Facts)
    {
        { "tnt_s_legacy_patch16_224", new(384, 24) { Pixels = OfTheImage, Added = OnceNormed } },
        { "tnt_s_patch16_224",        new(384, 24) },
        { "tnt_b_patch16_224",        new(640, 40) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (h, w) = (image.Height / Patch, image.Width / Patch);
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, c.Dim);
        var positions = net.Sized(s.Param("patch_pos", Init.TruncNormal(), 1, 1 + h * w, c.Dim),
            new Fit.Grid(h, w, Prefix: 1));
        var inPatch = s.Param("pixel_pos", Init.TruncNormal(), 1, c.Inner, Patch / Stride, Patch / Stride);
        var pixels = c.Pixels(image, s["pixel_embed"]["proj"], c) + inPatch.ToTokens();
        var x = TwiceNormed(pixels, s, new(image.Shape[0], h * w, c.Dim), bias: true);
        x = (new[] { token.RepeatFor(x), x }.Concat(1) + positions).Dropout(net.Options.PosDropRate);
        foreach (var b in net.Blocks([12]))
        {
            (pixels, x) = Block(pixels, x, s["blocks"][b.Index], c, b);
            net.Tap($"blocks.{b.Index}", x, y => y.SkipTokens(1).ToMap(h, w));
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"])
        {
            Pool = "token",
            PoolBy = (y, name) => GlobalPool.Of(y, name, prefix: 1, among: ["avg", "token"]),
        });
    }

    /// <summary>Patches are cut out first: no window looks beyond its own.</summary>
    static Value OfEachPatch(Value image, Scope s, Config c) => Whole(image.As(Layout.ChannelsFirst), Patch)
        .ToMap(Patch, Patch).Conv(s, c.Inner, k: 7, stride: Stride, pad: 3).ToTokens();

    static Value OfTheImage(Value image, Scope s, Config c) =>
        Whole(image.Conv(s, c.Inner, k: 7, stride: Stride, pad: 3), Patch / Stride);

    /// <summary>A map cut into windows; what is left at the right and below falls away.</summary>
    static Value Whole(Value map, int side) =>
        map.CropMap(map.Height / side * side, map.Width / side * side).Windows((side, side));

    static (Value Pixels, Value Patches) Block(Value pixels, Value x, Scope s, Config c, Place place)
    {
        pixels += Attention(pixels.LayerNorm(s["norm_in"]), s["attn_in"], 4, place).DropPath(place.DropPath);
        pixels += pixels.LayerNorm(s["norm_mlp_in"]).Mlp(s["mlp_in"], 4 * c.Inner, c.Act, place.ProjDrop)
            .DropPath(place.DropPath);
        var patches = x.SkipTokens(1);
        x = new[] { x.Slice(1, 0, 1), patches + c.Added(pixels, s, patches.Shape) }.Concat(1);
        x += Attention(x.LayerNorm(s["norm_out"]), s["attn_out"], c.Heads, place).DropPath(place.DropPath);
        return (pixels, x + c.Mlp(x.LayerNorm(s["norm_mlp"]), s["mlp"], c, place).DropPath(place.DropPath));
    }

    static Value Attention(Value x, Scope s, int heads, Place place)
    {
        var dim = x.Features;
        var qk = x.Linear(s["qk"], 2 * dim, bias: false).Split([dim, dim], -1);
        return Qkv.Of(qk[0], qk[1], x.Linear(s["v"], dim, bias: false), heads).Attend(dropout: place.AttnDrop)
            .MergeHeads().Linear(s["proj"], dim).Dropout(place.ProjDrop);
    }

    static Value TwiceNormed(Value pixels, Scope s, Shape patches) => TwiceNormed(pixels, s, patches, bias: false);

    /// <summary>All pixels of a patch as one, normed before the layer and after it.</summary>
    static Value TwiceNormed(Value pixels, Scope s, Shape patches, bool bias) => Joined(pixels, patches)
        .LayerNorm(s["norm1_proj"]).Linear(s["proj"], (int)patches[2].Size, bias).LayerNorm(s["norm2_proj"]);

    /// <summary>Each pixel normed by itself.</summary>
    static Value OnceNormed(Value pixels, Scope s, Shape patches) =>
        Joined(pixels.LayerNorm(s["norm1_proj"]), patches).Linear(s["proj"], (int)patches[2].Size);

    static Value Joined(Value pixels, Shape patches) =>
        pixels.Reshape(patches[0], patches[1], pixels.Shape[1] * pixels.Shape[2]);

    static FamilyFacts Facts(Config c) => new(new("^cls_token|patch_pos|pixel_pos|pixel_embed|norm[12]_proj|proj",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
        NoDecay = ["cls_token", "patch_pos", "pixel_pos"],
        Taps = [-3, -2, -1],
    };
}
