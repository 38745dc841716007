using static OnnxTimm.Models.VisionTower;

namespace OnnxTimm.Models;

/// <summary>
/// The image encoder of DeepSeek-V4 (arXiv:2609.19969): rotary positions alone, root-mean-square norms, gated MLPs, and
/// a layer that joins 3x3 tokens for the language model. timm/models/deepseek_vit.py.
/// </summary>
public static class DeepseekVit
{
    const int Patch = 14;

    /// <param name="Size">Width and depth; the hidden width is that of the gate.</param>
    /// <param name="Widths">
    /// Width of the joined tokens, by the record's tag; the first where there is no such tag.
    /// </param>
    /// <param name="End">What follows the blocks.</param>
    public sealed record Config(TransformerSize Size, (string Tag, int Width)[] Widths, NetPart<Config> End)
    {
        /// <summary>What stands before the names of the encoder.</summary>
        public string Encoder { get; init; } = "encoder";

        /// <summary>Width that the aligner gives, by the tag of a pretrained record.</summary>
        public int AlignedWidth(string tag) =>
            Widths.Where(w => w.Tag == tag).Append(Widths[0]).First().Width;
    }

    /// <summary>timm's variants of the module <c>deepseek_vit</c>.</summary>
    public static readonly Family<Config> Family = new("deepseek_vit", Build, Facts)
    {
        { "deepseek_vit_412m",       new(Size, Widths, Patches) },
        { "deepseek_vit_412m_align", new(Size, Widths, Aligned) },
        { "deepseek_vit_412m_enc",   new(Size, Widths, Tokens) { Encoder = "" } },
    };

    static TransformerSize Size => new(1024, 32, 16, 2816);

    static (string, int)[] Widths => [("deepseek_v4_1_flash", 5120), ("deepseek_v4_flash_vision_exp", 4096)];

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (encoder, grid) = (EncoderScope(s, c), GridOf(image, Patch));
        var x = image.PatchEmbed(encoder["patch_embed"], c.Size.Dim, Patch);
        var rope = RopeOf(image.Graph, grid, c.Size.Dim / c.Size.Heads);
        x = Blocks(x, encoder, c.Size.Depth, grid, net, (y, at, place) => Block(y, at, c.Size, rope, place));
        return c.End(x.RmsNorm(encoder["norm"]).ToRows(grid), s, c, net);
    }

    static Scope EncoderScope(Scope s, Config c) => c.Encoder.Length == 0 ? s : s[c.Encoder];

    static Value Block(Value x, Scope s, TransformerSize size, Rope rope, Place place)
    {
        x += x.RmsNorm(s["norm1"]).RotaryAttention(s["attn"], size.Heads, rope, place).DropPath(place.DropPath);
        return x + GatedMlp(x.RmsNorm(s["norm2"]), s["mlp"], size.Hidden, place).DropPath(place.DropPath);
    }

    static Value GatedMlp(Value x, Scope s, int hidden, Place place)
    {
        var halves = x.Linear(s["fc1"], 2 * hidden, bias: false).Split([hidden, hidden], -1);
        var y = (halves[0].Silu() * halves[1]).Dropout(place.ProjDrop);
        return y.Linear(s["fc2"], x.Features, bias: false).Dropout(place.ProjDrop);
    }

    static Value Patches(Value map, Scope s, Config c, Net net)
    {
        net.Unpooled(map);
        var tokens = map.Reshape(map.Shape[0], map.Height * map.Width, map.Features);
        return Classify(tokens, s, net, x => x.RmsNormalize(1e-6));
    }

    static Value Aligned(Value map, Scope s, Config c, Net net) =>
        Classify(Align(map, s, c, net), s, net, x => x.RmsNormalize(1e-6));

    static Value Tokens(Value map, Scope s, Config c, Net net)
    {
        net.Unpooled(map);
        return Encoded(Align(map, s, c, net), net);
    }

    static Value Align(Value map, Scope s, Config c, Net net)
    {
        var (aligner, width) = (EncoderScope(s, c)["aligner"], c.AlignedWidth(net.Record.Tag));
        return map.PadToWindows((3, 3)).JoinSquares(3, byChannel: true)
            .Linear(aligner["fc1"], width).Gelu().Linear(aligner["fc2"], width);
    }

    static FamilyFacts Facts(Config c) => new(c.Encoder.Length == 0
        ? new("^patch_embed|rope",
            (@"^blocks\.(\d+)", null), ("^norm|^aligner", [LayerGroups.Previous]))
        : new(@"^encoder\.(?:patch_embed|rope)", (@"^encoder\.blocks\.(\d+)", null),
            (@"^encoder\.(?:norm|aligner)|^norm|^head", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        Taps = [-3, -2, -1],
    };
}
