using static OnnxTimm.Models.TransformerSize;
using static OnnxTimm.Models.VisionTower;

namespace OnnxTimm.Models;

/// <summary>
/// The image encoder of Qwen3-VL (arXiv:2511.21631) and its successors: learned and rotary positions, and a layer that
/// joins 2x2 tokens for the language model. timm/models/qwen3_vit.py.
/// </summary>
public static class Qwen3Vit
{
    const int Patch = 16;

    /// <summary>Rows and columns of the learned positions.</summary>
    const int Side = 48;

    /// <param name="Size">Width and depth.</param>
    /// <param name="Widths">
    /// Width of the joined tokens, by the record's tag; the first where there is no such tag.
    /// </param>
    /// <param name="End">What follows the blocks.</param>
    public sealed record Config(TransformerSize Size, (string Tag, int Width)[] Widths, NetPart<Config> End)
    {
        /// <summary>What stands before the names of the encoder.</summary>
        public string Encoder { get; init; } = "encoder";

        /// <summary>Width of the joined tokens, by the tag of a pretrained record.</summary>
        public int MergedWidth(string tag) =>
            Widths.Where(w => w.Tag == tag).Append(Widths[0]).First().Width;
    }

    /// <summary>timm's variants of the module <c>qwen3_vit</c>.</summary>
    public static readonly Family<Config> Family = new("qwen3_vit", Build, Facts)
    {
        { "qwen3_vit_88m",        new(Base, W88, Patches) },
        { "qwen3_vit_88m_merge",  new(Base, W88, Merged) },
        { "qwen3_vit_88m_enc",    new(Base, W88, Tokens) { Encoder = "" } },
        { "qwen3_vit_306m",       new(Large, W306, Patches) },
        { "qwen3_vit_306m_merge", new(Large, W306, Merged) },
        { "qwen3_vit_306m_enc",   new(Large, W306, Tokens) { Encoder = "" } },
        { "qwen3_vit_416m",       new(So400M, W416, Patches) },
        { "qwen3_vit_416m_merge", new(So400M, W416, Merged) },
        { "qwen3_vit_416m_enc",   new(So400M, W416, Tokens) { Encoder = "" } },
    };

    static (string, int)[] W88 => [("qwen3_5_0_8b", 1024)];

    static (string, int)[] W306 =>
        [("qwen3_5_2b", 2048), ("qwen3_5_4b", 2560), ("qwen3_vl_4b", 2560), ("qwen_drive_1_0_4b", 2560)];

    static (string, int)[] W416 =>
    [
        ("qwen3_8_27b", 5120), ("qwen3_8_flash_next", 2560), ("qwen3_5_27b", 5120), ("qwen3_5_9b", 4096),
        ("qwen3_vl_8b", 4096), ("qwen3_vl_32b", 5120), ("qwen3_vl_30b_a3b", 2048), ("qwen3_vl_235b_a22b", 4096),
    ];

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (encoder, grid) = (EncoderScope(s, c), GridOf(image, Patch));
        var positions = encoder.Param("pos_embed", Init.TruncNormal(), 1, Side * Side, c.Size.Dim).NoDecay();
        var x = image.PatchEmbed(encoder["patch_embed"], c.Size.Dim, Patch)
            + positions.ToMap(Side, Side).Resample(grid.H, grid.W, Resampling.BilinearCorners).ToTokens();
        var rope = RopeOf(image.Graph, grid, c.Size.Dim / c.Size.Heads);
        x = Blocks(x, encoder, c.Size.Depth, grid, net, (y, at, place) => Block(y, at, c.Size, rope, place));
        return c.End(x.ToRows(grid), s, c, net);
    }

    static Scope EncoderScope(Scope s, Config c) => c.Encoder.Length == 0 ? s : s[c.Encoder];

    static Value Block(Value x, Scope s, TransformerSize size, Rope rope, Place place)
    {
        x += x.LayerNorm(s["norm1"]).RotaryAttention(s["attn"], size.Heads, rope, place).DropPath(place.DropPath);
        return x + x.LayerNorm(s["norm2"]).Mlp(s["mlp"], size.Hidden, Activations.GeluTanh, place.ProjDrop)
            .DropPath(place.DropPath);
    }

    static Value Patches(Value map, Scope s, Config c, Net net)
    {
        net.Unpooled(map);
        var tokens = map.Reshape(map.Shape[0], map.Height * map.Width, map.Features);
        return Classify(tokens, s, net, x => x.LayerNormalize(1e-6));
    }

    static Value Merged(Value map, Scope s, Config c, Net net) =>
        Classify(Merge(map, s, c, net), s, net, x => x.LayerNormalize(1e-6));

    static Value Tokens(Value map, Scope s, Config c, Net net)
    {
        net.Unpooled(map);
        return Encoded(Merge(map, s, c, net), net);
    }

    static Value Merge(Value map, Scope s, Config c, Net net)
    {
        var merger = EncoderScope(s, c)["merger"];
        if (map.Height % 2 + map.Width % 2 > 0)
            throw new UserException($"{map.Height}x{map.Width} patches are not whole squares of 2x2.");
        var x = map.LayerNorm(merger["norm"]).JoinSquares(2, byChannel: false);
        return x.Linear(merger["fc1"], x.Features).Gelu().Linear(merger["fc2"], c.MergedWidth(net.Record.Tag));
    }

    static FamilyFacts Facts(Config c) => new(c.Encoder.Length == 0
        ? new("^patch_embed|pos_embed|rope",
            (@"^blocks\.(\d+)", null), ("^merger", [LayerGroups.Previous]))
        : new(@"^encoder\.(?:patch_embed|pos_embed|rope)",
            (@"^encoder\.blocks\.(\d+)", null), (@"^encoder\.merger|^norm|^head", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        Taps = [-3, -2, -1],
    };
}
