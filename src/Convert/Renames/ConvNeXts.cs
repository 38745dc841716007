namespace OnnxTimm.Conversion;

/// <summary>ConvNeXt and networks that grew from its code, where reductions stand beside the stages.</summary>
static class ConvNeXts
{
    /// <summary>Blocks and reductions, once the stem has its name.</summary>
    static readonly Row[] Stages =
    [
        new Rename(@"^stages\.(\d+)\.(\d+)\.", "stages.$1.blocks.$2."),
        new Rename(@"^downsample_layers\.(\d+)\.", "stages.$1.downsample."),
    ];

    /// <summary>ConvNeXt (v1, v2, DINOv3) of Meta and EdgeNeXt.</summary>
    public static readonly RenameTable ConvNeXt = new(
        "ConvNeXt or EdgeNeXt of its authors",
        names => names.Contains("downsample_layers.0.0.weight"),
        [
            new Skip(@"^(projectors|norms)\.", "of a distillation"),
            new Rename(@"^downsample_layers\.0\.", "stem."),
            .. Stages,
            new Rename(@"\.dwconv\.", ".conv_dw."),
            new Rename(@"\.pwconv(\d)\.", ".mlp.fc$1."),
            new Rename(@"\.grn\.gamma$", ".mlp.grn.weight"),
            new Rename(@"\.grn\.beta$", ".mlp.grn.bias"),
            new Rename(@"^head\.", "head.fc."),
            new Rename(@"^norm\.", "head.norm."),
        ]);

    /// <summary>MambaOut of yuweihao/MambaOut.</summary>
    public static readonly RenameTable MambaOut = new(
        "MambaOut of its authors",
        names => names.Contains("downsample_layers.0.conv1.weight"),
        [
            new Rename(@"^downsample_layers\.0\.", "stem."),
            .. Stages,
            new Rename(@"^head\.fc1\.", "head.pre_logits.fc."),
            new Rename(@"^head\.norm\.", "head.pre_logits.norm."),
            new Rename(@"^head\.fc2\.", "head.fc."),
            new Rename(@"^norm\.", "head.norm."),
        ]);

    /// <summary>CAFormer, ConvFormer and PoolFormer v2 of sail-sg/metaformer.</summary>
    public static readonly RenameTable MetaFormer = new(
        "MetaFormer of its authors",
        names => names.Contains("downsample_layers.0.conv.weight"),
        [
            new Rename(@"^downsample_layers\.0\.", "stem."),
            .. Stages,
            new Rename(@"\.(?:post|pre)_norm\.", ".norm."),
            new Rename(@"^head\.", "head.fc."),
            new Rename(@"^norm\.", "head.norm."),
        ]);
}
