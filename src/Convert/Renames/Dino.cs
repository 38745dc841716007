namespace OnnxTimm.Conversion;

/// <summary>Meta's DINOv2 and DINOv3, and networks that others trained with their code.</summary>
static class Dino
{
    const string Masks = "of training with masks";

    static readonly Row[] V2Rows =
    [
        new Skip("^mask_token$", Masks),
        new Rename(@"\.mlp\.w12\.", ".mlp.fc1."),
        new Rename(@"\.mlp\.w3\.", ".mlp.fc2."),
    ];

    /// <summary>DINOv2.</summary>
    public static readonly RenameTable V2 = new(
        "DINOv2",
        names => IsV2(names) && !names.Contains("register_tokens"),
        V2Rows);

    /// <summary>DINOv2 with registers, and TIPSv2: there timm's positions are of the grid alone.</summary>
    public static readonly RenameTable V2Registers = new(
        "DINOv2 with registers",
        names => IsV2(names) && names.Contains("register_tokens"),
        [
            .. V2Rows,
            new IntoTokens("pos_embed", "cls_token"),
            new Rename("^register_tokens$", "reg_token"),
        ]);

    /// <summary>
    /// DINOv3, and EUPE, which has further heads. Its keys have no bias, and where the values' and queries' are all
    /// zeros, timm's network may have none either.
    /// </summary>
    public static readonly RenameTable V3 = new(
        "DINOv3",
        names => names.Contains("storage_tokens"),
        [
            new Skip(@"^mask_token$", Masks),
            new Skip(@"^(projectors|local_cls_norm)\.", "of a distillation"),
            new Skip(@"^rope_embed\.|\.bias_mask$", "fixed, and computed"),
            new Split(@"\.attn\.qkv\.bias$", ".attn.{part}_bias", "q", "k", "v"),
            new Skip(@"\.attn\.k_bias$", "a bias of keys, which is masked"),
            new IfUnknown(new Skip(@"\.attn\.[qv]_bias$", "zeros in these checkpoints")),
            new Rename("^storage_tokens$", "reg_token"),
            new Rename(@"\.ls(\d)\.gamma$", ".gamma_$1"),
            .. Eva.Mlp,
        ]);

    static bool IsV2(ICollection<string> names) => names.Contains("mask_token")
        && names.Contains("blocks.0.ls1.gamma") && !names.Contains("storage_tokens");
}
