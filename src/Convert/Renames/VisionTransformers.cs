namespace OnnxTimm.Conversion;

/// <summary>Vision transformers of other code bases, and their relatives.</summary>
static class VisionTransformers
{
    /// <summary>BEiT-3 of microsoft/unilm: of its two experts, A is for images.</summary>
    public static readonly RenameTable Beit3 = new(
        "BEiT-3",
        names => names.Contains("beit3.vision_embed.proj.weight"),
        [
            new Skip(@"^beit3\.text_embed\.|\.B\.", "of the expert for texts"),
            new Skip(@"^beit3\.vision_embed\.mask_token$", "of training with masks"),
            new Rename(@"^beit3\.", ""),
            new Rename(@"\.A\.", "."),
            new Rename(@"^vision_embed\.cls_token$", "cls_token"),
            new Rename(@"^vision_embed\.", "patch_embed."),
            // positions count from 2
            new Rename(@"^encoder\.embed_positions\.weight$", "pos_embed", Layout.Without(2).Then(Layout.Batched)),
            new Rename(@"^encoder\.layers\.", "blocks."),
            new Rename(@"\.self_attn_layer_norm\.", ".norm1."),
            new Rename(@"\.final_layer_norm\.", ".norm2."),
            new Rename(@"\.ffn\.ffn_layernorm\.", ".mlp.norm."),
            new Rename(@"\.ffn\.", ".mlp."),
            new Rename(@"\.self_attn\.inner_attn_ln\.", ".attn.norm."),
            new Rename(@"\.self_attn\.out_proj\.", ".attn.proj."),
            new Join(@"\.self_attn\.(?<part>[qkv])_proj\.", ".attn.qkv.", "q", "k", "v"),
        ]);

    /// <summary>AIMv2 of apple/ml-aim.</summary>
    public static readonly RenameTable Aim = new(
        "AIMv2",
        names => names.Contains("preprocessor.patchifier.proj.weight"),
        [
            new Rename(@"^preprocessor\.patchifier\.", "patch_embed."),
            new Rename(@"^preprocessor\.pos_embed$", "pos_embed"),
            new Rename(@"^trunk\.post_trunk_norm\.", "norm."),
            new Rename(@"^trunk\.", ""),
            new Rename(@"\.norm_(\d)\.", ".norm$1."),
            new Rename(@"\.mlp\.fc1\.", ".mlp.fc1_g."),
            new Rename(@"\.mlp\.fc3\.", ".mlp.fc1_x."),
        ]);

    /// <summary>DeiT III of facebookresearch/deit, whose layer scales are named as BEiT's in timm.</summary>
    public static readonly RenameTable Deit3 = new(
        "DeiT III",
        names => names.Contains("blocks.0.gamma_1"),
        [new Rename(@"\.gamma_(\d)$", ".ls$1.gamma")])
    {
        ModelHas = "blocks.0.ls1.gamma",
    };

    /// <summary>Vision transformers of timm up to 0.5, with a hidden layer before the classifier.</summary>
    public static readonly RenameTable WithRepresentation = new(
        "vision transformer with a representation layer",
        names => names.Contains("pre_logits.fc.weight"),
        [new Skip(@"^pre_logits\.", "of a representation layer, which timm's models do not have: the head was trained "
            + "behind it")]);

    /// <summary>A vision transformer's weights for a NaFlexViT.</summary>
    public static readonly RenameTable IntoNaFlex = new(
        "vision transformer of timm",
        names => names.Contains("patch_embed.proj.weight") && names.Contains("blocks.0.norm1.weight"),
        [
            new IntoTokens("pos_embed", "cls_token", "reg_token"),
            new Rename(@"^pos_embed$", "embeds.pos_embed", Layout.Square),
            new Rename(@"^(cls_token|reg_token)$", "embeds.$1"),
            new Rename(@"^patch_embed\.proj\.weight$", "embeds.proj.weight", Layout.FlatPatches),
            new Rename(@"^patch_embed\.", "embeds."),
        ])
    {
        ModelHas = "embeds.proj.weight",
    };

    /// <summary>Segment Anything's image encoder.</summary>
    public static readonly RenameTable Sam = new(
        "Segment Anything",
        names => names.Contains("blocks.0.mlp.lin1.weight"),
        [new Rename(@"\.mlp\.lin(\d)\.", ".mlp.fc$1.")]);

    /// <summary>Segment Anything 2's image encoder.</summary>
    public static readonly RenameTable Sam2 = new(
        "Segment Anything 2",
        names => names.Contains("blocks.0.mlp.layers.0.weight"),
        [
            new Rename(@"\.mlp\.layers\.0\.", ".mlp.fc1."),
            new Rename(@"\.mlp\.layers\.1\.", ".mlp.fc2."),
        ]);

    /// <summary>Hiera of facebookresearch/hiera, trained or pretrained with masks.</summary>
    public static readonly RenameTable Hiera = new(
        "Hiera of its authors",
        names => names.Contains("blocks.0.attn.qkv.weight") && !names.Contains("blocks.0.attn.pool_k.weight")
            && (names.Contains("head.projection.weight") || names.Contains("encoder_norm.weight")
                || names.Contains("pos_embed_abs")),
        [
            new Rename(@"^head\.projection\.", "head.fc."),
            new Rename(@"^(?:encoder_)?norm\.", "head.norm."),
            new Rename(@"^pos_embed_abs$", "pos_embed"),
        ]);

    /// <summary>Gemma 4's image encoder in the names of Hugging Face, with a classifier of timm's or without.</summary>
    public static readonly RenameTable Gemma = new(
        "Gemma 4 of transformers",
        names => names.Contains("patch_embedder.input_proj.weight"),
        [
            new Skip(@"(^|\.)rotary_emb\.", "fixed, and computed"),
            new Rename(@"^patch_embedder\.", "patch_embed."),
            new Rename(@"^encoder\.layers\.", "blocks."),
            new Rename(@"\.input_layernorm\.", ".norm1."),
            new Rename(@"\.post_attention_layernorm\.", ".norm2."),
            new Rename(@"\.pre_feedforward_layernorm\.", ".norm3."),
            new Rename(@"\.post_feedforward_layernorm\.", ".norm4."),
            new Rename(@"\.self_attn\.", ".attn."),
            new IfUnknown(new Rename("^", "encoder.")),
        ]);
}
