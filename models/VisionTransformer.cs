using static OnnxTimm.Models.TransformerBlocks;
using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

/// <summary>
/// Vision transformers: ViT (arXiv:2010.11929) and AugReg (2106.10270), CLIP (2103.00020), SigLIP (2303.15343),
/// DINOv2 (2304.07193) with registers (2309.16588), FlexiViT (2212.08013), parallel ViT (2203.09795), RADIO
/// (2312.06709), AIMv2 (2411.14402), BEiT-3 (2208.10442) and timm's own. timm/models/vision_transformer.py.
/// </summary>
public static class VisionTransformer
{
    /// <param name="Size">Width and depth.</param>
    /// <param name="Patch">Pixels along the side of a patch.</param>
    public sealed record Config(TransformerSize Size, int Patch)
    {
        /// <summary>Learned tokens before those of the patches.</summary>
        public (string Name, int Count)[] Prefix { get; init; } = [("cls_token", 1)];
        public Embed Embed { get; init; } = PositionsOfAll;
        public Block Block { get; init; } = PreNorm;
        public Attention Attention { get; init; } = Biased;
        public Mlp Mlp { get; init; } = Plain;
        public Act Act { get; init; } = Activations.Gelu;
        public Norm Norm { get; init; } = Layers.LayerNorm;
        public double? LayerScale { get; init; }
        public Head Head { get; init; } = Token;
    }

    /// <summary>An image [N, C, H, W] as tokens [N, L, D] with their positions.</summary>
    public delegate Value Embed(Config c, Net net, Scope s, Value image);

    /// <summary>A residual block over tokens [N, L, D].</summary>
    public delegate Value Block(Config c, Scope s, Value x, BlockContext b);

    /// <summary>Mixes tokens [N, L, D].</summary>
    public delegate Value Attention(Config c, Scope s, Value x, BlockContext b);

    /// <summary>Transforms each token of [N, L, D].</summary>
    public delegate Value Mlp(Config c, Scope s, Value x, BlockContext b);

    /// <summary>The last norm, the pool and the classifier: tokens [N, L, D] to logits [N, classes].</summary>
    public delegate Value Head(Config c, Net net, Scope s, Value x);

