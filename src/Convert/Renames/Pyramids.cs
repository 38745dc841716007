namespace OnnxTimm.Conversion;

/// <summary>Transformers in stages, and networks of tokens that do not attend.</summary>
static class Pyramids
{
    /// <summary>MViTv2 of facebookresearch/mvit: blocks count through all stages.</summary>
    public static readonly RenameTable MViT = new(
        "MViTv2 of its authors",
        names => names.Contains("blocks.0.attn.pool_k.weight"),
        [
            new Counted(@"^blocks\.(\d+)\.", @"^stages\.\d+\.blocks\.\d+\."),
            new Rename(@"^(stages\.\d+\.blocks\.\d+)\.proj\.", "$1.shortcut_proj_attn."),
            new IfUnknown(new Rename(@"\.shortcut_proj_attn\.", ".shortcut_proj_mlp.")),
            new Rename(@"^head\.projection\.", "head.fc."),
        ]);

    /// <summary>PVT v2 of whai362/PVT.</summary>
    public static readonly RenameTable PvtV2 = new(
        "PVT v2 of its authors",
        names => names.Contains("patch_embed1.proj.weight") && names.Contains("block1.0.norm1.weight"),
        [
            new Rename(@"^patch_embed1\.", "patch_embed."),
            new Rename(@"^patch_embed(\d)\.", "stages.{1-1}.downsample."),
            new Rename(@"^block(\d)\.", "stages.{1-1}.blocks."),
            new Rename(@"^norm(\d)\.", "stages.{1-1}.norm."),
            new Rename(@"\.dwconv\.dwconv\.", ".dwconv."),
        ]);

    /// <summary>PiT of naver-ai/pit.</summary>
    public static readonly RenameTable Pit = new(
        "PiT of its authors",
        names => names.Contains("pools.0.conv.weight"),
        [new Rename(@"^pools\.(\d)\.", "transformers.{1+1}.pool.")]);

    /// <summary>CoaT of mlpc-ucsd/CoaT, whose files hold norms and heads that the network does not use.</summary>
    public static readonly RenameTable CoaT = new(
        "CoaT of its authors",
        names => names.Contains("serial_blocks1.0.cpe.proj.weight") && names.Contains("norm1.weight"),
        [new IfUnknown(new Skip(@"^(norm[1-4]|aggregate|head)\.", "not used by the network"))]);

    /// <summary>CrossViT of IBM/CrossViT.</summary>
    public static readonly RenameTable CrossVit = new(
        "CrossViT of its authors",
        names => names.Contains("pos_embed.0") && names.Contains("cls_token.0"),
        [new Rename(@"^(pos_embed|cls_token)\.", "$1_")]);

    /// <summary>XCiT of facebookresearch/xcit, which computes queries for all tokens where timm does for one.</summary>
    public static readonly RenameTable Xcit = new(
        "XCiT of its authors",
        names => names.Contains("cls_attn_blocks.0.attn.qkv.weight"),
        [
            new Rename(@"^pos_embeder\.", "pos_embed."),
            new IfUnknown(new Skip(@"^pos_embed\.", "positions, which the network does not have")),
            new IfUnknown(new Split(@"^(cls_attn_blocks\.\d+\.attn)\.qkv\.", "$1.{part}.", "q", "k", "v") { Axis = 0 }),
        ]);

    /// <summary>TNT of huawei-noah.</summary>
    public static readonly RenameTable Tnt = new(
        "TNT of its authors",
        names => names.Contains("inner_pos") && names.Contains("outer_pos"),
        [
            new Skip("^outer_tokens$", "zeros that begin the outer tokens"),
            new Rename("^outer_pos$", "patch_pos"),
            new Rename("^inner_pos$", "pixel_pos", Layout.SquareChannelsFirst),
            new Rename(@"^patch_embed\.", "pixel_embed."),
            new Rename(@"(^|\.)proj_norm(\d)\.", "$1norm$2_proj."),
            new Rename(@"\.inner_norm1\.", ".norm_in."),
            new Rename(@"\.inner_attn\.", ".attn_in."),
            new Rename(@"\.inner_norm2\.", ".norm_mlp_in."),
            new Rename(@"\.inner_mlp\.", ".mlp_in."),
            new Rename(@"\.outer_norm1\.", ".norm_out."),
            new Rename(@"\.outer_attn\.", ".attn_out."),
            new Rename(@"\.outer_norm2\.", ".norm_mlp."),
            new Rename(@"\.outer_mlp\.", ".mlp."),
        ]);

    /// <summary>ResMLP of facebookresearch/deit.</summary>
    public static readonly RenameTable ResMlp = new(
        "ResMLP of its authors",
        names => names.Contains("patch_embed.proj.weight") && names.Contains("blocks.0.norm1.alpha"),
        [
            new Rename(@"^patch_embed\.", "stem."),
            new Rename(@"\.attn\.", ".linear_tokens."),
            new Rename(@"\.mlp\.", ".mlp_channels."),
            new Rename(@"\.gamma_(\d)$", ".ls$1"),
        ]);

    /// <summary>Sequencer of okojoalg/sequencer.</summary>
    public static readonly RenameTable Sequencer = new(
        "Sequencer of its authors",
        names => names.Contains("blocks.0.0.rnn_tokens.rnn_v.weight_ih_l0"),
        [
            new Rename(@"^blocks\.(\d)\.\d+\.down\.", "stages.{1+1}.downsample.down."),
            new Rename(@"^blocks\.(\d)\.", "stages.$1.blocks."),
            new Rename(@"^head\.", "head.fc."),
        ]);

    /// <summary>Next-ViT of bytedance/Next-ViT: blocks count through all stages.</summary>
    public static readonly RenameTable NextVit = new(
        "Next-ViT of its authors",
        names => names.Contains("features.0.mhca.group_conv3x3.weight"),
        [
            new Counted(@"^features\.(\d+)\.", @"^stages\.\d+\.blocks\.\d+\."),
            new Rename(@"\.mlp\.conv(\d)\.", ".mlp.fc$1."),
            new Rename(@"^proj_head\.0\.", "head.fc."),
        ]);
}
