using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

public static partial class Eva
{
    /// <summary>timm's variants of the module <c>eva</c>.</summary>
    public static readonly Family<Config> Family = new("eva", Build, Facts)
    {
        { "eva_giant_patch14_224 eva_giant_patch14_336 eva_giant_patch14_560", new(Giant, 14) },
        { "eva_giant_patch14_clip_224",              new(Giant, 14) { Head = NormByPool("token") } },
        { "eva02_tiny_patch14_224 eva02_tiny_patch14_336", Second(Tiny with { Hidden = 512 }, 14) with
            { Mlp = PackedMlp } },
        { "eva02_small_patch14_224 eva02_small_patch14_336", Second(Small with { Hidden = 1024 }, 14) with
            { Mlp = PackedMlp } },
        { "eva02_base_patch14_224 eva02_base_patch14_448", SecondApart(Base with { Hidden = 2048 }, 14) },
        { "eva02_large_patch14_224 eva02_large_patch14_448", SecondApart(Large with { Hidden = 2730 }, 14) },
        { "eva02_base_patch16_clip_224",             SecondClip(Base with { Hidden = 2048 }, 16) },
        { "eva02_large_patch14_clip_224 eva02_large_patch14_clip_336", SecondClip(Large with { Hidden = 2730 }, 14) },
        { "eva02_enormous_patch14_clip_224",         new(new(1792, 64, 16, 15360), 14)
            { Block = PostNorm, Head = NormByPool("token") } },
        { "vit_medium_patch16_rope_reg1_gap_256",    Registers(1, Medium) },
        { "vit_mediumd_patch16_rope_reg1_gap_256",   Registers(1, Medium with { Depth = 20 }) with
            { Queries = WithoutBias } },
        { "vit_betwixt_patch16_rope_reg4_gap_256",   Registers(4, Betwixt) },
        { "vit_base_patch16_rope_reg1_gap_256",      Registers(1, Base) },
        { "vit_pe_core_tiny_patch16_384",            Core(Tiny, 16, 24) },
        { "vit_pe_core_small_patch16_384",           Core(Small, 16, 24) },
        { "vit_pe_core_base_patch16_224",            Core(Base, 16, 14) },
        { "vit_pe_core_large_patch14_336",           Core(Large, 14, 24) },
        { "vit_pe_core_gigantic_patch14_448",        Core(PeGigantic, 14, 32) with
            { Prefix = [], Rotation = Square(32, offset: 0) } },
        { "vit_pe_lang_large_patch14_448",           Perception(Large with { Depth = 23 }, 14, 32) with
            { LayerScale = 0.1 } },
        { "vit_pe_lang_gigantic_patch14_448",        Perception(PeGigantic with { Depth = 47 }, 14, 32) with
            { Prefix = [], Rotation = Square(32, offset: 0), LayerScale = 0.1 } },
        { "vit_pe_spatial_tiny_patch16_512",         Perception(Tiny, 16, 32) },
        { "vit_pe_spatial_small_patch16_512",        Perception(Small, 16, 32) },
        { "vit_pe_spatial_base_patch16_512",         Perception(Base, 16, 32) },
        { "vit_pe_spatial_large_patch14_448",        Perception(Large, 14, 32) },
        { "vit_pe_spatial_gigantic_patch14_448",     Perception(PeGigantic, 14, 32) with
            { Prefix = [], Rotation = Square(32, offset: 0), LayerScale = 0.1 } },
        { "vit_small_patch16_rope_224",              Rotary(Small) },
        { "vit_base_patch16_rope_224",               Rotary(Base) with { Head = NormFirst("token") } },
        { "vit_large_patch16_rope_224",              Rotary(Large) },
        { "vit_small_patch16_rope_mixed_224",        Rotary(Small) with { Rotation = Learned } },
        { "vit_base_patch16_rope_mixed_224",         Rotary(Base) with { Rotation = Learned } },
        { "vit_large_patch16_rope_mixed_224",        Rotary(Large) with { Rotation = Learned } },
        { "vit_small_patch16_rope_ape_224",          Rotary(Small) with { Embed = PositionsOfPatches } },
        { "vit_base_patch16_rope_ape_224",           Rotary(Base) with { Embed = PositionsOfPatches } },
        { "vit_large_patch16_rope_ape_224",          Rotary(Large) with { Embed = PositionsOfPatches } },
        { "vit_small_patch16_rope_mixed_ape_224",    Rotary(Small) with
            { Rotation = Learned, Embed = PositionsOfPatches } },
        { "vit_base_patch16_rope_mixed_ape_224",     Rotary(Base) with
            { Rotation = Learned, Embed = PositionsOfPatches } },
        { "vit_large_patch16_rope_mixed_ape_224",    Rotary(Large) with
            { Rotation = Learned, Embed = PositionsOfPatches } },
        { "vit_tiny_patch16_dinov3_qkvb",            Dino(Tiny) with { Queries = WithoutKeyBias } },
        { "vit_small_patch16_dinov3",                Dino(Small) },
        { "vit_small_patch16_dinov3_qkvb",           Dino(Small) with { Queries = WithoutKeyBias } },
        { "vit_small_plus_patch16_dinov3",           Dino(Small) with { Mlp = GatedMlp } },
        { "vit_small_plus_patch16_dinov3_qkvb",      Dino(Small) with { Mlp = GatedMlp, Queries = WithoutKeyBias } },
        { "vit_base_patch16_dinov3",                 Dino(Base) },
        { "vit_base_patch16_dinov3_qkvb",            Dino(Base) with { Queries = WithoutKeyBias } },
        { "vit_large_patch16_dinov3",                Dino(Large) },
        { "vit_large_patch16_dinov3_qkvb",           Dino(Large) with { Queries = WithoutKeyBias } },
        { "vit_huge_plus_patch16_dinov3",            Dino(Huge with { Heads = 20 }) with { Mlp = GatedMlp } },
        { "vit_huge_plus_patch16_dinov3_qkvb",       Dino(Huge with { Heads = 20 }) with
            { Mlp = GatedMlp, Queries = WithoutKeyBias } },
        { "vit_7b_patch16_dinov3",                   Dino(new(4096, 40, 32, 8192)) with { Mlp = GatedMlp } },
        { "vit_small_patch16_lingbot",               LingBot(Small) with { Queries = WithoutKeyBias } },
        { "vit_base_patch16_lingbot",                LingBot(Base) with { Queries = WithoutKeyBias } },
        { "vit_large_patch16_lingbot",               LingBot(Large) with { Queries = WithoutKeyBias } },
        { "vit_giant_patch16_lingbot",               LingBot(new(1536, 40, 24, 4096)) with { Mlp = GatedMlp } },
        { "vit_base_patch16_sapiens2",               Sapiens(Base) },
        { "vit_large_patch16_sapiens2",              Sapiens(Large) },
        { "vit_huge_patch16_sapiens2",               Sapiens(Huge) },
        { "vit_giant_patch16_sapiens2",              Sapiens(new(1536, 40, 24, 6144)) },
        { "vit_5b_patch16_sapiens2",                 Sapiens(new(2432, 56, 32, 9728)) },
    };