    public static readonly Family<Config> Family = new("vision_transformer", Build, Defaults, Groups, NoDecay)
    {
        { "vit_tiny_patch16_224",                    new(Tiny, 16) },
        { "vit_tiny_patch16_384",                    new(Tiny, 16) },
        { "vit_small_patch32_224",                   new(Small, 32) },
        { "vit_small_patch32_384",                   new(Small, 32) },
        { "vit_small_patch16_224",                   new(Small, 16) },
        { "vit_small_patch16_384",                   new(Small, 16) },
        { "vit_small_patch8_224",                    new(Small, 8) },
        { "vit_base_patch32_224",                    new(Base, 32) },
        { "vit_base_patch32_384",                    new(Base, 32) },
        { "vit_base_patch16_224",                    new(Base, 16) },
        { "vit_base_patch16_384",                    new(Base, 16) },
        { "vit_base_patch8_224",                     new(Base, 8) },
        { "vit_large_patch32_224",                   new(Large, 32) },
        { "vit_large_patch32_384",                   new(Large, 32) },
        { "vit_large_patch16_224",                   new(Large, 16) },
        { "vit_large_patch16_384",                   new(Large, 16) },
        { "vit_large_patch14_224",                   new(Large, 14) },
        { "vit_huge_patch14_224",                    new(Huge, 14) },
        { "vit_giant_patch14_224",                   new(Giant, 14) },
        { "vit_gigantic_patch14_224",                new(Gigantic, 14) },
        { "vit_base_patch16_224_miil",               new(Base, 16) { Attention = PlainQkv } },
        { "vit_medium_patch16_gap_240",              PlainGap(Medium) },
        { "vit_medium_patch16_gap_256",              PlainGap(Medium) },
        { "vit_medium_patch16_gap_384",              PlainGap(Medium) },
        { "vit_betwixt_patch16_gap_256",             PlainGap(Betwixt) },
        { "vit_base_patch16_gap_224",                Gap(Base with { Heads = 16 }, 16) },
        { "vit_huge_patch14_gap_224",                Gap(Huge, 14) },
        { "vit_huge_patch16_gap_448",                Gap(Huge, 16) },
        { "vit_giant_patch16_gap_224",               Gap(Giant, 16) },
        { "vit_xsmall_patch16_clip_224",             Clip(XSmall, 16) },
        { "vit_medium_patch32_clip_224",             Clip(Medium, 32) },
        { "vit_medium_patch16_clip_224",             Clip(Medium, 16) },
        { "vit_betwixt_patch32_clip_224",            Clip(Betwixt, 32) },
        { "vit_base_patch32_clip_224",               Clip(Base, 32) },
        { "vit_base_patch32_clip_256",               Clip(Base, 32) },
        { "vit_base_patch32_clip_384",               Clip(Base, 32) },
        { "vit_base_patch32_clip_448",               Clip(Base, 32) },
        { "vit_base_patch16_clip_224",               Clip(Base, 16) },
        { "vit_base_patch16_clip_384",               Clip(Base, 16) },
        { "vit_base_patch16_plus_clip_240",          Clip(Plus, 16) },
        { "vit_large_patch14_clip_224",              Clip(Large, 14) },
        { "vit_large_patch14_clip_336",              Clip(Large, 14) },
        { "vit_huge_patch14_clip_224",               Clip(Huge, 14) },
        { "vit_huge_patch14_clip_336",               Clip(Huge, 14) },
        { "vit_huge_patch14_clip_378",               Clip(Huge, 14) },
        { "vit_giant_patch14_clip_224",              Clip(Giant, 14) },
        { "vit_gigantic_patch14_clip_224",           Clip(Gigantic, 14) },
        { "vit_gigantic_patch14_clip_378",           Clip(Gigantic, 14) },
        { "vit_base_patch32_clip_quickgelu_224",     QuickClip(Base, 32) },
        { "vit_base_patch16_clip_quickgelu_224",     QuickClip(Base, 16) },
        { "vit_large_patch14_clip_quickgelu_224",    QuickClip(Large, 14) },
        { "vit_large_patch14_clip_quickgelu_336",    QuickClip(Large, 14) },
        { "vit_huge_patch14_clip_quickgelu_224",     QuickClip(Huge, 14) },
        { "vit_huge_patch14_clip_quickgelu_378",     QuickClip(Huge, 14) },
        { "vit_gigantic_patch14_clip_quickgelu_224", QuickClip(Gigantic, 14) },
        { "vit_base_patch32_plus_256",               new(Plus, 32) { LayerScale = 1e-5 } },
        { "vit_base_patch16_plus_240",               new(Plus, 16) { LayerScale = 1e-5 } },
        { "vit_base_patch16_rpn_224",                Gap(Base, 16) with
            { Attention = PlainQkv, Block = PostNorm, Head = Average, LayerScale = 1e-5 } },
        { "vit_small_patch16_36x1_224",              new(Small with { Depth = 36 }, 16) { LayerScale = 1e-5 } },
        { "vit_small_patch16_18x2_224",              new(Small with { Depth = 18 }, 16)
            { Block = TwoByTwo, LayerScale = 1e-5 } },
        { "vit_base_patch16_18x2_224",               new(Base with { Depth = 18 }, 16)
            { Block = TwoByTwo, LayerScale = 1e-5 } },
        { "eva_large_patch14_196",                   new(Large, 14) { Head = Average } },
        { "eva_large_patch14_336",                   new(Large, 14) { Head = Average } },
        { "flexivit_small",                          new(Small, 16) { Embed = FlexiblePatches } },
        { "flexivit_base",                           new(Base, 16) { Embed = FlexiblePatches } },
        { "flexivit_large",                          new(Large, 16) { Embed = FlexiblePatches } },
        { "vit_base_patch16_xp_224",                 Xp(Base, 16) },
        { "vit_large_patch14_xp_224",                Xp(Large, 14) },
        { "vit_huge_patch14_xp_224",                 Xp(Huge, 14) },
        { "vit_small_patch14_dinov2",                new(Small, 14) { LayerScale = 1e-5 } },
        { "vit_base_patch14_dinov2",                 new(Base, 14) { LayerScale = 1e-5 } },
        { "vit_large_patch14_dinov2",                new(Large, 14) { LayerScale = 1e-5 } },
        { "vit_giant_patch14_dinov2",                new(GiantGated, 14)
            { Mlp = Gated, Act = Activations.Silu, LayerScale = 1e-5 } },
        { "vit_small_patch14_reg4_dinov2",           ClassAnd(4, Small, 14) with { LayerScale = 1e-5 } },
        { "vit_base_patch14_reg4_dinov2",            ClassAnd(4, Base, 14) with { LayerScale = 1e-5 } },
        { "vit_large_patch14_reg4_dinov2",           ClassAnd(4, Large, 14) with { LayerScale = 1e-5 } },
        { "vit_giant_patch14_reg4_dinov2",           ClassAnd(4, GiantGated, 14) with
            { Mlp = Gated, Act = Activations.Silu, LayerScale = 1e-5 } },
        { "vit_base_patch14_reg1_tipsv2",            ClassAnd(1, Base, 14) with { LayerScale = 1 } },
        { "vit_large_patch14_reg1_tipsv2",           ClassAnd(1, Large, 14) with { LayerScale = 1 } },
        { "vit_so400m_patch14_reg1_tipsv2",          ClassAnd(1, So400M, 14) with { LayerScale = 1 } },
        { "vit_giant_patch14_reg1_tipsv2",           ClassAnd(1, GiantGated, 14) with
            { Mlp = Gated, Act = Activations.Silu, LayerScale = 1 } },
        { "vit_base_patch32_siglip_256",             Siglip2(Base, 32) },
        { "vit_base_patch16_siglip_224",             Siglip(Base, 16) },
        { "vit_base_patch16_siglip_256",             Siglip(Base, 16) },
        { "vit_base_patch16_siglip_384",             Siglip(Base, 16) },
        { "vit_base_patch16_siglip_512",             Siglip(Base, 16) },
        { "vit_large_patch16_siglip_256",            Siglip(Large, 16) },
        { "vit_large_patch16_siglip_384",            Siglip(Large, 16) },
        { "vit_large_patch16_siglip_512",            Siglip2(Large, 16) },
        { "vit_so400m_patch14_siglip_224",           Siglip(So400M, 14) },
        { "vit_so400m_patch14_siglip_378",           Siglip(So400M, 14) },
        { "vit_so400m_patch14_siglip_384",           Siglip(So400M, 14) },
        { "vit_so400m_patch16_siglip_256",           Siglip2(So400M, 16) },
        { "vit_so400m_patch16_siglip_384",           Siglip2(So400M, 16) },
        { "vit_so400m_patch16_siglip_512",           Siglip2(So400M, 16) },
        { "vit_giantopt_patch16_siglip_256",         Siglip2(GiantOpt, 16) },
        { "vit_giantopt_patch16_siglip_384",         Siglip2(GiantOpt, 16) },
        { "vit_base_patch32_siglip_gap_256",         SiglipGap2(Base, 32) },
        { "vit_base_patch16_siglip_gap_224",         SiglipGap(Base, 16) },
        { "vit_base_patch16_siglip_gap_256",         SiglipGap(Base, 16) },
        { "vit_base_patch16_siglip_gap_384",         SiglipGap(Base, 16) },
        { "vit_base_patch16_siglip_gap_512",         SiglipGap(Base, 16) },
        { "vit_large_patch16_siglip_gap_256",        SiglipGap(Large, 16) },
        { "vit_large_patch16_siglip_gap_384",        SiglipGap(Large, 16) },
        { "vit_large_patch16_siglip_gap_512",        SiglipGap2(Large, 16) },
        { "vit_so400m_patch14_siglip_gap_224",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_378",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_384",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_448",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_896",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch16_siglip_gap_256",       SiglipGap2(So400M, 16) },
        { "vit_so400m_patch16_siglip_gap_384",       SiglipGap2(So400M, 16) },
        { "vit_so400m_patch16_siglip_gap_512",       SiglipGap2(So400M, 16) },
        { "vit_giantopt_patch16_siglip_gap_256",     SiglipGap2(GiantOpt, 16) },
        { "vit_giantopt_patch16_siglip_gap_384",     SiglipGap2(GiantOpt, 16) },
        { "vit_wee_patch16_reg1_gap_256",            Registers(1, Wee) },
        { "vit_dwee_patch16_reg1_gap_256",           Registers(1, Wee) with { Attention = Differential } },
        { "vit_pwee_patch16_reg1_gap_256",           Registers(1, Wee with { Depth = 16 }) with
            { Block = ParallelScaling.Plain } },
        { "vit_dpwee_patch16_reg1_gap_256",          Registers(1, Wee with { Depth = 16 }) with
            { Block = ParallelScaling.Differential } },
        { "vit_little_patch16_reg1_gap_256",         Registers(1, Little) },
        { "vit_dlittle_patch16_reg1_gap_256",        Registers(1, Little) with { Attention = Differential } },
        { "vit_little_patch16_reg4_gap_256",         Registers(4, Little) },
        { "vit_medium_patch16_reg1_gap_256",         Registers(1, Medium) },
        { "vit_medium_patch16_reg4_gap_256",         Registers(4, Medium) },
        { "vit_mediumd_patch16_reg4_gap_256",        Registers(4, Medium with { Depth = 20 }) },
        { "vit_mediumd_patch16_reg4_gap_384",        Registers(4, Medium with { Depth = 20 }) },
        { "vit_betwixt_patch16_reg1_gap_256",        Registers(1, Betwixt) },
        { "vit_betwixt_patch16_reg4_gap_256",        Registers(4, Betwixt) },
        { "vit_betwixt_patch16_reg4_gap_384",        Registers(4, Betwixt) },
        { "vit_base_patch16_reg4_gap_256",           Registers(4, Base) with { LayerScale = null } },
        { "vit_so150m_patch16_reg4_map_256",         Siglip(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m_patch16_reg4_gap_256",         Gap(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m_patch16_reg4_gap_384",         Gap(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m2_patch16_reg1_gap_256",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkv } },
        { "vit_so150m2_patch16_reg1_gap_384",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkv } },
        { "vit_so150m2_patch16_reg1_gap_448",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkv } },
        { "vit_intern300m_patch14_448",              new(Large, 14) { Head = Unnormed, LayerScale = 0.1 } },
        { "vit_base_patch16_radio_v3",               ClassAnd(7, Base, 16) with
            { Head = Unnormed, LayerScale = 1e-5 } },
        { "vit_large_patch16_radio_v3",              ClassAnd(7, Large, 16) with
            { Head = Unnormed, LayerScale = 1e-5 } },
        { "vit_huge_patch16_radio_v3",               ClassAnd(7, Huge, 16) with { Head = Unnormed } },
        { "vit_giant_patch16_radio_v3",              ClassAnd(7, GiantOpt with { Heads = 24 }, 16) with
            { Head = Unnormed } },
        { "vit_so400m_patch16_radio_v4",             ClassAnd(9, So400M, 16) with { Head = Unnormed } },
        { "vit_huge_patch16_radio_v4",               ClassAnd(9, Huge, 16) with { Head = Unnormed } },
        { "aimv2_large_patch14_224",                 Aim(AimLarge) },
        { "aimv2_huge_patch14_224",                  Aim(AimHuge) },
        { "aimv2_1b_patch14_224",                    Aim(Aim1B) },
        { "aimv2_3b_patch14_224",                    Aim(Aim3B) },
        { "aimv2_large_patch14_336",                 Aim(AimLarge) },
        { "aimv2_huge_patch14_336",                  Aim(AimHuge) },
        { "aimv2_1b_patch14_336",                    Aim(Aim1B) },
        { "aimv2_3b_patch14_336",                    Aim(Aim3B) },
        { "aimv2_large_patch14_448",                 Aim(AimLarge) },
        { "aimv2_huge_patch14_448",                  Aim(AimHuge) },
        { "aimv2_1b_patch14_448",                    Aim(Aim1B) },
        { "aimv2_3b_patch14_448",                    Aim(Aim3B) },
        { "test_vit",                                new(new(64, 6, 2, 192), 16) },
        { "test_vit2",                               Registers(1, new(64, 8, 2, 192)) with { Embed = PositionsOfAll } },
        { "test_vit3",                               Registers(1, new(96, 9, 3, 192)) with
            { Embed = PositionsOfAll, Head = AttentionOfAll } },
        { "test_vit4",                               Registers(1, new(96, 9, 3, 288)) with
            { Embed = PositionsOfAll, Norm = Layers.RmsNorm } },
        { "beit3_base_patch16_224",                  Beit3(Base, 16) },
        { "beit3_large_patch16_224",                 Beit3(Large, 16) },
        { "beit3_giant_patch14_224",                 Beit3(Giant, 14) },
        { "beit3_giant_patch14_336",                 Beit3(Giant, 14) },
    };

    static Config Gap(TransformerSize size, int patch) => new(size, patch) { Prefix = [], Head = AverageOfNormed };

    static Config PlainGap(TransformerSize size) => Gap(size, 16) with { Attention = PlainQkv, LayerScale = 1e-6 };

    static Config SiglipGap(TransformerSize size, int patch) => Gap(size, patch) with { Head = AverageOfSiglip };

    static Config SiglipGap2(TransformerSize size, int patch) =>
        SiglipGap(size, patch) with { Act = Activations.GeluTanh };

    static Config Siglip(TransformerSize size, int patch) => new(size, patch) { Prefix = [], Head = AttentionPooled };

    static Config Siglip2(TransformerSize size, int patch) => Siglip(size, patch) with { Act = Activations.GeluTanh };

    static Config Clip(TransformerSize size, int patch) =>
        new(size, patch) { Embed = PreNormed, Norm = Eps5(Layers.LayerNorm) };

    static Config QuickClip(TransformerSize size, int patch) => Clip(size, patch) with { Act = Activations.QuickGelu };

    static Config Xp(TransformerSize size, int patch) => new(size, patch)
    {
        Embed = PreNormedPatches,
        Block = ParallelScaling.NormedQueries,
        Norm = Layers.RmsNorm,
    };

    static Config ClassAnd(int registers, TransformerSize size, int patch) => new(size, patch)
    {
        Prefix = [("cls_token", 1), ("reg_token", registers)],
        Embed = PositionsOfPatches,
    };

    static Config Registers(int count, TransformerSize size) => new(size, 16)
    {
        Prefix = [("reg_token", count)],
        Embed = PositionsOfPatches,
        LayerScale = 1e-5,
        Head = Average,
    };

    static Config Aim(TransformerSize size) => Gap(size, 14) with
    {
        Embed = NormedPatches,
        Attention = UnbiasedAttention,
        Mlp = UnbiasedGated,
        Act = Activations.Silu,
        Norm = Eps5(Layers.RmsNorm),
    };

    static Config Beit3(TransformerSize size, int patch) => new(size, patch)
    {
        Attention = SubNormed,
        Mlp = SubNormedMlp,
        Norm = Eps5(Layers.LayerNorm),
        Head = Average,
    };

    internal static LayerGroups Groups => new("^cls_token|reg_token|pos_embed|patch_embed|norm_pre",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous]));

