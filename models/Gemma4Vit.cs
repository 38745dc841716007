using static OnnxTimm.Models.VisionTower;

namespace OnnxTimm.Models;

/// <summary>
/// The image encoder of Gemma 4: a learned position for each row and column, rotary ones whose axes have a half of each
/// head, norms before and after all layers, and means of 3x3 tokens for the language model. timm/models/gemma4_vit.py.
/// </summary>
public static class Gemma4Vit
{
    const int Patch = 16;

    /// <summary>Rows, and columns, that have a position.</summary>
    const int Positions = 10240;

    /// <summary>Side of the squares of tokens that the encoder gives the mean of.</summary>
    const int Side = 3;

    /// <param name="Size">Width and depth.</param>
    /// <param name="End">What follows the blocks.</param>
    public sealed record Config(TransformerSize Size, NetPart<Config> End)
    {
        /// <summary>What stands before the names of the encoder.</summary>
        public string Encoder { get; init; } = "encoder";
    }

    /// <summary>timm's variants of the module <c>gemma4_vit</c>.</summary>
    public static readonly Family<Config> Family = new("gemma4_vit", Build, Facts)
    {
        { "gemma4_vit_167m",     new(TransformerSize.Base with { Depth = 16 }, Patches) },
        { "gemma4_vit_167m_enc", new(TransformerSize.Base with { Depth = 16 }, Squares) { Encoder = "" } },
        { "gemma4_vit_570m",     new(TransformerSize.So400M, Patches) },
        { "gemma4_vit_570m_enc", new(TransformerSize.So400M, Squares) { Encoder = "" } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (encoder, grid) = (c.Encoder.Length == 0 ? s : s[c.Encoder], GridOf(image, Patch));
        var x = Embed(image, encoder["patch_embed"], c.Size.Dim, grid);
        var rope = Rope.Of(image.Graph, Rope.Positions(grid), Rope.Bands(c.Size.Dim / c.Size.Heads / 4, 100),
            RopePairs.Quarters, columnsFirst: true);
        foreach (var b in net.Blocks([c.Size.Depth]))
            x = net.Tap($"blocks.{b.Index}", Block(x, encoder["blocks"][b.Index], c.Size, rope, b),
                tokens => tokens.ToMap(grid.H, grid.W));
        net.Unpooled(x);
        return c.End(x.ToRows(grid), s, c, net);
    }

    /// <summary>Patches of pixels in [-1, 1], with a position by column and one by row.</summary>
    static Value Embed(Value image, Scope s, int dim, (int H, int W) grid)
    {
        var table = s.Param("position_embedding_table", Init.TruncNormalTf(0.02), 2, Positions, dim).NoDecay();
        var columns = table.Slice([0, 1], [0, 0], [1, grid.W]).Reshape(1, 1, grid.W, dim);
        var rows = table.Slice([0, 1], [1, 0], [2, grid.H]).Reshape(1, grid.H, 1, dim);
        var weight = s["input_proj"].Param("weight", s.Defaults.Linear, dim, image.Channels * Patch * Patch)
            .Reshape(dim, image.Channels, Patch, Patch);
        var patches = ((image - 0.5) * 2).Conv(weight, null, new([Patch, Patch], [0, 0, 0, 0], [1, 1]));
        return patches.ToTokens() + (rows + columns).Reshape(1, grid.H * grid.W, dim);
    }

    static Value Block(Value x, Scope s, TransformerSize size, Rope rope, Place place)
    {
        var y = Attention(x.RmsNorm(s["norm1"]), s["attn"], size.Heads, rope, place);
        x += y.RmsNorm(s["norm2"]).DropPath(place.DropPath);
        y = Mlp(x.RmsNorm(s["norm3"]), s["mlp"], size.Hidden);
        return x + y.RmsNorm(s["norm4"]).DropPath(place.DropPath);
    }

    /// <summary>Queries, keys and values are normed, so that the scores need no scale.</summary>
    static Value Attention(Value x, Scope s, int heads, Rope rope, Place place)
    {
        s = s.Ordered("q_proj", "k_proj", "v_proj", "o_proj");
        var qkv = Qkv.Of(Linear(x, s["q_proj"], x.Features), Linear(x, s["k_proj"], x.Features),
            Linear(x, s["v_proj"], x.Features), heads);
        qkv = new(qkv.Q.RmsNorm(s["q_norm"]), qkv.K.RmsNorm(s["k_norm"]), qkv.V.RmsNormalize(1e-6));
        var y = qkv.OnQk(rope.Rotate).Attend(dropout: place.AttnDrop, scale: 1).MergeHeads();
        return Linear(y, s["o_proj"], x.Features).Dropout(place.ProjDrop);
    }

    static Value Mlp(Value x, Scope s, int hidden)
    {
        var gate = Linear(x, s["gate_proj"], hidden).GeluTanh();
        return Linear(gate * Linear(x, s["up_proj"], hidden), s["down_proj"], x.Features);
    }

    static Value Linear(Value x, Scope s, int width) => x.Linear(s["linear"], width, bias: false);

    static Value Patches(Value map, Scope s, Config c, Net net)
    {
        // The encoder alone moves and scales its tokens.
        net.LeaveOut($"{c.Encoder}.std_*");
        var plain = s.With(d => d with { Linear = Init.PyTorchDefault });
        return Classify(net.Features[0], plain, net, x => x.RmsNormalize(1e-6));
    }

    static Value Squares(Value map, Scope s, Config c, Net net)
    {
        if (map.Height % Side + map.Width % Side > 0)
            throw new UserException($"{map.Height}x{map.Width} patches are not whole squares of {Side}x{Side}.");
        var tokens = map.ChannelsFirst().AvgPool(k: Side, stride: Side, Pad.Valid).ToTokens() * Math.Sqrt(c.Size.Dim);
        return net.Head(tokens, new(s["head"]) { Pool = "", Classifier = (_, _, _, _) => throw NoClassifier() });
    }

    static FamilyFacts Facts(Config c) => new(c.Encoder.Length == 0
        ? new("^patch_embed|^rotary_emb", (@"^blocks\.(\d+)", null), (@"^pooler|^std_", [LayerGroups.Previous]))
        : new(@"^encoder\.patch_embed|^encoder\.rotary_emb", (@"^encoder\.blocks\.(\d+)", null)))
    {
        Layers = new() { Linear = Init.TruncNormalTf(0.02), LinearBias = Init.Zeros },
        Taps = [-3, -2, -1],
    };
}
