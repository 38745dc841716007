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
    public sealed record Config(TransformerSize Size, int Patch) : TransformerStyle(Size.Heads, Size.Hidden)
    {
        /// <summary>Width and depth; another changes heads and hidden width with it.</summary>
        public TransformerSize Size
        {
            get;
            init
            {
                field = value;
                (Heads, Hidden) = (value.Heads, value.Hidden);
            }
        } = Size;

        /// <summary>Learned tokens before those of the patches.</summary>
        public (string Name, int Count)[] Prefix { get; init; } = [("cls_token", 1)];

        /// <summary>An image [N, C, H, W] as tokens [N, L, D] with their positions.</summary>
        public NetPart<Config> Embed { get; init; } = PositionsOfAll;

        /// <summary>A block over tokens [N, L, D].</summary>
        public TokenBlock<TransformerStyle> Block { get; init; } = PreNorm;

        /// <summary>The last norm, the pool and the classifier.</summary>
        public NetPart<Config> Head { get; init; } = TokenHead;
    }

    /// <summary>timm's variants of the module <c>vision_transformer</c>.</summary>
    public static readonly Family<Config> Family = new("vision_transformer", Build, Facts)
    {
        { "vit_tiny_patch16_224 vit_tiny_patch16_384", new(Tiny, 16) },
        { "vit_small_patch32_224 vit_small_patch32_384", new(Small, 32) },
        { "vit_small_patch16_224 vit_small_patch16_384", new(Small, 16) },
        { "vit_small_patch8_224",                    new(Small, 8) },
        { "vit_base_patch32_224 vit_base_patch32_384", new(Base, 32) },
        { "vit_base_patch16_224 vit_base_patch16_384", new(Base, 16) },
        { "vit_base_patch8_224",                     new(Base, 8) },
        { "vit_large_patch32_224 vit_large_patch32_384", new(Large, 32) },
        { "vit_large_patch16_224 vit_large_patch16_384", new(Large, 16) },
        { "vit_large_patch14_224",                   new(Large, 14) },
        { "vit_huge_patch14_224",                    new(Huge, 14) },
        { "vit_giant_patch14_224",                   new(Giant, 14) },
        { "vit_gigantic_patch14_224",                new(Gigantic, 14) },
        { "vit_base_patch16_224_miil",               new(Base, 16) { Attention = PlainQkvAttention } },
        { "vit_medium_patch16_gap_240 vit_medium_patch16_gap_256 vit_medium_patch16_gap_384", PlainGap(Medium) },
        { "vit_betwixt_patch16_gap_256",             PlainGap(Betwixt) },
        { "vit_base_patch16_gap_224",                Gap(Base with { Heads = 16 }, 16) },
        { "vit_huge_patch14_gap_224",                Gap(Huge, 14) },
        { "vit_huge_patch16_gap_448",                Gap(Huge, 16) },
        { "vit_giant_patch16_gap_224",               Gap(Giant, 16) },
        { "vit_xsmall_patch16_clip_224",             Clip(XSmall, 16) },
        { "vit_medium_patch32_clip_224",             Clip(Medium, 32) },
        { "vit_medium_patch16_clip_224",             Clip(Medium, 16) },
        { "vit_betwixt_patch32_clip_224",            Clip(Betwixt, 32) },
        { "vit_base_patch32_clip_224 vit_base_patch32_clip_256 vit_base_patch32_clip_384", Clip(Base, 32) },
        { "vit_base_patch32_clip_448",               Clip(Base, 32) },
        { "vit_base_patch16_clip_224 vit_base_patch16_clip_384", Clip(Base, 16) },
        { "vit_base_patch16_plus_clip_240",          Clip(Plus, 16) },
        { "vit_large_patch14_clip_224 vit_large_patch14_clip_336", Clip(Large, 14) },
        { "vit_huge_patch14_clip_224 vit_huge_patch14_clip_336 vit_huge_patch14_clip_378", Clip(Huge, 14) },
        { "vit_giant_patch14_clip_224",              Clip(Giant, 14) },
        { "vit_gigantic_patch14_clip_224 vit_gigantic_patch14_clip_378", Clip(Gigantic, 14) },
        { "vit_base_patch32_clip_quickgelu_224",     QuickClip(Base, 32) },
        { "vit_base_patch16_clip_quickgelu_224",     QuickClip(Base, 16) },
        { "vit_large_patch14_clip_quickgelu_224 vit_large_patch14_clip_quickgelu_336", QuickClip(Large, 14) },
        { "vit_huge_patch14_clip_quickgelu_224 vit_huge_patch14_clip_quickgelu_378", QuickClip(Huge, 14) },
        { "vit_gigantic_patch14_clip_quickgelu_224", QuickClip(Gigantic, 14) },
        { "vit_base_patch32_plus_256",               new(Plus, 32) { LayerScale = 1e-5 } },
        { "vit_base_patch16_plus_240",               new(Plus, 16) { LayerScale = 1e-5 } },
        { "vit_base_patch16_rpn_224",                Gap(Base, 16) with
            { Attention = PlainQkvAttention, Block = PostNorm, Head = MeanHead, LayerScale = 1e-5 } },
        { "vit_small_patch16_36x1_224",              new(Small with { Depth = 36 }, 16) { LayerScale = 1e-5 } },
        { "vit_small_patch16_18x2_224",              new(Small with { Depth = 18 }, 16)
            { Block = TwoByTwo, LayerScale = 1e-5 } },
        { "vit_base_patch16_18x2_224",               new(Base with { Depth = 18 }, 16)
            { Block = TwoByTwo, LayerScale = 1e-5 } },
        { "eva_large_patch14_196 eva_large_patch14_336", new(Large, 14) { Head = MeanHead } },
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
            { Mlp = GatedMlp, Act = Activations.Silu, LayerScale = 1e-5 } },
        { "vit_small_patch14_reg4_dinov2",           ClassAnd(4, Small, 14) with { LayerScale = 1e-5 } },
        { "vit_base_patch14_reg4_dinov2",            ClassAnd(4, Base, 14) with { LayerScale = 1e-5 } },
        { "vit_large_patch14_reg4_dinov2",           ClassAnd(4, Large, 14) with { LayerScale = 1e-5 } },
        { "vit_giant_patch14_reg4_dinov2",           ClassAnd(4, GiantGated, 14) with
            { Mlp = GatedMlp, Act = Activations.Silu, LayerScale = 1e-5 } },
        { "vit_base_patch14_reg1_tipsv2",            ClassAnd(1, Base, 14) with { LayerScale = 1 } },
        { "vit_large_patch14_reg1_tipsv2",           ClassAnd(1, Large, 14) with { LayerScale = 1 } },
        { "vit_so400m_patch14_reg1_tipsv2",          ClassAnd(1, So400M, 14) with { LayerScale = 1 } },
        { "vit_giant_patch14_reg1_tipsv2",           ClassAnd(1, GiantGated, 14) with
            { Mlp = GatedMlp, Act = Activations.Silu, LayerScale = 1 } },
        { "vit_base_patch32_siglip_256",             Siglip2(Base, 32) },
        { "vit_base_patch16_siglip_224 vit_base_patch16_siglip_256 vit_base_patch16_siglip_384", Siglip(Base, 16) },
        { "vit_base_patch16_siglip_512",             Siglip(Base, 16) },
        { "vit_large_patch16_siglip_256 vit_large_patch16_siglip_384", Siglip(Large, 16) },
        { "vit_large_patch16_siglip_512",            Siglip2(Large, 16) },
        { "vit_so400m_patch14_siglip_224 vit_so400m_patch14_siglip_378", Siglip(So400M, 14) },
        { "vit_so400m_patch14_siglip_384",           Siglip(So400M, 14) },
        { "vit_so400m_patch16_siglip_256 vit_so400m_patch16_siglip_384", Siglip2(So400M, 16) },
        { "vit_so400m_patch16_siglip_512",           Siglip2(So400M, 16) },
        { "vit_giantopt_patch16_siglip_256 vit_giantopt_patch16_siglip_384", Siglip2(GiantOpt, 16) },
        { "vit_base_patch32_siglip_gap_256",         SiglipGap2(Base, 32) },
        { "vit_base_patch16_siglip_gap_224 vit_base_patch16_siglip_gap_256", SiglipGap(Base, 16) },
        { "vit_base_patch16_siglip_gap_384 vit_base_patch16_siglip_gap_512", SiglipGap(Base, 16) },
        { "vit_large_patch16_siglip_gap_256 vit_large_patch16_siglip_gap_384", SiglipGap(Large, 16) },
        { "vit_large_patch16_siglip_gap_512",        SiglipGap2(Large, 16) },
        { "vit_so400m_patch14_siglip_gap_224 vit_so400m_patch14_siglip_gap_378", SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_384 vit_so400m_patch14_siglip_gap_448", SiglipGap(So400M, 14) },
        { "vit_so400m_patch14_siglip_gap_896",       SiglipGap(So400M, 14) },
        { "vit_so400m_patch16_siglip_gap_256 vit_so400m_patch16_siglip_gap_384", SiglipGap2(So400M, 16) },
        { "vit_so400m_patch16_siglip_gap_512",       SiglipGap2(So400M, 16) },
        { "vit_giantopt_patch16_siglip_gap_256 vit_giantopt_patch16_siglip_gap_384", SiglipGap2(GiantOpt, 16) },
        { "vit_wee_patch16_reg1_gap_256",            Registers(1, Wee) },
        { "vit_dwee_patch16_reg1_gap_256",           Registers(1, Wee) with { Attention = DifferentialAttention } },
        { "vit_pwee_patch16_reg1_gap_256",           Registers(1, Wee with { Depth = 16 }) with
            { Block = ParallelScaling.PlainBlock } },
        { "vit_dpwee_patch16_reg1_gap_256",          Registers(1, Wee with { Depth = 16 }) with
            { Block = ParallelScaling.DifferentialBlock } },
        { "vit_little_patch16_reg1_gap_256",         Registers(1, Little) },
        { "vit_dlittle_patch16_reg1_gap_256",        Registers(1, Little) with { Attention = DifferentialAttention } },
        { "vit_little_patch16_reg4_gap_256",         Registers(4, Little) },
        { "vit_medium_patch16_reg1_gap_256",         Registers(1, Medium) },
        { "vit_medium_patch16_reg4_gap_256",         Registers(4, Medium) },
        { "vit_mediumd_patch16_reg4_gap_256",        Registers(4, Medium with { Depth = 20 }) },
        { "vit_mediumd_patch16_reg4_gap_384",        Registers(4, Medium with { Depth = 20 }) },
        { "vit_betwixt_patch16_reg1_gap_256",        Registers(1, Betwixt) },
        { "vit_betwixt_patch16_reg4_gap_256 vit_betwixt_patch16_reg4_gap_384", Registers(4, Betwixt) },
        { "vit_base_patch16_reg4_gap_256",           Registers(4, Base) with { LayerScale = null } },
        { "vit_so150m_patch16_reg4_map_256",         Siglip(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m_patch16_reg4_gap_256",         Gap(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m_patch16_reg4_gap_384",         Gap(So150M, 16) with { Prefix = [("reg_token", 4)] } },
        { "vit_so150m2_patch16_reg1_gap_256",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkvAttention } },
        { "vit_so150m2_patch16_reg1_gap_384",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkvAttention } },
        { "vit_so150m2_patch16_reg1_gap_448",        Registers(1, So150M2) with
            { Embed = PositionsOfAll, Attention = PlainQkvAttention } },
        { "vit_intern300m_patch14_448",              new(Large, 14)
            { Embed = WholePatches, Head = UnnormedHead, LayerScale = 0.1 } },
        { "vit_base_patch16_radio_v3",               ClassAnd(7, Base, 16) with
            { Head = UnnormedHead, LayerScale = 1e-5 } },
        { "vit_large_patch16_radio_v3",              ClassAnd(7, Large, 16) with
            { Head = UnnormedHead, LayerScale = 1e-5 } },
        { "vit_huge_patch16_radio_v3",               ClassAnd(7, Huge, 16) with { Head = UnnormedHead } },
        { "vit_giant_patch16_radio_v3",              ClassAnd(7, GiantOpt with { Heads = 24 }, 16) with
            { Head = UnnormedHead } },
        { "vit_so400m_patch16_radio_v4",             ClassAnd(9, So400M, 16) with { Head = UnnormedHead } },
        { "vit_huge_patch16_radio_v4",               ClassAnd(9, Huge, 16) with { Head = UnnormedHead } },
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
        { "test_vit",                                new(new(64, 6, 2, 192), 16) { Embed = WholePatches } },
        { "test_vit2",                               Registers(1, new(64, 8, 2, 192)) with { Embed = WholePatches } },
        { "test_vit3",                               Registers(1, new(96, 9, 3, 192)) with
            { Embed = PositionsOfAll, Head = AttentionOfAllHead } },
        { "test_vit4",                               Registers(1, new(96, 9, 3, 288)) with
            { Embed = WholePatches, Norm = Layers.RmsNorm } },
        { "beit3_base_patch16_224",                  Beit3(Base, 16) },
        { "beit3_large_patch16_224",                 Beit3(Large, 16) },
        { "beit3_giant_patch14_224 beit3_giant_patch14_336", Beit3(Giant, 14) },
    };

    static Config Gap(TransformerSize size, int patch) => new(size, patch) { Prefix = [], Head = MeanOfNormedHead };

    static Config PlainGap(TransformerSize size) =>
        Gap(size, 16) with { Attention = PlainQkvAttention, LayerScale = 1e-6 };

    static Config SiglipGap(TransformerSize size, int patch) => Gap(size, patch) with { Head = MeanOfSiglipHead };

    static Config SiglipGap2(TransformerSize size, int patch) =>
        SiglipGap(size, patch) with { Act = Activations.GeluTanh };

    static Config Siglip(TransformerSize size, int patch) => new(size, patch) { Prefix = [], Head = AttentionHead };

    static Config Siglip2(TransformerSize size, int patch) => Siglip(size, patch) with { Act = Activations.GeluTanh };

    static Config Clip(TransformerSize size, int patch) =>
        new(size, patch) { Embed = PreNormed, Norm = Eps5(Layers.LayerNorm) };

    static Config QuickClip(TransformerSize size, int patch) => Clip(size, patch) with { Act = Activations.QuickGelu };

    static Config Xp(TransformerSize size, int patch) => new(size, patch)
    {
        Embed = PreNormedPatches,
        Block = ParallelScaling.NormedQueriesBlock,
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
        Head = MeanHead,
    };

    static Config Aim(TransformerSize size) => Gap(size, 14) with
    {
        Embed = NormedPatches,
        Attention = UnbiasedAttention,
        Mlp = UnbiasedGatedMlp,
        Act = Activations.Silu,
        Norm = Eps5(Layers.RmsNorm),
    };

    static Config Beit3(TransformerSize size, int patch) => new(size, patch)
    {
        Attention = SubNormedAttention,
        Mlp = SubNormedMlp,
        Norm = Eps5(Layers.LayerNorm),
        Head = MeanHead,
    };

    internal static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = c.Embed(image, s, c, net);
        var grid = (Fit.Grid?)net.Fits.GetValueOrDefault("pos_embed") ?? Grid(image, c, 0);
        var prefix = PrefixCount(c);
        foreach (var b in net.Blocks([c.Size.Depth]))
            x = net.Tap($"blocks.{b.Index}", c.Block(x, s["blocks"][b.Index], c, b),
                tokens => tokens.SkipTokens(prefix).ToMap(grid.Height, grid.Width));
        return c.Head(x, s, c, net);
    }

    static Value PositionsOfAll(Value image, Scope s, Config c, Net net) =>
        AddToAll(Patches(image, s, c), s, Grid(image, c, PrefixCount(c)), c, net);

    /// <summary>The same of images that fall into patches.</summary>
    static Value WholePatches(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, c.Patch);
        return PositionsOfAll(image, s, c, net);
    }

    /// <summary>The tokens before the patches have no position (arXiv:2204.07118).</summary>
    internal static Value PositionsOfPatches(Value image, Scope s, Config c, Net net) =>
        AddToPatches(Patches(image, s, c), s, Grid(image, c, 0), c, net);

    /// <summary>FlexiViT's, whose positions were resampled bilinearly in training.</summary>
    static Value FlexiblePatches(Value image, Scope s, Config c, Net net) =>
        AddToPatches(Patches(image, s, c), s, Grid(image, c, 0) with { Filter = GridFilter.Bilinear }, c, net);

    static Value NormedPatches(Value image, Scope s, Config c, Net net) => AddToAll(
        c.Norm(Patches(image, s, c), s["patch_embed"]["norm"]), s, Grid(image, c, PrefixCount(c)), c, net);

    /// <summary>CLIP's: normed before the first block, so that patches need no bias.</summary>
    static Value PreNormed(Value image, Scope s, Config c, Net net) => c.Norm(
        AddToAll(Patches(image, s, c, bias: false), s, Grid(image, c, PrefixCount(c)), c, net), s["norm_pre"]);

    static Value PreNormedPatches(Value image, Scope s, Config c, Net net) => c.Norm(
        AddToPatches(Patches(image, s, c, bias: false), s, Grid(image, c, 0), c, net), s["norm_pre"]);

    static Value Patches(Value image, Scope s, Config c, bool bias = true) =>
        image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch, bias);

    internal static Value AddToAll(Value patches, Scope s, Fit.Grid grid, Config c, Net net)
    {
        var x = Prepend(Prefix(s, c), patches);
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, x.Shape[1].Size, x.Features);
        return (x + net.Sized(positions, grid)).Dropout(net.Options.PosDropRate);
    }

    internal static Value AddToPatches(Value patches, Scope s, Fit.Grid grid, Config c, Net net)
    {
        var prefix = Prefix(s, c);
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, patches.Shape[1].Size, patches.Features);
        return Prepend(prefix, patches + net.Sized(positions, grid)).Dropout(net.Options.PosDropRate);
    }

    internal static Fit.Grid Grid(Value image, Config c, int prefix) =>
        new(image.Height / c.Patch, image.Width / c.Patch, prefix);

    static Value[] Prefix(Scope s, Config c) =>
        [.. c.Prefix.Select(t => s.Param(t.Name, Init.Normal(1e-6), 1, t.Count, c.Size.Dim))];

    /// <summary>Learned tokens, the same for each image, before tokens [N, L, D].</summary>
    internal static Value Prepend(Value[] prefix, Value x) =>
        prefix.Select(t => t.RepeatFor(x)).Append(x).ToArray().Concat(1);

    internal static int PrefixCount(Config c) => c.Prefix.Sum(t => t.Count);

    static Norm Eps5(Norm norm) => (x, s) => norm(x, s.NormEps(1e-5));

    /// <summary>The first token, unless another pool is asked for.</summary>
    static Value TokenHead(Value x, Scope s, Config c, Net net) => HeadByPool(x, s, c, net, "token");

    /// <summary>The mean of the patches, normed last.</summary>
    internal static Value MeanHead(Value x, Scope s, Config c, Net net) => HeadByPool(x, s, c, net, "avg");

    static Value AttentionHead(Value x, Scope s, Config c, Net net)
    {
        LeaveOutAttention(net, "map");
        return HeadByPool(x, s, c, net, "map");
    }

    static Value MeanOfSiglipHead(Value x, Scope s, Config c, Net net)
    {
        LeaveOutAttention(net, "avg");
        return MeanOfNormedHead(x, s, c, net);
    }

    /// <summary>SigLIP's files have its attention pool, whatever the model pools by.</summary>
    static void LeaveOutAttention(Net net, string usual)
    {
        if ((net.Options.GlobalPool ?? usual) != "map")
            net.LeaveOut("attn_pool.*");
    }

    /// <summary>What all patches share is normed after they are pooled, all else before.</summary>
    static Value HeadByPool(Value x, Scope s, Config c, Net net, string usual) =>
        GlobalPool.IsOfPatches(net.Options.GlobalPool ?? usual)
            ? net.Head(x, HeadOf(s, c, usual) with { Norm = pooled => c.Norm(pooled, s["fc_norm"]) })
            : net.Head(c.Norm(x, s["norm"]), HeadOf(s, c, usual));

    static Value MeanOfNormedHead(Value x, Scope s, Config c, Net net) =>
        net.Head(c.Norm(x, s["norm"]), HeadOf(s, c, "avg"));

    static Value AttentionOfAllHead(Value x, Scope s, Config c, Net net) =>
        net.Head(c.Norm(x, s["norm"]), HeadOf(s, c with { Prefix = [] }, "map"));

    static Value UnnormedHead(Value x, Scope s, Config c, Net net) => net.Head(x, HeadOf(s, c, "token"));

    static Head HeadOf(Scope s, Config c, string pool) => new(s["head"])
    {
        Pool = pool,
        PoolBy = (x, name) => name switch
        {
            "map" => x.SkipTokens(PrefixCount(c)).AttentionPool(s["attn_pool"], c.Heads, c.Hidden, c.Norm, c.Act),
            "prr" => GlobalPool.Of(x.Refine(c.Heads), c.Prefix is [("cls_token", _), ..] ? "token" : "avg"),
            _ => GlobalPool.Of(x, name, PrefixCount(c), [.. GlobalPool.OfTokens, "map", "prr"]),
        },
    };

    internal static FamilyFacts Facts(Config c) => new(new("^cls_token|reg_token|pos_embed|patch_embed|norm_pre",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token", "dist_token", "pos_embed", "reg_token"],
        Taps = [-3, -2, -1],
    };
}
