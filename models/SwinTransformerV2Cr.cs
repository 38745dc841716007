namespace OnnxTimm.Models;

/// <summary>
/// Swin Transformer V2 (arXiv:2111.09883) as Christoph Reich wrote it: windows that follow the image, offsets in a
/// logarithmic scale of pixels, and norms of the sum in some blocks. timm/models/swin_transformer_v2_cr.py.
/// </summary>
public static class SwinTransformerV2Cr
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 4;

    /// <summary>Windows along a side of the first stage's map.</summary>
    const int WindowsAlong = 8;

    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Heads">Attention heads in the first stage; each stage doubles them.</param>
    public sealed record Config(int Dim, int[] Depths, int Heads)
    {
        /// <summary>Whether a block norms what it gives.</summary>
        public Func<Place, bool> IsNormed { get; init; } = IsEnd;
    }

    /// <summary>timm's variants of the module <c>swin_transformer_v2_cr</c>.</summary>
    public static readonly Family<Config> Family = new("swin_transformer_v2_cr", Build, Facts)
    {
        { "swinv2_cr_tiny_224 swinv2_cr_tiny_384",       Tiny },
        { "swinv2_cr_tiny_ns_224",                       Tiny with { IsNormed = b => b.IsLast } },
        { "swinv2_cr_small_224 swinv2_cr_small_384",     Small },
        { "swinv2_cr_small_ns_224 swinv2_cr_small_ns_256", Small with { IsNormed = b => b.IsLast } },
        { "swinv2_cr_base_224 swinv2_cr_base_384",       Base },
        { "swinv2_cr_base_ns_224",                       Base with { IsNormed = b => b.IsLast } },
        { "swinv2_cr_large_224 swinv2_cr_large_384",     new(192, [2, 2, 18, 2], 6) },
        { "swinv2_cr_huge_224",                          new(352, [2, 2, 18, 2], 8) { IsNormed = IsSixthOrEnd } },
        { "swinv2_cr_huge_384",                          new(352, [2, 2, 18, 2], 11) { IsNormed = IsSixthOrEnd } },
        { "swinv2_cr_giant_224 swinv2_cr_giant_384",     new(512, [2, 2, 42, 2], 16) { IsNormed = IsSixthOrEnd } },
    };

    static Config Tiny => new(96, [2, 2, 6, 2], 3);

    static Config Small => new(96, [2, 2, 18, 2], 3);

    static Config Base => new(128, [2, 2, 18, 2], 4);

    static bool IsEnd(Place b) => b.Number == b.Blocks - 1;

    static bool IsSixthOrEnd(Place b) => (b.Index + 1) % 6 == 0 || IsEnd(b);

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var embed = s["patch_embed"];
        var x = image.Conv(embed["proj"], c.Dim, k: Patch, stride: Patch, Pad.Valid).ChannelsLast()
            .LayerNorm(embed["norm"]);
        var largest = (H: x.Height / WindowsAlong, W: x.Width / WindowsAlong);
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, dim) = (s["stages"][b.Stage], c.Dim << b.Stage);
            if (b is { IsFirst: true, Stage: > 0 })
                x = SwinTransformer.Merge(x, stage["downsample"], dim);
            var window = (Math.Min(largest.H, x.Height), Math.Min(largest.W, x.Width));
            x = Block(x, stage["blocks"][b.Index], c.Heads << b.Stage, window, b);
            x = c.IsNormed(b) ? x.LayerNorm(stage["blocks"][b.Index]["norm3"]) : x;
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x, y => y.ChannelsFirst());
        }
        return net.Head(x.ChannelsFirst(), new(s["head"]["fc"]));
    }

    /// <summary>Norms its residuals, which begin at zero.</summary>
    static Value Block(Value x, Scope s, int heads, (int H, int W) window, Place place)
    {
        var y = Shifted(x, s["attn"], heads, window, place);
        x += y.LayerNorm(s["norm1"].ZeroNorm()).DropPath(place.DropPath);
        y = x.Mlp(s["mlp"], 4 * x.Features, Activations.Gelu, place.ProjDrop);
        return x + y.LayerNorm(s["norm2"].ZeroNorm()).DropPath(place.DropPath);
    }

    /// <summary>Every other block moves the map by half a window; along a side that is one window it stays.</summary>
    static Value Shifted(Value x, Scope s, int heads, (int H, int W) window, Place place)
    {
        var moves = place.Index % 2 == 1;
        var dy = moves && x.Height > window.H ? window.H / 2 : 0;
        var dx = moves && x.Width > window.W ? window.W / 2 : 0;
        var map = x.Roll(-dy, -dx).PadToWindows(window);
        var mask = x.Graph.ShiftMask((map.Height, map.Width), window, (dy, dx));
        var scale = s.Param("logit_scale", Init.Fill((float)Math.Log(10)), heads).Reshape(heads, 1, 1);
        var qkv = map.Windows(window).Qkv(s, heads).OnQk(y => y.L2Normalize());
        var table = RelativePosition.PixelMlpTable(s.Late("meta_mlp"), window, hidden: 384, heads);
        qkv = qkv with { Q = qkv.Q * scale.Min(Math.Log(100)).Exp() };
        var scores = (qkv.Scores(scale: 1) + RelativePosition.Bias(table, window)).Masked(mask);
        return qkv.Weigh(scores.Softmax().Dropout(place.AttnDrop)).MergeHeads().Linear(s["proj"], x.Features)
            .Dropout(place.ProjDrop).Unwindowed(map, window).CropTo(x.Height, x.Width).Roll(dy, dx);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.\w+\.(\d+)", null)))
    {
        Layers = new() { LayerNormEps = 1e-5 },
    };
}
