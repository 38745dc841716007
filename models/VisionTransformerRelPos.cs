using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

/// <summary>
/// Vision transformers that know where patches lie to each other instead of where they are, by an MLP over their
/// offsets in a logarithmic scale (arXiv:2111.09883), for each block or for all.
/// timm/models/vision_transformer_relpos.py.
/// </summary>
public static class VisionTransformerRelPos
{
    /// <param name="Size">Width and depth.</param>
    /// <param name="Patch">Pixels along the side of a patch.</param>
    public sealed record Config(TransformerSize Size, int Patch) : TransformerStyle(Size.Heads, Size.Hidden)
    {
        /// <summary>Learned tokens before those of the patches: the class or none.</summary>
        public int Prefix { get; init; }

        /// <summary>Which of query, key and value have a bias.</summary>
        public QkvBias Bias { get; init; } = QkvBias.None;

        /// <summary>Width between the layers of the MLP over offsets.</summary>
        public int OffsetHidden { get; init; } = 128;

        /// <summary>What gives the bias of a block, whose attention has a scope.</summary>
        public Func<Scope, (int H, int W), Config, Func<Scope, Value>> Positions { get; init; } = OfEachBlock;

        /// <summary>A block over tokens [N, L, D].</summary>
        public TokenBlock<TransformerStyle> Block { get; init; } = TransformerBlocks.PreNorm;

        /// <summary>The last norm, the pool and the classifier.</summary>
        public NetPart<Config> Head { get; init; } = NormFirst("avg");
    }

    /// <summary>timm's variants of the module <c>vision_transformer_relpos</c>.</summary>
    public static readonly Family<Config> Family = new("vision_transformer_relpos", Build, Facts)
    {
        { "vit_relpos_base_patch32_plus_rpn_256", Of(Plus, 32) with
            { Bias = QkvBias.All, Block = TransformerBlocks.PostNorm } },
        { "vit_relpos_base_patch16_plus_240",     Of(Plus, 16) with { Bias = QkvBias.All } },
        { "vit_relpos_small_patch16_224",         Of(Small, 16) with { Head = NormLast } },
        { "vit_relpos_medium_patch16_224",        Of(Medium, 16) with { Head = NormLast } },
        { "vit_relpos_base_patch16_224",          Of(Base, 16) with { Head = NormLast } },
        { "vit_srelpos_small_patch16_224",        Of(Small, 16) with { OffsetHidden = 384, Positions = OfAllBlocks } },
        { "vit_srelpos_medium_patch16_224",       Of(Medium, 16) with { OffsetHidden = 512, Positions = OfAllBlocks } },
        { "vit_relpos_medium_patch16_cls_224",    Of(Medium, 16) with
            { Prefix = 1, OffsetHidden = 256, Head = NormFirst("token") } },
        { "vit_relpos_base_patch16_cls_224",      Of(Base, 16) with { Prefix = 1, Head = NormFirst("token") } },
        { "vit_relpos_base_patch16_clsgap_224",   Of(Base, 16) with { Prefix = 1, Head = NormLast } },
        { "vit_relpos_small_patch16_rpn_224",     Of(Small, 16) with { Block = TransformerBlocks.PostNorm } },
        { "vit_relpos_medium_patch16_rpn_224",    Of(Medium, 16) with { Block = TransformerBlocks.PostNorm } },
        { "vit_relpos_base_patch16_rpn_224",      Of(Base, 16) with { Block = TransformerBlocks.PostNorm } },
        { "test_vit_relpos",                      Of(new(96, 9, 3, 192), 16) with { Head = NormLast } },
    };

    static Config Of(TransformerSize size, int patch) => new(size, patch) { LayerScale = 1e-6 };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (h, w) = (image.Height / c.Patch, image.Width / c.Patch);
        var x = image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch);
        if (c.Prefix > 0)
            x = new[] { s.Param("cls_token", Init.Normal(1e-6), 1, c.Prefix, c.Size.Dim).RepeatFor(x), x }.Concat(1);
        var positions = c.Positions(s, (h, w), c);
        foreach (var b in net.Blocks([c.Size.Depth]))
        {
            var style = c with { Attention = Relative(positions, c) };
            x = net.Tap($"blocks.{b.Index}", c.Block(x, s["blocks"][b.Index], style, b),
                y => y.SkipTokens(c.Prefix).ToMap(h, w));
        }
        return c.Head(x, s, c, net);
    }

    static TokenBlock<TransformerStyle> Relative(Func<Scope, Value> positions, Config c) => (x, s, style, place) =>
    {
        var qkv = x.Qkv(s, style.Heads, c.Bias);
        return qkv.Attend(positions(s), place.AttnDrop).MergeHeads().Linear(s["proj"], x.Features)
            .Dropout(place.ProjDrop);
    };

    static Func<Scope, Value> OfEachBlock(Scope s, (int H, int W) grid, Config c) =>
        attention => Bias(attention["rel_pos"], grid, c);

    static Func<Scope, Value> OfAllBlocks(Scope s, (int H, int W) grid, Config c)
    {
        var bias = Bias(s["shared_rel_pos"], grid, c);
        return _ => bias;
    }

    /// <summary>[heads, L, L]; 0 from and to the class.</summary>
    static Value Bias(Scope s, (int H, int W) grid, Config c)
    {
        var table = RelativePosition.PixelMlpTable(s["mlp"], grid, c.OffsetHidden, c.Heads);
        if (c.Prefix == 0)
            return RelativePosition.Bias(table, grid);
        var none = s.Graph.Const($"zeros_3x{c.Heads}", () => Tensor.Filled(0, 3, c.Heads));
        return RelativePosition.Bias(new[] { table, none }.Concat(0), grid, classToken: true);
    }

    static NetPart<Config> NormFirst(string usual) =>
        (x, s, c, net) => net.Head(c.Norm(x, s["norm"]), HeadOf(s, c, usual));

    /// <summary>Norms what is pooled.</summary>
    static Value NormLast(Value x, Scope s, Config c, Net net) =>
        net.Head(x, HeadOf(s, c, "avg") with { Norm = pooled => c.Norm(pooled, s["fc_norm"]) });

    static Head HeadOf(Scope s, Config c, string usual) => new(s["head"])
    {
        Pool = usual,
        PoolBy = (x, name) => GlobalPool.Of(x, name, c.Prefix, c.Prefix > 0 ? ["avg", "token"] : ["avg"]),
    };

    static FamilyFacts Facts(Config c) => new(new("^cls_token|patch_embed",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        NoDecay = ["cls_token"],
        Taps = [-3, -2, -1],
    };
}
