namespace OnnxTimm.Conversion;

/// <summary>DenseNets in foreign names.</summary>
static class DenseNet
{
    /// <summary>torchvision, whose published files have a dot before the numbers of a layer's parts.</summary>
    public static readonly RenameTable Torchvision = new(
        "DenseNet of torchvision",
        names => names.Any(name => name.EndsWith("denseblock1.denselayer1.norm.1.weight", StringComparison.Ordinal)),
        [
            new Rename(@"(denselayer\d+\.(?:norm|conv))\.([12]\.)", "$1$2"),
        ]);
}
