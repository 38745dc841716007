using static OnnxTimm.Models.TransformerSize;

namespace OnnxTimm.Models;

/// <summary>
/// NaFlexViT: a vision transformer for images of any shape (FlexiViT arXiv:2212.08013, NaViT 2307.06304, SigLIP 2
/// 2502.14786, RADIO 2312.06709), whose table of positions is resampled to the patches. timm/models/naflexvit.py.
/// </summary>
public static class NaFlexVit
{
    const int Patch = 16;

    /// <param name="Size">Width and depth.</param>
    /// <param name="Registers">Learned tokens without a place.</param>
    /// <param name="Head">The last norm, the pool and the classifier.</param>
    public sealed record Config(TransformerSize Size, int Registers, NetPart<Config> Head)
        : TransformerStyle(Size.Heads, Size.Hidden)
    {
        /// <summary>Learned tokens that stand for the image: 1 or 0.</summary>
        public int ClassTokens { get; init; }

        /// <summary>Where patches are.</summary>
        public PositionTable Positions { get; init; } = new(Resampling.BicubicAntialiased);

        /// <summary>Which of query, key and value have a bias.</summary>
        public QkvBias Bias { get; init; } = QkvBias.All;
    }

    /// <summary>timm's variants of the module <c>naflexvit</c>.</summary>
    public static readonly Family<Config> Family = new("naflexvit", Build, Facts)
    {
        { "naflexvit_base_patch16_gap",         Gap(Base, 4) },
        { "naflexvit_base_patch16_par_gap",     Gap(Base, 4) with {
            Positions = new(Resampling.BicubicAntialiased) { KeepsAspect = true } } },
        { "naflexvit_base_patch16_parfac_gap",  Gap(Base, 4) with {
            Positions = new(Resampling.Bilinear) { KeepsAspect = true, IsFactored = true } } },
        { "naflexvit_base_patch16_map",         new(Base, 1, AttentionHead) { LayerScale = 1e-5 } },
        { "naflexvit_so150m2_patch16_reg1_gap", Gap(So150M2, 1) with { Bias = QkvBias.None } },
        { "naflexvit_so150m2_patch16_reg1_map", new(So150M2, 1, AttentionHead) {
            LayerScale = 1e-5, Bias = QkvBias.None } },
        { "naflexvit_base_patch16_siglip",      Siglip(Base) },
        { "naflexvit_so400m_patch16_siglip",    Siglip(So400M) },
        { "naflexvit_base_patch16_radio_v3",    Radio(Base, 7, Resampling.BilinearCorners) with { LayerScale = 1e-5 } },
        { "naflexvit_large_patch16_radio_v3",   Radio(Large, 7, Resampling.Bilinear) with { LayerScale = 1e-5 } },
        { "naflexvit_huge_patch16_radio_v3",    Radio(Huge, 7, Resampling.BilinearCorners) },
        { "naflexvit_giant_patch16_radio_v3",   Radio(GiantOpt with { Heads = 24 }, 7, Resampling.Bilinear) },
        { "naflexvit_so400m_patch16_radio_v4",  Radio(So400M, 9, Resampling.Bilinear) },
        { "naflexvit_huge_patch16_radio_v4",    Radio(Huge, 9, Resampling.Bilinear) },
    };

    static Config Gap(TransformerSize size, int registers) => new(size, registers, MeanHead) { LayerScale = 1e-5 };

    static Config Siglip(TransformerSize size) => new(size, 0, AttentionHead)
    {
        Act = Activations.GeluTanh,
        Positions = new(Resampling.BilinearAntialiased),
    };

    static Config Radio(TransformerSize size, int registers, Resampling by) => new(size, registers, UnnormedHead)
    {
        ClassTokens = 1,
        Positions = new(by, 128) { KeepsAspect = true },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        // Maps, which alone read it below, are made of images.
        var grid = net.Patches is null ? VisionTower.GridOf(image, Patch) : default;
        var x = Embed(image, s["embeds"], c, grid, net).Dropout(net.Options.PosDropRate);
        // The later a block, the smaller its residuals begin.
        var style = c with { Attention = Attention(c.Bias, net.Patches?.KeyMask(Prefix(c))), Mlp = Mlp };
        foreach (var b in net.Blocks([c.Size.Depth]))
            x = net.Tap($"blocks.{b.Index}", TransformerBlocks.PreNorm(x, s["blocks"][b.Index], style, b),
                tokens => tokens.SkipTokens(Prefix(c)).ToMap(grid.H, grid.W));
        return c.Head(x, s, c, net);
    }

    static int Prefix(Config c) => c.ClassTokens + c.Registers;

