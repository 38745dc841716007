namespace OnnxTimm.Conversion;

/// <summary>
/// Networks within larger ones: files of models of images and texts, of segmentation, of language models that see. The
/// image encoder stands behind a word, in names of timm or of another code base.
/// </summary>
static class Towers
{
    const string Others = "of the network around the image encoder";

    /// <summary>OpenCLIP around a network of timm: its last layer may stand outside.</summary>
    static readonly RenameTable OpenClip = new(
        "OpenCLIP with a network of timm",
        names => names.Any(name => name.StartsWith("visual.trunk.", StringComparison.Ordinal)),
        [
            new Rename(@"^visual\.head\.mlp\.fc1\.", "visual.trunk.head.pre_logits.fc."),
            new Rename(@"^visual\.head\.(?:mlp\.fc2|proj)\.", "visual.trunk.head.fc."),
            new Keep("visual.trunk.", Others),
            new Zeros(@"^head\.fc\.weight$", "head.fc.bias"),
            new IfUnknown(new Rename(@"^head\.fc\.(weight|bias)$", "head.$1")),
            new IfUnknown(new Skip(@"^head\.(weight|bias)$", "of the projection into the space of texts")),
        ]);

    /// <summary>The longest words first.</summary>
    static readonly RenameTable[] All =
    [
        OpenClip,
        .. new[]
        {
            "visual.", "image_encoder.model.", "image_encoder.trunk.", "image_encoder.", "vision_encoder.",
            "model.vision_tower.timm_model.", "model.vision_tower.", "model.vision_model.", "vision_tower.",
            "vision_model.",
        }.Select(Behind),
    ];

    /// <summary>How the image encoder is taken out of a file with these names; null where there is nothing around it.
    /// </summary>
    public static RenameTable? Find(ICollection<string> names) => All.FirstOrDefault(tower => tower.Recognises(names));

    static RenameTable Behind(string word) => new(
        $"an image encoder behind \"{word}\"",
        names => names.Any(name => name.StartsWith(word, StringComparison.Ordinal)),
        [new Keep(word, Others)]);
}
