namespace OnnxTimm.Conversion;

/// <summary>
/// Networks of google-research/vision_transformer, big_transfer, big_vision and nested-transformer, whose tensors have
/// JAX's layouts: channels last, linear layers [in, out], heads as an axis of their own. While a table works, a slash
/// stands before what is still a name of Flax and a dot before what is already one of timm; a row that writes the slash
/// again leaves the ending to <see cref="Endings"/>, which also transposes.
/// </summary>
static class Flax
{
    /// <summary>The last part of names that are Flax's up to there, and the layout that goes with it.</summary>
    static readonly Row[] Endings =
    [
        new Rename("/kernel$", ".weight", Layout.Transposed),
        new Rename("/(scale|gamma)$", ".weight", Layout.Flat),
        new Rename("/(bias|beta)$", ".bias", Layout.Flat),
    ];

    static readonly LoadNote Gelu = new("", "Flax's GELU is the tanh form, timm's the exact one: outputs differ by "
        + "about 1e-4.");

    /// <summary>
    /// Vision transformers. vision_transformer counts all modules of a block (LayerNorm_0,
    /// MultiHeadDotProductAttention_1, LayerNorm_2, MlpBlock_3), big_vision those of a kind (LayerNorm_0,
    /// MultiHeadDotProductAttention_0, LayerNorm_1, MlpBlock_0).
    /// </summary>
    static readonly Row[] Encoder =
    [
        new Unstack(@"^Transformer/encoderblock/", "Transformer/encoderblock_{block}/"),
        new Rename(@"^Transformer/encoderblock_(\d+)/", "blocks.$1."),
        new Rename(@"^Transformer/encoder_norm/", "norm/"),
        new Rename(@"^(?:Transformer/posembed_input/)?pos_embedding$", "pos_embed"),
        new Rename(@"^cls$", "cls_token"),
        new Rename(@"^embedding/kernel$", "patch_embed.proj.weight", Layout.Hwio),
        new Rename(@"^embedding/", "patch_embed.proj/"),
        new Rename(@"^MAPHead_0/probe$", "attn_pool.latent"),
        new Rename(@"^MAPHead_0/LayerNorm_0/", "attn_pool.norm/"),
        new Rename(@"^MAPHead_0/", "attn_pool."),
        new Rename(@"\.LayerNorm_0/", ".norm1/"),
        new Rename(@"\.LayerNorm_[12]/", ".norm2/"),
        new Rename(@"\.MlpBlock_\d/Dense_0/", ".mlp.fc1/"),
        new Rename(@"\.MlpBlock_\d/Dense_1/", ".mlp.fc2/"),
        new Rename(@"/(query|key|value)/kernel$", "/$1.weight", Layout.IntoHeads),
        new Rename(@"/(query|key|value)/bias$", "/$1.bias", Layout.Flat),
        new Rename(@"/out/kernel$", "/proj.weight", Layout.OutOfHeads),
        new Rename(@"/out/bias$", "/proj.bias"),
        new Rename(@"^attn_pool\.MultiHeadDotProductAttention_\d/", "attn_pool."),
        new Rename(@"^attn_pool\.query\.", "attn_pool.q."),
        new Join(@"^attn_pool\.(?<part>key|value)\.(weight|bias)$", "attn_pool.kv.$1", "key", "value"),
        new Rename(@"\.MultiHeadDotProductAttention_\d/", ".attn."),
        new Join(@"\.attn\.(?<part>query|key|value)\.(weight|bias)$", ".attn.qkv.$1", "query", "key", "value"),
    ];

    static readonly Row[] VisionTransformerRows =
    [
        new Skip(@"^(txt/.*|t|b)$", "of the text tower and its loss"),
        new Rename(@"^img/", ""),
        new Skip(@"^pre_logits/", "of a representation layer, which timm's models do not have: the head was trained "
            + "behind it"),
        .. Encoder,
    ];

    /// <summary>A stem of a ResNet before the transformer.</summary>
    static Row[] Hybrid(string stem) =>
    [
        new Rename(@"^conv_root/kernel$", $"patch_embed.backbone.{stem}conv.weight", Layout.Hwio),
        new Rename(@"^gn_root/", $"patch_embed.backbone.{stem}norm/"),
        new Rename(@"^block(\d)/unit(\d+)/", "patch_embed.backbone.stages.{1-1}.blocks.{2-1}."),
        new Rename(@"\.conv_proj/kernel$", ".downsample.conv.weight", Layout.Hwio),
        new Rename(@"\.gn_proj/", ".downsample.norm/"),
        new Rename(@"\.conv([123])/kernel$", ".conv$1.weight", Layout.Hwio),
        new Rename(@"\.gn([123])/", ".norm$1/"),
    ];

    /// <summary>ViT with a stem and blocks of a ResNet.</summary>
    public static readonly RenameTable HybridStages = Transformer(
        "hybrid vision transformer of vision_transformer",
        names => Has(names, "conv_root/kernel") && Has(names, "block1/unit1/conv1/kernel"),
        [.. VisionTransformerRows, .. Hybrid("stem."), .. Endings]);

    /// <summary>ViT with the stem of a ResNet alone.</summary>
    public static readonly RenameTable HybridStem = Transformer(
        "hybrid vision transformer of vision_transformer",
        names => Has(names, "conv_root/kernel"),
        [.. VisionTransformerRows, .. Hybrid(""), .. Endings]);

    /// <summary>ViT of vision_transformer and of big_vision, SigLIP's image tower among them.</summary>
    public static readonly RenameTable VisionTransformer = Transformer(
        "vision transformer in Flax",
        names => Has(names, "embedding/kernel"),
        [.. VisionTransformerRows, .. Endings]);

