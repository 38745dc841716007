namespace OnnxTimm.Conversion;

/// <summary>Networks that attend, or focus, within windows.</summary>
static class Windows
{
    /// <summary>A reduction ends a stage in Microsoft's code, in timm it begins the next.</summary>
    static readonly Row Reduction = new Rename(@"^layers\.(\d+)\.downsample\.", "layers.{1+1}.downsample.");

    /// <summary>Swin, v1 and v2, of microsoft/Swin-Transformer.</summary>
    public static readonly RenameTable Swin = new(
        "Swin of its authors",
        names => names.Contains("layers.0.downsample.reduction.weight"),
        [
            Reduction,
            new Rename(@"^head\.", "head.fc."),
        ]);

    /// <summary>Swin v2 of ChristophReich1996/Swin-Transformer-V2, and of timm before it had a scale.</summary>
    public static readonly RenameTable SwinV2Cr = new(
        "Swin v2 of Christoph Reich",
        names => names.Contains("stages.0.blocks.0.attn.meta_mlp.fc1.weight")
            && (names.Contains("head.weight") || names.Contains("stages.0.blocks.0.attn.tau")),
        [
            new Rename(@"\.attn\.tau$", ".attn.logit_scale", Layout.InverseLogarithm),
            new Rename(@"^head\.(weight|bias)$", "head.fc.$1"),
        ]);

    /// <summary>FocalNet of microsoft/FocalNet: norms are named alike, whether they stand before a layer or behind.
    /// </summary>
    public static readonly RenameTable FocalNet = new(
        "FocalNet of its authors",
        names => names.Contains("patch_embed.proj.weight") && names.Contains("layers.0.blocks.0.modulation.f.weight"),
        [
            Reduction,
            new Rename(@"^patch_embed\.", "stem."),
            new Rename(@"\.gamma_(\d)$", ".ls$1.gamma"),
            new Rename(@"\.modulation\.ln\.", ".modulation.norm."),
            new IfUnknown(new Rename(@"\.norm(\d)\.", ".norm$1_post.")),
            new Rename(@"^head\.", "head.fc."),
        ]);

    /// <summary>DaViT of dingmyu/davit.</summary>
    public static readonly RenameTable DaVit = new(
        "DaViT of its authors",
        names => names.Contains("main_blocks.0.0.0.norm1.weight"),
        [
            new Rename(@"^patch_embeds\.0\.proj\.", "stem.conv."),
            new Rename(@"^patch_embeds\.0\.", "stem."),
            new Rename(@"^patch_embeds\.(\d)\.proj\.", "stages.$1.downsample.conv."),
            new Rename(@"^patch_embeds\.(\d)\.", "stages.$1.downsample."),
            new Rename(@"^main_blocks\.(\d)\.", "stages.$1.blocks."),
            new Rename(@"\.cpe\.0\.", ".cpe1."),
            new Rename(@"\.cpe\.1\.", ".cpe2."),
            new Rename(@"^head\.", "head.fc."),
            new Rename(@"^norms\.", "head.norm."),
        ]);

    /// <summary>Florence-2's image encoder.</summary>
    public static readonly RenameTable Florence = new(
        "DaViT of Florence-2",
        names => names.Contains("convs.0.proj.weight"),
        [
            new Rename(@"^convs\.0\.proj\.", "stem.conv."),
            new Rename(@"^convs\.0\.", "stem."),
            new Rename(@"^convs\.(\d)\.proj\.", "stages.$1.downsample.conv."),
            new Rename(@"^convs\.(\d)\.", "stages.$1.downsample."),
            new Rename(@"^blocks\.(\d)\.", "stages.$1.blocks."),
            new Rename(@"\.conv([12])\.fn\.dw\.", ".cpe$1.proj."),
            new Rename(@"\.(?:window|channel)_attn\.norm\.", ".norm1."),
            new Rename(@"\.(?:window|channel)_attn\.fn\.", ".attn."),
            new Rename(@"\.ffn\.norm\.", ".norm2."),
            new Rename(@"\.ffn\.fn\.net\.", ".mlp."),
        ]);
}
