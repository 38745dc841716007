namespace OnnxTimm.Conversion;

/// <summary>Networks whose stages and reductions are one sequence, <c>network</c>, in turn.</summary>
static class Sequences
{
    static readonly Row[] Stages =
    [
        new Rename(@"^network\.0\.", "stages.0.blocks."),
        new Rename(@"^network\.1\.", "stages.1.downsample."),
        new Rename(@"^network\.2\.", "stages.1.blocks."),
        new Rename(@"^network\.3\.", "stages.2.downsample."),
        new Rename(@"^network\.4\.", "stages.2.blocks."),
        new Rename(@"^network\.5\.", "stages.3.downsample."),
        new Rename(@"^network\.6\.", "stages.3.blocks."),
    ];

    /// <summary>PoolFormer of sail-sg/poolformer.</summary>
    public static readonly RenameTable PoolFormer = new(
        "PoolFormer of its authors",
        names => names.Contains("patch_embed.proj.weight") && names.Contains("network.0.0.layer_scale_1"),
        [
            .. Stages,
            new Rename(@"^patch_embed\.proj\.", "stem.conv."),
            new Rename(@"\.downsample\.proj\.", ".downsample.conv."),
            new Rename(@"\.layer_scale_(\d)$", ".layer_scale$1.scale"),
            new Rename(@"^head\.", "head.fc."),
            new Rename(@"^norm\.", "head.norm."),
        ]);

    /// <summary>EfficientFormer of snap-research/EfficientFormer.</summary>
    public static readonly RenameTable EfficientFormer = new(
        "EfficientFormer of its authors",
        names => names.Contains("patch_embed.0.weight") && names.Contains("network.0.0.mlp.fc1.weight"),
        [
            .. Stages,
            new Rename(@"^patch_embed\.0\.", "stem.conv1."),
            new Rename(@"^patch_embed\.1\.", "stem.norm1."),
            new Rename(@"^patch_embed\.3\.", "stem.conv2."),
            new Rename(@"^patch_embed\.4\.", "stem.norm2."),
            new Rename(@"\.downsample\.proj\.", ".downsample.conv."),
            new Rename(@"\.layer_scale_(\d)$", ".ls$1.gamma"),
            new Rename(@"^dist_head\.", "head_dist."),
        ]);

    /// <summary>SwiftFormer of Amshaker/SwiftFormer.</summary>
    public static readonly RenameTable SwiftFormer = new(
        "SwiftFormer of its authors",
        names => names.Contains("patch_embed.0.weight") && names.Contains("network.0.0.dwconv.weight"),
        [
            .. Stages,
            new Rename(@"^patch_embed\.", "stem."),
            new Rename(@"\.attn\.Proj\.", ".attn.proj."),
            new Rename(@"\.(layer_scale\w*)$", ".$1.gamma"),
            new Rename(@"^dist_head\.", "head_dist."),
        ]);

    /// <summary>FastViT of apple/ml-fastvit, and MobileCLIP's image encoders.</summary>
    public static readonly RenameTable FastVit = new(
        "FastViT of its authors",
        names => names.Contains("patch_embed.0.rbr_conv.0.conv.weight"),
        [
            // where positions stand before the last stage, it is one further
            new Rename(@"^network\.6\.pe\.", "stages.3.pos_emb.pos_enc."),
            new Rename(@"^network\.7\.", "stages.3.blocks."),
            .. Stages,
            new Rename(@"^patch_embed\.", "stem."),
            new Rename(@"^conv_exp\.", "final_conv."),
            new Rename(@"\.rbr_conv\.", ".conv_kxk."),
            new Rename(@"\.rbr_scale\.", ".conv_scale."),
            new Rename(@"\.rbr_skip\.", ".identity."),
            new Rename(@"\.lkb_origin\.", ".large_conv."),
            new Rename(@"\.convffn\.", ".mlp."),
            new Rename(@"\.se\.reduce\.", ".se.fc1."),
            new Rename(@"\.se\.expand\.", ".se.fc2."),
            new Rename(@"\.(layer_scale\w*)$", ".$1.gamma"),
            new Rename(@"^dist_head\.", "head_dist."),
            new Rename(@"^head\.proj$", "head.weight", Layout.Transposed),
            new Zeros(@"^head\.weight$", "head.bias"),
            new Rename(@"^head\.", "head.fc."),
        ]);
}
