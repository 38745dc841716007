using CommandLine;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Patches of images of any shape.</summary>
public partial class TrainOptions
{
    /// <summary>What timm cuts images into by turns.</summary>
    static readonly int[] DefaultSeqLens = [128, 256, 576, 784, 1024];

    [Option("naflex-loader", HelpText = "Trains on patches of images of any shape, for networks that take them: "
        + "naflexvit's.")]
    public bool NaflexLoader { get; set; }

    [Option("naflex-train-seq-lens", MetaValue = "N",
        HelpText = "The most patches of an image, by turns, a batch all the same: batches have as many patches as "
        + "--batch-size images of the largest. Default: 128 256 576 784 1024.")]
    public IEnumerable<int> NaflexTrainSeqLens { get; set; } = [.. DefaultSeqLens];

    [Option("naflex-max-seq-len", MetaValue = "N",
        HelpText = "The most patches of an image that is validated on. Default: 576.")]
    public int NaflexMaxSeqLen { get; set; } = PatchConfig.DefaultMaxSeqLen;

    [Option("naflex-patch-sizes", MetaValue = "N",
        HelpText = "Pixels of a patch's side, by turns, a batch all the same: the embedding is resampled. Validation "
        + "has the network's own, and so has training by default.")]
    public IEnumerable<int> NaflexPatchSizes { get; set; } = [];

    [Option("naflex-patch-size-probs", MetaValue = "X",
        HelpText = "How often batches have each of --naflex-patch-sizes, relative to the others; equally by default.")]
    public IEnumerable<double> NaflexPatchSizeProbs { get; set; } = [];

    [Option("naflex-loss-scale", MetaValue = "NAME",
        HelpText = "How gradients of a batch count by its images over --batch-size: none, sqrt, linear. "
        + "Default: linear.")]
    public string NaflexLossScale { get; set; } = "linear";

    /// <summary>Options of the loader of patches that say something.</summary>
    internal IEnumerable<string> GivenOfNaflex() => new (string Flag, bool IsGiven)[]
    {
        ("train-seq-lens", !NaflexTrainSeqLens.SequenceEqual(DefaultSeqLens)),
        ("max-seq-len", NaflexMaxSeqLen != PatchConfig.DefaultMaxSeqLen),
        ("patch-sizes", NaflexPatchSizes.Any()),
        ("patch-size-probs", NaflexPatchSizeProbs.Any()),
    }.Where(option => option.IsGiven).Select(option => $"--naflex-{option.Flag}");
}
