using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>
/// Networks of GluonCV that timm adopted, in the ways in which MXNet names tensors. Weights have timm's layouts; only
/// names differ, and in most networks the order says which is which.
/// </summary>
static partial class Gluon
{
    static readonly LoadNote SeNet = new("^senet154$",
        "GluonCV pools the stem of SENet-154 without padding, rounding sizes up, timm with a padding of 1: outputs "
            + "differ.");

    /// <summary>ResNet v1b to v1s, ResNeSt and HRNet: attributes of blocks, named as in timm or nearly so.</summary>
    public static readonly RenameTable Attributes = new(
        "Gluon, attributes",
        names => names.Contains("bn1.gamma") && (names.Contains("conv1.weight") || names.Contains("conv1.0.weight")),
        [
            new Rename(@"\.gamma$", ".weight"),
            new Rename(@"\.beta$", ".bias"),
            // ResNeSt's split attention
            new Rename(@"\.conv2\.bn\.", ".conv2.bn0."),
            // HRNet
            new Rename(@"^incre_blocks\.", "incre_modules."),
            new Rename(@"^downsamp_blocks\.", "downsamp_modules."),
            new Rename(@"\.body\.0\.", ".conv1."),
            new Rename(@"\.body\.1\.", ".bn1."),
            new Rename(@"\.body\.3\.", ".conv2."),
            new Rename(@"\.body\.4\.", ".bn2."),
            new Rename(@"\.body\.6\.", ".conv3."),
            new Rename(@"\.body\.7\.", ".bn3."),
            // from a higher resolution to a lower one: convolution, norm, ReLU, as often as it halves
            new Rename(@"\.fuse_layers\.(1\.0|2\.[01]|3\.[012])\.([01])\.(\w+)$", ".fuse_layers.$1.0.$2.$3"),
            new Rename(@"\.fuse_layers\.(2\.0|3\.[01])\.([34])\.(\w+)$", ".fuse_layers.$1.1.{2-3}.$3"),
            new Rename(@"\.fuse_layers\.(3\.0)\.([67])\.(\w+)$", ".fuse_layers.$1.2.{2-6}.$3"),
        ]);

    /// <summary>ResNeXt, SENet, DenseNet, MobileNet, Inception: numbers of a sequence.</summary>
    public static readonly RenameTable Sequence = new(
        "Gluon, sequence",
        names => names.Contains("output.weight")
            && (names.Contains("features.0.weight") || names.Contains("features.0.0.weight")),
        [
            // the order of a residual block
            new Rename(@"^(features\..*)\.body\.", "$1.0."),
            new Rename(@"^(features\..*)\.se\.", "$1.1."),
            new Rename(@"^(features\..*)\.downsample\.", "$1.2."),
            new InOrder(),
        ],
        SeNet);

    /// <summary>Names that count the layers of each scope, with or without the network's own prefix.</summary>
    public static readonly RenameTable Counters = new(
        "Gluon, counted layers",
        names => names.Count > 0 && names.All(Counter().IsMatch),
        [
            new InOrder(@"(?:^|_)down(\d+)_", @"^layer$1\.0\.downsample\."),
            new InOrder(@"(?:^|_)stage(\d+)_", @"^features\.denseblock$1\."),
            new InOrder(),
        ],
        SeNet);

    /// <summary>A list of arrays without names.</summary>
    public static readonly RenameTable List = new(
        "MXNet, list",
        names => names.Count > 0 && names.Select((name, i) => name == $"{i}").All(equal => equal),
        [new ByPosition()],
        SeNet);

    [GeneratedRegex(@"^(\w+_)?(conv|batchnorm|dense)\d+_(weight|bias|gamma|beta|running_mean|running_var)$")]
    private static partial Regex Counter();
}