    static Value Embed(Value image, Scope s, Config c, (int H, int W) grid, Net net)
    {
        var (patches, side) = (net.Patches, net.Options.PatchSize);
        (string Name, int Count)[] learned = [("cls_token", c.ClassTokens), ("reg_token", c.Registers)];
        Value[] prefix = [.. learned.Where(t => t.Count > 0)
            .Select(t => s.Param(t.Name, Init.Normal(1e-6), 1, t.Count, c.Size.Dim))];
        var positions = patches is null ? c.Positions.Of(s, c.Size.Dim, grid) : c.Positions.Of(s, c.Size.Dim, patches);
        var pixels = patches is null ? OfImage(image, s["proj"], c.Size.Dim)
            : side is { } other and not Patch ? OfPatches(image, s["proj"], c.Size.Dim, other)
            : image.Linear(s["proj"], c.Size.Dim);
        var x = pixels + positions;
        return prefix.Select(t => t.RepeatFor(x)).Append(x).ToArray().Concat(1);
    }

    /// <summary>A linear layer over the pixels of a patch, row by row, their colours side by side.</summary>
    static Value OfImage(Value image, Scope s, int dim)
    {
        var weight = s.Param("weight", s.Defaults.Linear, dim, Patch * Patch * image.Channels)
            .Reshape(dim, Patch, Patch, image.Channels).Transpose(0, 3, 1, 2);
        var bias = s.Param("bias", s.Defaults.LinearBiasBy(weight.Shape[1].Size), dim);
        return image.Conv(weight, bias, new([Patch, Patch], [0, 0, 0, 0], [1, 1])).ToTokens();
    }

    /// <summary>The same over patches of another side, by weights that are resampled for it.</summary>
    static Value OfPatches(Value patches, Scope s, int dim, int side)
    {
        var channels = patches.Features / (side * side);
        var weight = s.Param("weight", s.Defaults.Linear, dim, Patch * Patch * channels);
        var bias = s.Param("bias", s.Defaults.LinearBiasBy(weight.Shape[1].Size), dim);
        var resampled = weight.Reshape(dim, Patch, Patch, channels).As(Layout.ChannelsLast).ChannelsFirst()
            .Resample(side, side, Resampling.BicubicAntialiased.Inverse).ChannelsLast();
        return patches.Linear(resampled.Reshape(dim, side * side * channels), bias);
    }

    static TokenBlock<TransformerStyle> Attention(QkvBias bias, Value? mask) => (x, s, style, place) => x
        .Qkv(s, style.Heads, bias).Attend(mask, dropout: place.AttnDrop).MergeHeads()
        .Linear(Small(s["proj"], place), x.Features).Dropout(place.ProjDrop);

    static Value Mlp(Value x, Scope s, TransformerStyle style, Place place) => style
        .Act(x.Linear(s["fc1"], style.Hidden)).Dropout(place.ProjDrop)
        .Linear(Small(s["fc2"], place), x.Features).Dropout(place.ProjDrop);

    static Scope Small(Scope s, Place place) => s.With(d => d with
    {
        Linear = Init.TruncNormal(0.02 / Math.Sqrt(2 * (place.Number + 1))),
    });

    static Value MeanHead(Value x, Scope s, Config c, Net net) =>
        net.Head(x, HeadOf(s, c, "avg", net.Patches) with { Norm = y => y.LayerNorm(s["fc_norm"]) });

    /// <summary>All is normed before the pool, and what a mean gives once more.</summary>
    static Value AttentionHead(Value x, Scope s, Config c, Net net) => net.Options.GlobalPool == "avg"
        ? MeanHead(x.LayerNorm(s["norm"]), s, c, net)
        : net.Head(x.LayerNorm(s["norm"]), HeadOf(s, c, "map", net.Patches));

    static Value UnnormedHead(Value x, Scope s, Config c, Net net) => net.Head(x, HeadOf(s, c, "token", net.Patches));

    static Head HeadOf(Scope s, Config c, string pool, PatchInput? patches)
    {
        string[] pools = [.. GlobalPool.OfTokens.Where(name => name != "token" || c.ClassTokens > 0), "map"];
        return new(s["head"])
        {
            Pool = pool,
            PoolBy = (x, name) => name == "map" ? AttentionPool(x, s["attn_pool"], c, patches)
                : patches is not null && GlobalPool.IsOfPatches(name) ? patches.Pool(x, name, Prefix(c))
                : GlobalPool.Of(x, name, Prefix(c), pools),
        };
    }

    static Value AttentionPool(Value x, Scope s, Config c, PatchInput? patches) => patches is null
        ? x.SkipTokens(Prefix(c)).AttentionPool(s, c.Heads, c.Hidden, c.Norm, c.Act)
        : x.AttentionPool(s, c.Heads, c.Hidden, c.Norm, c.Act, patches.PatchMask(Prefix(c)));

    static FamilyFacts Facts(Config c) => new(new("^embeds",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["embeds.cls_token", "embeds.pos_embed", "embeds.reg_token"],
        Patch = Patch,
        Taps = [-3, -2, -1],
    };
}
