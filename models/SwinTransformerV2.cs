namespace OnnxTimm.Models;

/// <summary>
/// Swin Transformer V2 (arXiv:2111.09883): attention by cosines within windows that move by half a window from block to
/// block, with a bias for each offset that an MLP makes of its logarithm. timm/models/swin_transformer_v2.py.
/// </summary>
public static class SwinTransformerV2
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 4;

    /// <param name="Dim">Width of a token in the first stage; each stage doubles it.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Heads">Attention heads in the first stage; each stage doubles them.</param>
    /// <param name="Window">Tokens along the side of a window.</param>
    public sealed record Config(int Dim, int[] Depths, int Heads, int Window)
    {
        /// <summary>Sides of the windows of each stage in pretraining, where they were others.</summary>
        public int[]? Pretrained { get; init; }
    }

    /// <param name="Heads">Attention heads.</param>
    /// <param name="Windows">How the map is cut.</param>
    /// <param name="Pretrained">Sides of the windows in pretraining, where they were others.</param>
    sealed record Style(int Heads, (int H, int W) Windows, (int H, int W)? Pretrained);

    /// <summary>timm's variants of the module <c>swin_transformer_v2</c>.</summary>
    public static readonly Family<Config> Family = new("swin_transformer_v2", Build, Facts)
    {
        { "swinv2_tiny_window8_256",             Tiny(8) },
        { "swinv2_tiny_window16_256",            Tiny(16) },
        { "swinv2_small_window8_256",            Small(8) },
        { "swinv2_small_window16_256",           Small(16) },
        { "swinv2_base_window8_256",             Base(8) },
        { "swinv2_base_window16_256",            Base(16) },
        { "swinv2_base_window12_192",            Base(12) },
        { "swinv2_base_window12to16_192to256",   Base(16) with { Pretrained = [12, 12, 12, 6] } },
        { "swinv2_base_window12to24_192to384",   Base(24) with { Pretrained = [12, 12, 12, 6] } },
        { "swinv2_large_window12_192",           Large(12) },
        { "swinv2_large_window12to16_192to256",  Large(16) with { Pretrained = [12, 12, 12, 6] } },
        { "swinv2_large_window12to24_192to384",  Large(24) with { Pretrained = [12, 12, 12, 6] } },
    };

    static Config Tiny(int window) => new(96, [2, 2, 6, 2], 3, window);

    static Config Small(int window) => new(96, [2, 2, 18, 2], 3, window);

    static Config Base(int window) => new(128, [2, 2, 18, 2], 4, window);

    static Config Large(int window) => new(192, [2, 2, 18, 2], 6, window);

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var embed = s["patch_embed"];
        var x = image.Conv(embed["proj"], c.Dim, k: Patch, stride: Patch, Pad.Valid).ChannelsLast()
            .LayerNorm(embed["norm"]);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["layers"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = MergePatches(x, stage["downsample"]);
            x = Block(x, stage["blocks"][b.Index], StyleOf(c, x, b.Stage), c.Window / 2 * (b.Index % 2), b);
            if (b.IsLast)
                net.Tap($"layers.{b.Stage}", x, map => map.ChannelsFirst());
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"]["fc"]));
    }

    /// <summary>No window is larger than the map.</summary>
    static Style StyleOf(Config c, Value x, int stage) => new(c.Heads << stage,
        (Math.Min(c.Window, x.Height), Math.Min(c.Window, x.Width)),
        c.Pretrained is { } sides ? (sides[stage], sides[stage]) : null);

    /// <summary>Four neighbours as one token: a map [N, H, W, C] as [N, H / 2, W / 2, 2C].</summary>
    static Value MergePatches(Value x, Scope s)
    {
        x = x.PadToWindows((2, 2));
        var (n, height, width, c) = (x.Shape[0], x.Height / 2, x.Width / 2, x.Features);
        return x.Reshape(n, height, 2, width, 2, c).Transpose(0, 1, 3, 4, 2, 5).Reshape(n, height, width, 4 * c)
            .As(Layout.ChannelsLast).Linear(s["reduction"], 2 * c, bias: false).LayerNorm(s["norm"]);
    }

    /// <summary>Norms its residuals, which begin at zero.</summary>
    static Value Block(Value x, Scope s, Style style, int shift, Place place)
    {
        x += Attend(x, s["attn"], style, shift, place).LayerNorm(s["norm1"].ZeroNorm()).DropPath(place.DropPath);
        var y = x.Mlp(s["mlp"], 4 * x.Features, Activations.Gelu, place.ProjDrop);
        return x + y.LayerNorm(s["norm2"].ZeroNorm()).DropPath(place.DropPath);
    }

    /// <summary>Within windows of a map that is moved up and left; along a side that is one window it stays.</summary>
    static Value Attend(Value x, Scope s, Style style, int shift, Place place)
    {
        var (dy, dx) = (x.Height > style.Windows.H ? shift : 0, x.Width > style.Windows.W ? shift : 0);
        var map = x.Roll(-dy, -dx).PadToWindows(style.Windows);
        var mask = x.Graph.ShiftMask((map.Height, map.Width), style.Windows, (dy, dx));
        var y = Attend(map.Windows(style.Windows), s, style, mask, place);
        return y.Unwindowed(map, style.Windows).CropTo(x.Height, x.Width).Roll(dy, dx);
    }

    static Value Attend(Value x, Scope s, Style style, Value? mask, Place place)
    {
        var scale = s.Param("logit_scale", Init.Fill((float)Math.Log(10)), style.Heads, 1, 1).NoDecay();
        var mlp = s["cpb_mlp"].NoDecay();
        var offsets = RelativePosition.LogCoordinates(x.Graph, style.Windows, style.Pretrained);
        var table = RelativePosition.MlpTable(offsets, mlp[0], mlp[2], 512, style.Heads);
        var position = RelativePosition.Bias(table.Sigmoid() * 16, style.Windows);
        var qkv = x.Qkv(s, style.Heads, QkvBias.WithoutKey).OnQk(y => y.L2Normalize());
        qkv = qkv with { Q = qkv.Q * scale.Min(Math.Log(100)).Exp() };
        var weights = (qkv.Scores(scale: 1) + position).Masked(mask).Softmax().Dropout(place.AttnDrop);
        return qkv.Weigh(weights).MergeHeads().Linear(s["proj"], x.Features).Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^absolute_pos_embed|patch_embed",
        (@"^layers\.(\d+).downsample", [0]), (@"^layers\.(\d+)\.\w+\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
        DropPathRate = 0.1,
    };
}
