namespace OnnxTimm.Conversion;

/// <summary>EVA-02, its CLIP models and its pretraining with masks, of baaivision/EVA.</summary>
static class Eva
{
    /// <summary>Layers of a gated MLP, two of them in one where they are packed.</summary>
    public static readonly Row[] Mlp =
    [
        new Rename(@"\.mlp\.w12\.", ".mlp.fc1."),
        new Rename(@"\.mlp\.w1\.", ".mlp.fc1_g."),
        new Rename(@"\.mlp\.w2\.", ".mlp.fc1_x."),
        new Rename(@"\.mlp\.w3\.", ".mlp.fc2."),
    ];

    /// <summary>EVA-02, and EVA where it was pretrained with masks.</summary>
    public static readonly RenameTable Eva02 = new(
        "EVA of its authors",
        names => names.Contains("blocks.0.norm1.weight") && names.Any(name =>
            name is "lm_head.weight" or "rope.freqs_cos"
            || name.EndsWith(".inner_attn_ln.weight", StringComparison.Ordinal)
            || name.EndsWith(".mlp.ffn_ln.weight", StringComparison.Ordinal)),
        [
            new Skip(@"^(mask_token$|lm_head\.)", "of training with masks"),
            new Skip(@"(^|\.)rope\.freqs_(cos|sin)$", "fixed, and computed"),
            new IfUnknown(new Rename(@"^norm\.", "fc_norm.")),
            new Rename(@"\.mlp\.ffn_ln\.", ".mlp.norm."),
            new Rename(@"\.attn\.inner_attn_ln\.", ".attn.norm."),
            .. Mlp,
            new IfUnknown(new Rename(@"\.attn\.([qv])_bias$", ".attn.$1_proj.bias")),
        ]);
}
