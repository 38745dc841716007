using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

/// <summary>
/// The image encoder of Segment Anything (arXiv:2304.02643), a ViT that attends within windows but for four blocks, and
/// knows positions by distances down and across (2203.16527). timm/models/vision_transformer_sam.py.
/// </summary>
public static class VisionTransformerSam
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 16;

    /// <summary>Tokens along the side of a window.</summary>
    const int Window = 14;

    /// <param name="Size">Width and depth.</param>
    public sealed record Config(TransformerSize Size) : TransformerStyle(Size.Heads, Size.Hidden)
    {
        /// <summary>An image as a map [N, H, W, C] with its positions.</summary>
        public NetPart<Config> Embed { get; init; } = Positioned;

        /// <summary>From the last block's map [N, C, H, W] to the one that is pooled.</summary>
        public Func<Value, Scope, Value> Neck { get; init; } = Narrow;
    }

    /// <summary>timm's variants of the module <c>vision_transformer_sam</c>.</summary>
    public static readonly Family<Config> Family = new("vision_transformer_sam", Build, Facts)
    {
        { "samvit_base_patch16",     new(Base) },
        { "samvit_large_patch16",    new(Large) },
        { "samvit_huge_patch16",     new(Huge) },
        { "samvit_base_patch16_224", new(Base) { Embed = Patches, Neck = NormOnly } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = c.Embed(image, s, c, net).Dropout(net.Options.PosDropRate);
        foreach (var b in net.Blocks([c.Size.Depth]))
        {
            var isGlobal = (b.Index + 1) % (c.Size.Depth / 4) == 0;
            var style = c with { Attention = Windowed(isGlobal ? (x.Height, x.Width) : (Window, Window), net) };
            x = TransformerBlocks.PreNorm(x, s["blocks"][b.Index], style, b);
            net.Tap($"blocks.{b.Index}", x, y => y.ChannelsFirst());
        }
        return net.Head(c.Neck(x.ChannelsFirst(), s["neck"]), new(s["head"]["fc"]));
    }

    static Value Positioned(Value image, Scope s, Config c, Net net)
    {
        var x = Patches(image, s, c, net);
        var positions = s.Param("pos_embed", Init.Zeros, 1, x.Height, x.Width, c.Size.Dim);
        return x + net.Sized(positions, new Fit.Grid(x.Height, x.Width));
    }

    static Value Patches(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, Patch);
        return image.Conv(s["patch_embed"]["proj"], c.Size.Dim, k: Patch, stride: Patch, Pad.Valid).ChannelsLast();
    }

    /// <summary>Within windows of a map [N, H, W, C]; those at the right and below are filled up with zeros.</summary>
    static TokenBlock<TransformerStyle> Windowed((int H, int W) window, Net net) => (x, s, style, place) =>
    {
        var d = x.Features / style.Heads;
        var down = net.Sized(s.Param("rel_pos_h", Init.Zeros, 2 * window.H - 1, d), new Fit.Distances());
        var across = net.Sized(s.Param("rel_pos_w", Init.Zeros, 2 * window.W - 1, d), new Fit.Distances());
        var map = x.PadToWindows(window);
        var qkv = map.Windows(window).Qkv(s, style.Heads);
        var bias = RelativePosition.Decomposed(qkv.Q, (down, across), window, window);
        return qkv.Attend(bias, place.AttnDrop).MergeHeads().Linear(s["proj"], x.Features).Dropout(place.ProjDrop)
            .Unwindowed(map, window).CropTo(x.Height, x.Width);
    };

    static Value Narrow(Value x, Scope s)
    {
        x = x.Conv(s[0], 256, k: 1, bias: false).LayerNorm2d(s[1].NormEps(1e-6));
        return x.Conv(s[2], 256, k: 3, bias: false).LayerNorm2d(s[3].NormEps(1e-6));
    }

    static Value NormOnly(Value x, Scope s) => x.LayerNorm2d(s.NormEps(1e-6));

    static FamilyFacts Facts(Config c) => new(new("^pos_embed|patch_embed",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { LayerNormEps = 1e-5 },
        NoDecay = ["pos_embed", "dist_token"],
        Taps = [-3, -2, -1],
    };
}
