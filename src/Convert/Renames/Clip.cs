namespace OnnxTimm.Conversion;

/// <summary>
/// Image encoders of OpenAI's CLIP and of what follows its code: OpenCLIP, Meta's Perception Encoder, MobileCLIP.
/// Their last projection has no bias, and no counterpart in a network without a classifier.
/// </summary>
static class Clip
{
    const string Projection = "of the projection into the space of texts";

    /// <summary>Vision transformers; those of the Perception Encoder have layer scales and an attention pool.</summary>
    public static readonly RenameTable VisionTransformer = new(
        "vision transformer of CLIP",
        names => names.Contains("conv1.weight") && names.Contains("transformer.resblocks.0.ln_1.weight"),
        [
            new Rename(@"^conv1\.", "patch_embed.proj."),
            new Rename(@"^positional_embedding$", "pos_embed", Layout.Batched),
            new Rename(@"^class_embedding$", "cls_token"),
            new Rename(@"^ln_pre\.", "norm_pre."),
            new Rename(@"^ln_post\.", "norm."),
            new Rename(@"^transformer\.resblocks\.", "blocks."),
            new Rename(@"\.ln_(\d)\.", ".norm$1."),
            new Rename(@"\.ls_(\d)\.gamma$", ".gamma_$1"),
            new Split(@"^attn_pool\.attn\.in_proj_", "attn_pool.{part}.", "q", "k", "v") { Axis = 0 },
            new Join(@"^attn_pool\.(?<part>[kv])\.", "attn_pool.kv.", "k", "v"),
            new Rename(@"^attn_pool\.attn\.", "attn_pool."),
            new Rename(@"^attn_pool\.layernorm\.", "attn_pool.norm."),
            new Rename(@"^attn_pool\.probe$", "attn_pool.latent"),
            new Rename(@"\.in_proj_", ".qkv."),
            new Rename(@"\.out_proj\.", ".proj."),
            new Rename(@"\.mlp\.c_fc\.", ".mlp.fc1."),
            new Rename(@"\.mlp\.c_proj\.", ".mlp.fc2."),
            new Rename(@"^proj$", "head.weight", Layout.Transposed),
            new Zeros(@"^head\.weight$", "head.bias"),
            new IfUnknown(new Skip(@"^head\.", Projection)),
        ]);

    /// <summary>ResNets.</summary>
    public static readonly RenameTable ResNet = new(
        "ResNet of CLIP",
        names => names.Contains("bn3.weight") && names.Contains("layer1.0.conv1.weight"),
        [
            new Rename(@"^conv(\d)\.", "stem.conv$1.conv."),
            new Rename(@"^bn(\d)\.", "stem.conv$1.bn."),
            new Rename(@"^layer(\d)\.(\d+)\.", "stages.{1-1}.$2."),
            new Rename(@"\.downsample\.0\.", ".shortcut.conv.conv."),
            new Rename(@"\.downsample\.1\.", ".shortcut.conv.bn."),
            new Rename(@"^(stages\.\d\.\d+)\.(conv|bn)1\.", "$1.conv1_1x1.$2."),
            new Rename(@"^(stages\.\d\.\d+)\.(conv|bn)2\.", "$1.conv2_kxk.$2."),
            new Rename(@"^(stages\.\d\.\d+)\.(conv|bn)3\.", "$1.conv3_1x1.$2."),
            new Rename(@"^attnpool\.positional_embedding$", "head.pos_embed"),
            new Rename(@"^attnpool\.([qkv])_proj\.", "head.$1."),
            new Rename(@"^attnpool\.c_proj\.", "head.proj."),
            new IfUnknown(new Skip(@"^head\.", "of an attention pool")),
        ]);

    /// <summary>MobileCLIP-B: a vision transformer behind three convolutions.</summary>
    public static readonly RenameTable MobileClip = new(
        "MobileCLIP of its authors",
        names => names.Contains("patch_emb.0.block.conv.weight"),
        [
            new Rename(@"^patch_emb\.(\d)\.block\.conv\.", "patch_embed.backbone.$1.conv."),
            new Rename(@"^patch_emb\.(\d)\.block\.norm\.", "patch_embed.backbone.$1.bn."),
            new Rename(@"^pos_embed\.pos_embed\.pos_embed$", "pos_embed"),
            new Rename(@"^post_transformer_norm\.", "norm."),
            new Rename(@"^transformer\.", "blocks."),
            new Rename(@"\.pre_norm_mha\.0\.", ".norm1."),
            new Rename(@"\.pre_norm_mha\.1\.qkv_proj\.", ".attn.qkv."),
            new Rename(@"\.pre_norm_mha\.1\.out_proj\.", ".attn.proj."),
            new Rename(@"\.pre_norm_ffn\.0\.", ".norm2."),
            new Rename(@"\.pre_norm_ffn\.1\.", ".mlp.fc1."),
            new Rename(@"\.pre_norm_ffn\.4\.", ".mlp.fc2."),
            new Rename(@"^classifier\.proj$", "head.weight", Layout.Transposed),
            new Zeros(@"^head\.weight$", "head.bias"),
            new IfUnknown(new Skip(@"^head\.", Projection)),
        ]);
}