    /// <summary>MLP-Mixer of vision_transformer.</summary>
    public static readonly RenameTable Mixer = new(
        "MLP-Mixer of vision_transformer",
        names => Has(names, "pre_head_layer_norm/scale"),
        [
            new Rename(@"^MixerBlock_(\d+)/", "blocks.$1."),
            new Rename(@"\.LayerNorm_0/", ".norm1/"),
            new Rename(@"\.LayerNorm_1/", ".norm2/"),
            new Rename(@"\.token_mixing/Dense_0/", ".mlp_tokens.fc1/"),
            new Rename(@"\.token_mixing/Dense_1/", ".mlp_tokens.fc2/"),
            new Rename(@"\.channel_mixing/Dense_0/", ".mlp_channels.fc1/"),
            new Rename(@"\.channel_mixing/Dense_1/", ".mlp_channels.fc2/"),
            new Rename(@"^pre_head_layer_norm/", "norm/"),
            new Rename(@"^stem/kernel$", "stem.proj.weight", Layout.Hwio),
            new Rename(@"^stem/", "stem.proj/"),
            .. Endings,
        ],
        Gelu);

    /// <summary>NesT of nested-transformer: blocks count through all levels.</summary>
    public static readonly RenameTable Nest = new(
        "NesT of nested-transformer",
        names => Has(names, "PatchEmbedding_0/Conv_0/kernel"),
        [
            new Rename(@"^PatchEmbedding_0/Conv_0/kernel$", "patch_embed.proj.weight", Layout.Hwio),
            new Rename(@"^PatchEmbedding_0/Conv_0/", "patch_embed.proj/"),
            new Rename(@"^PositionEmbedding_(\d+)/pos_embedding$", "levels.$1.pos_embed"),
            new Rename(@"^ConvPool_(\d+)/", "levels.{1+1}.pool."),
            new Rename(@"\.pool\.Conv_0/kernel$", ".pool.conv.weight", Layout.Hwio),
            new Rename(@"\.pool\.Conv_0/", ".pool.conv/"),
            new Rename(@"\.pool\.LayerNorm_0/", ".pool.norm/"),
            new Counted(@"^EncoderNDBlock_(\d+)/", @"^levels\.\d+\.transformer_encoder\.\d+\."),
            new Rename(@"\.LayerNorm_0/", ".norm1/"),
            new Rename(@"\.LayerNorm_1/", ".norm2/"),
            new Rename(@"\.MlpBlock_0/Dense_0/", ".mlp.fc1/"),
            new Rename(@"\.MlpBlock_0/Dense_1/", ".mlp.fc2/"),
            new Rename(@"\.MultiHeadAttention_0/", ".attn/"),
            new Rename(@"/proj_kernel$", ".proj.weight", Layout.Reversed),
            new Rename(@"\.attn/bias$", ".attn.proj.bias"),
            new Rename(@"\.attn/DenseGeneral_0/", ".attn/query/"),
            new Split(@"\.attn/DenseGeneral_1/", ".attn/{part}/", "key", "value"),
            new Rename(@"\.attn/(query|key|value)/kernel$", ".attn/$1/weight", Layout.IntoHeads),
            new Rename(@"\.attn/(query|key|value)/bias$", ".attn/$1/bias", Layout.Flat),
            new Join(@"\.attn/(?<part>query|key|value)/(weight|bias)$", ".attn.qkv.$1", "query", "key", "value"),
            new Rename(@"^LayerNorm_0/", "norm/"),
            new Rename(@"^Dense_0/", "head/"),
            .. Endings,
        ],
        Gelu);

    /// <summary>BiT of big_transfer: ResNet v2 with standardized weights.</summary>
    public static readonly RenameTable Bit = new(
        "BiT of big_transfer",
        names => Has(names, "resnet/root_block/standardized_conv2d/kernel") || Has(names, "resnet/head/conv2d/kernel"),
        [
            new Rename(@"/standardized_conv2d(_\d+)?/", "/conv/"),
            new Rename(@"^resnet/root_block/conv/kernel$", "stem.conv.weight", Layout.Hwio),
            new Rename(@"^resnet/head/conv2d/kernel$", "head.fc.weight", Layout.Hwio),
            new Rename(@"^resnet/head/conv2d/", "head.fc/"),
            new Rename(@"^resnet/group_norm/", "norm/"),
            new Rename(@"^resnet/block(\d)/unit(\d+)/", "stages.{1-1}.blocks.{2-1}."),
            new Rename(@"\.a/proj/conv/kernel$", ".downsample.conv.weight", Layout.Hwio),
            new Rename(@"\.a/", ".1/"),
            new Rename(@"\.b/", ".2/"),
            new Rename(@"\.c/", ".3/"),
            new Rename(@"\.([123])/conv/kernel$", ".conv$1.weight", Layout.Hwio),
            new Rename(@"\.([123])/group_norm/", ".norm$1/"),
            .. Endings,
        ],
        new LoadNote("", "Weights of big_vision were trained with a first pool that pads with minus infinity; timm, "
            + "like big_transfer, pads with zeros."));

    /// <summary>timm resizes the positions of these files linearly (_load_weights of vision_transformer.py).</summary>
    static RenameTable Transformer(string origin, Func<ICollection<string>, bool> recognises, Row[] rows) =>
        new(origin, recognises, rows, Gelu) { Filter = GridFilter.Bilinear };

    static bool Has(ICollection<string> names, string name) => names.Any(n =>
        n.EndsWith(name, StringComparison.Ordinal) && (n.Length == name.Length || n[^(name.Length + 1)] == '/'));
}