    static TransformerSize PeGigantic => new(1536, 50, 16, 8960);

    /// <summary>EVA-02, with rotations by the grid of pretraining.</summary>
    static Config Second(TransformerSize size, int patch) => new(size, patch) { Rotation = Grid((16, 16)) };

    static Config SecondApart(TransformerSize size, int patch) =>
        Second(size, patch) with { Queries = Apart, Mlp = NormedMlp };

    static Config SecondClip(TransformerSize size, int patch) => SecondApart(size, patch) with
    {
        Attended = (x, s, c) => c.Norm(x, s["norm"]),
        Head = NormByPool("token"),
    };

    static Config Registers(int count, TransformerSize size) => new(size, 16)
    {
        Prefix = [("reg_token", count)],
        Embed = NoPositions,
        Rotation = Grid((16, 16)),
        LayerScale = 1e-5,
    };

    /// <summary>Perception Encoder without its pool, pretrained on a square grid.</summary>
    static Config Perception(TransformerSize size, int patch, int side) => new(size, patch)
    {
        Embed = PreNormed,
        Rotation = Square(side, offset: 1),
        Queries = WithBias,
        Head = Unnormed,
        NormEps = 1e-5,
    };

    static Config Core(TransformerSize size, int patch, int side) => Perception(size, patch, side) with
    {
        Head = NormFirst("map"),
        Pool = (8, 4 * size.Dim),
    };

    static Func<Scope, (int H, int W), Config, Func<Place, Rope>> Square(int side, float offset) =>
        Grid((side, side), offset: offset, columnsFirst: true);

    static Config Rotary(TransformerSize size) => new(size, 16)
    {
        Embed = NoPositions,
        Rotation = Grid(null, temperature: 100, columnsFirst: true),
        Queries = WithBias,
        LayerScale = 1e-5,
        Head = NormByPool("token"),
    };

    static Config Dino(TransformerSize size) => new(size, 16)
    {
        Prefix = [("cls_token", 1), ("reg_token", 4)],
        Embed = WholePatches,
        Rotation = Unit,
        Queries = WithoutBias,
        LayerScale = 1e-5,
        Head = NormFirst("avg"),
        NormEps = 1e-5,
    };

    static Config LingBot(TransformerSize size) => Dino(size) with { Head = NormFirst("token") };

    static Config Sapiens(TransformerSize size) => Dino(size) with
    {
        Prefix = [("cls_token", 1), ("reg_token", 8)],
        Rotation = RescaledUnit,
        Queries = Grouped,
        Mlp = PackedMlp,
        Block = AttentionScaled,
        LayerScale = 1,
        Head = NormFirst("token"),
        Norm = Layers.RmsNorm,
        NormEps = 1e-6,
    };
}
