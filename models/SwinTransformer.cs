namespace OnnxTimm.Models;

/// <summary>
/// Swin Transformer (arXiv:2103.14030): attention within windows that every other block shifts by half of their side,
/// over maps that are halved between stages; AutoFormerV2's S3 (2111.14725). timm/models/swin_transformer.py.
/// </summary>
public static class SwinTransformer
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 4;

    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Windows">Side of a window, in tokens, of each stage.</param>
    public sealed record Config(int Dim, int[] Depths, params int[] Windows);

    /// <summary>timm's variants of the module <c>swin_transformer</c>.</summary>
    public static readonly Family<Config> Family = new("swin_transformer", Build, Facts)
    {
        { "swin_tiny_patch4_window7_224",    new(96, [2, 2, 6, 2], 7) },
        { "swin_small_patch4_window7_224",   new(96, [2, 2, 18, 2], 7) },
        { "swin_base_patch4_window7_224",    new(128, [2, 2, 18, 2], 7) },
        { "swin_base_patch4_window12_384",   new(128, [2, 2, 18, 2], 12) },
        { "swin_large_patch4_window7_224",   new(192, [2, 2, 18, 2], 7) },
        { "swin_large_patch4_window12_384",  new(192, [2, 2, 18, 2], 12) },
        { "swin_s3_tiny_224",                new(96, [2, 2, 6, 2], 7, 7, 14, 7) },
        { "swin_s3_small_224",               new(96, [2, 2, 18, 2], 14, 14, 14, 7) },
        { "swin_s3_base_224",                new(96, [2, 2, 30, 2], 7, 7, 14, 7) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var embed = s["patch_embed"];
        var x = image.Conv(embed["proj"], c.Dim, k: Patch, stride: Patch, Pad.Valid).ChannelsLast()
            .LayerNorm(embed["norm"]);
        foreach (var b in net.Blocks(c.Depths))
        {
            var (layer, dim) = (s["layers"][b.Stage], c.Dim << b.Stage);
            if (b is { IsFirst: true, Stage: > 0 })
                x = Merge(x, layer["downsample"], dim);
            var style = new TransformerStyle(dim / 32, 4 * dim)
            {
                Attention = Shifted(net, c.Windows[b.Stage % c.Windows.Length]),
            };
            x = TransformerBlocks.PreNorm(x, layer["blocks"][b.Index], style, b);
            if (b.IsLast)
                net.Tap($"layers.{b.Stage}", x, y => y.ChannelsFirst());
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"]["fc"]));
    }

    /// <summary>2x2 pixels, column by column, become one of twice the width.</summary>
    internal static Value Merge(Value x, Scope s, int dim)
    {
        x = x.PadToWindows((2, 2));
        var (h, w) = (x.Height / 2, x.Width / 2);
        var merged = x.Reshape(x.Shape[0], h, 2, w, 2, x.Features).Transpose(0, 1, 3, 4, 2, 5)
            .Reshape(x.Shape[0], h, w, 4 * x.Features).As(Layout.ChannelsLast);
        return merged.LayerNorm(s["norm"]).Linear(s["reduction"], dim, bias: false);
    }

    /// <summary>
    /// Attention within windows of a map [N, H, W, C], moved in every other block. A map that is no larger than a
    /// window is one window.
    /// </summary>
    static TokenBlock<TransformerStyle> Shifted(Net net, int side) => (x, s, style, place) =>
    {
        var (h, w) = (x.Height, x.Width);
        var window = (H: Math.Min(h, side), W: Math.Min(w, side));
        var shift = place.Index % 2 == 0 ? (H: 0, W: 0) : (H: h <= side ? 0 : side / 2, W: w <= side ? 0 : side / 2);
        var map = x.Roll(-shift.H, -shift.W).PadToWindows(window);
        var mask = x.Graph.ShiftMask((map.Height, map.Width), window, shift);
        return WindowAttention(map.Windows(window), s, net, window, mask, style, place)
            .Unwindowed(map, window).CropTo(h, w).Roll(shift.H, shift.W);
    };

    static Value WindowAttention(Value x, Scope s, Net net, (int H, int W) window, Value? mask,
        TransformerStyle style, Place place)
    {
        var table = net.Sized(s.Param("relative_position_bias_table", Init.TruncNormal(),
            RelativePosition.Count(window), style.Heads).NoDecay(), new Fit.Bias(window.H, window.W));
        var qkv = x.Qkv(s, style.Heads);
        var scores = (qkv.Scores() + RelativePosition.Bias(table, window)).Masked(mask);
        return qkv.Weigh(scores.Softmax().Dropout(place.AttnDrop)).MergeHeads().Linear(s["proj"], x.Features)
            .Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^layers\.(\d+).downsample", [0]), (@"^layers\.(\d+)\.\w+\.(\d+)", null),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
        DropPathRate = 0.1,
    };
}