    internal static Value Build(Config c, Net net, Scope s, Value image)
    {
        var x = c.Embed(c, net, s, image);
        var (height, width, prefix) = (net.Positions[^1].Height, net.Positions[^1].Width, PrefixCount(c));
        for (var i = 0; i < c.Size.Depth; i++)
        {
            x = c.Block(c, s["blocks"][i], x, BlockContext.Of(net, i, c.Size.Depth));
            net.Tap($"blocks.{i}", x, tokens => tokens.SkipTokens(prefix).ToMap(height, width));
        }
        net.DefaultIndices = [-3, -2, -1];
        return c.Head(c, net, s, x);
    }

    static Value PositionsOfAll(Config c, Net net, Scope s, Value image) =>
        AddToAll(c, net, s, Grid(c, image, PrefixCount(c)), image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch));

    /// <summary>The tokens before the patches have no position (arXiv:2204.07118).</summary>
    static Value PositionsOfPatches(Config c, Net net, Scope s, Value image) =>
        AddToPatches(c, net, s, Grid(c, image, 0), image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch));

    /// <summary>FlexiViT's, whose positions were resampled bilinearly in training.</summary>
    static Value FlexiblePatches(Config c, Net net, Scope s, Value image) =>
        AddToPatches(c, net, s, Grid(c, image, 0) with { Filter = GridFilter.Bilinear },
            image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch));

    static Value NormedPatches(Config c, Net net, Scope s, Value image) => AddToAll(c, net, s,
        Grid(c, image, PrefixCount(c)), c.Norm(image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch),
            s["patch_embed"]["norm"]));

    /// <summary>CLIP's: normed before the first block, so that patches need no bias.</summary>
    static Value PreNormed(Config c, Net net, Scope s, Value image) =>
        c.Norm(AddToAll(c, net, s, Grid(c, image, PrefixCount(c)), Unbiased(c, s, image)), s["norm_pre"]);

    static Value PreNormedPatches(Config c, Net net, Scope s, Value image) =>
        c.Norm(AddToPatches(c, net, s, Grid(c, image, 0), Unbiased(c, s, image)), s["norm_pre"]);

    static Value Unbiased(Config c, Scope s, Value image) =>
        image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch, bias: false);

    internal static Value AddToAll(Config c, Net net, Scope s, PositionEmbedding grid, Value patches)
    {
        var x = Prepend(Prefix(c, s), patches);
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, x.Shape[1].Size, x.Dim);
        return (x + net.Position(grid, positions)).Dropout(net.Options.PosDropRate);
    }

    internal static Value AddToPatches(Config c, Net net, Scope s, PositionEmbedding grid, Value patches)
    {
        var prefix = Prefix(c, s);
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, patches.Shape[1].Size, patches.Dim);
        return Prepend(prefix, patches + net.Position(grid, positions)).Dropout(net.Options.PosDropRate);
    }

    static PositionEmbedding Grid(Config c, Value image, int prefix) =>
        new("pos_embed", image.Height / c.Patch, image.Width / c.Patch, prefix);

    static Value[] Prefix(Config c, Scope s) =>
        [.. c.Prefix.Select(t => s.Param(t.Name, Init.Normal(1e-6), 1, t.Count, c.Size.Dim))];

    static Value Prepend(Value[] prefix, Value x) => prefix.Select(t => t.RepeatFor(x)).Append(x).ToArray().Concat(1);

    internal static int PrefixCount(Config c) => c.Prefix.Sum(t => t.Count);

    static Norm Eps5(Norm norm) => (x, s) => norm(x, s.NormEps(1e-5));

    /// <summary>The first token, unless another pool is asked for.</summary>
    static Value Token(Config c, Net net, Scope s, Value x) => ByPool(c, net, s, x, "token");

    /// <summary>The mean of the patches, normed last.</summary>
    static Value Average(Config c, Net net, Scope s, Value x) => ByPool(c, net, s, x, "avg");

    static Value AttentionPooled(Config c, Net net, Scope s, Value x) =>
        ByPool(c, OfSiglip(net, "map"), s, x, "map");

    static Value AverageOfSiglip(Config c, Net net, Scope s, Value x) =>
        AverageOfNormed(c, OfSiglip(net, "avg"), s, x);

    /// <summary>SigLIP's files have its attention pool, whatever the model pools by.</summary>
    static Net OfSiglip(Net net, string usual)
    {
        if ((net.Options.GlobalPool ?? usual) != "map")
            net.LeaveOut("attn_pool.*");
        return net;
    }

    static Value ByPool(Config c, Net net, Scope s, Value x, string usual) =>
        (net.Options.GlobalPool ?? usual) is var pool && TokenPooling.IsOfPatches(pool)
            ? net.Classify(s["head"], c.Norm(Pool(c, s, net.Unpooled(x), pool, PrefixCount(c)), s["fc_norm"]))
            : Normed(c, net, s, x, pool, PrefixCount(c));

    static Value AverageOfNormed(Config c, Net net, Scope s, Value x) =>
        Normed(c, net, s, x, net.Options.GlobalPool ?? "avg", PrefixCount(c));

    static Value AttentionOfAll(Config c, Net net, Scope s, Value x) =>
        Normed(c, net, s, x, net.Options.GlobalPool ?? "map", 0);

    static Value Unnormed(Config c, Net net, Scope s, Value x) => net.Classify(s["head"],
        Pool(c, s, net.Unpooled(x), net.Options.GlobalPool ?? "token", PrefixCount(c)));

    static Value Normed(Config c, Net net, Scope s, Value x, string pool, int skip) =>
        net.Classify(s["head"], Pool(c, s, net.Unpooled(c.Norm(x, s["norm"])), pool, skip));

    static Value Pool(Config c, Scope s, Value x, string pool, int skip) => pool switch
    {
        "map" => x.SkipTokens(skip).AttentionPool(s["attn_pool"], c.Size.Heads, c.Size.Hidden, c.Norm, c.Act),
        "prr" => x.Refine(c.Size.Heads).Pool(c.Prefix is [("cls_token", _), ..] ? "token" : "avg", 0),
        _ => x.Pool(pool, skip),
    };

    internal static string[] NoDecay(Config c) => ["cls_token", "dist_token", "pos_embed", "reg_token"];

    internal static LayerDefaults Defaults(Config c) =>
        new() { Linear = Init.TruncNormal(), LinearBias = _ => Init.Zeros };
}
