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

        /// <summary>A linear map without a bias, to a width.</summary>
        public Func<Value, Scope, int, Value> Linear { get; init; } = Plain;
    }

    /// <summary>timm's variants of the module <c>gemma4_vit</c>.</summary>
    public static readonly Family<Config> Family = new("gemma4_vit", Build, Facts)
    {
        { "gemma4_vit_167m",     new(TransformerSize.Base with { Depth = 16 }, Patches) { Linear = Bounded } },
        { "gemma4_vit_167m_enc", new(TransformerSize.Base with { Depth = 16 }, Squares)
            { Encoder = "", Linear = Bounded } },
        { "gemma4_vit_570m",     new(TransformerSize.So400M, Patches) },
        { "gemma4_vit_570m_enc", new(TransformerSize.So400M, StandardSquares) { Encoder = "" } },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (encoder, grid) = (c.Encoder.Length == 0 ? s : s[c.Encoder], GridOf(image, Patch));
        var x = Embed(image, encoder["patch_embed"], c.Size.Dim, grid);
        var rope = Rope.Of(image.Graph, Rope.Positions(grid), Rope.Bands(c.Size.Dim / c.Size.Heads / 4, 100),
            RopePairs.Quarters, columnsFirst: true);
        foreach (var b in net.Blocks([c.Size.Depth]))
            x = net.Tap($"blocks.{b.Index}", Block(x, encoder["blocks"][b.Index], c, rope, b),
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

    static Value Block(Value x, Scope s, Config c, Rope rope, Place place)
    {
        var y = Attention(x.RmsNorm(s["norm1"]), s["attn"], c, rope, place);
        x += y.RmsNorm(s["norm2"]).DropPath(place.DropPath);
        y = Mlp(x.RmsNorm(s["norm3"]), s["mlp"], c);
        return x + y.RmsNorm(s["norm4"]).DropPath(place.DropPath);
    }

    /// <summary>Queries, keys and values are normed, so that the scores need no scale.</summary>
    static Value Attention(Value x, Scope s, Config c, Rope rope, Place place)
    {
        s = s.Ordered("q_proj", "k_proj", "v_proj", "o_proj");
        var qkv = Qkv.Of(c.Linear(x, s["q_proj"], x.Features), c.Linear(x, s["k_proj"], x.Features),
            c.Linear(x, s["v_proj"], x.Features), c.Size.Heads);
        qkv = new(qkv.Q.RmsNorm(s["q_norm"]), qkv.K.RmsNorm(s["k_norm"]), qkv.V.RmsNormalize(1e-6));
        var y = qkv.OnQk(rope.Rotate).Attend(dropout: place.AttnDrop, scale: 1).MergeHeads();
        return c.Linear(y, s["o_proj"], x.Features).Dropout(place.ProjDrop);
    }

    static Value Mlp(Value x, Scope s, Config c)
    {
        var gate = c.Linear(x, s["gate_proj"], c.Size.Hidden).GeluTanh();
        return c.Linear(gate * c.Linear(x, s["up_proj"], c.Size.Hidden), s["down_proj"], x.Features);
    }

    static Value Plain(Value x, Scope s, int width) => x.Linear(s["linear"], width, bias: false);

    /// <summary>What goes in and comes out stays within bounds that files have; without one there are none.</summary>
    static Value Bounded(Value x, Scope s, int width) =>
        Within(Plain(Within(x, s, "input"), s, width), s, "output");

    static Value Within(Value x, Scope s, string side) => x.Clip(
        s.Stat($"{side}_min", Init.Fill(float.NegativeInfinity)),
        s.Stat($"{side}_max", Init.Fill(float.PositiveInfinity)));

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

    /// <summary>The same, moved and scaled by what files have.</summary>
    static Value StandardSquares(Value map, Scope s, Config c, Net net) =>
        (Squares(map, s, c, net) - s.Stat("std_bias", Init.Zeros, c.Size.Dim))
        * s.Stat("std_scale", Init.Ones, c.Size.Dim);

    static FamilyFacts Facts(Config c) => new(c.Encoder.Length == 0
        ? new("^patch_embed|^rotary_emb", (@"^blocks\.(\d+)", null), (@"^pooler|^std_", [LayerGroups.Previous]))
        : new(@"^encoder\.patch_embed|^encoder\.rotary_emb", (@"^encoder\.blocks\.(\d+)", null)))
    {
        Layers = new() { Linear = Init.TruncNormalTf(0.02), LinearBias = Init.Zeros },
        Taps = [-3, -2, -1],
    };
}
