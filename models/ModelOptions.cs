using System.Globalization;

namespace OnnxTimm.Models;

/// <summary>What every model can be asked for, under timm's names; null is the model's own default.</summary>
public sealed record ModelOptions
{
    /// <summary>Classes of the head; 0 gives pooled features instead of logits.</summary>
    public int? NumClasses { get; init; }

    /// <summary>Channels of the image.</summary>
    public int? InChans { get; init; }

    /// <summary>Height and width of the image.</summary>
    public (int Height, int Width)? ImgSize { get; init; }

    /// <summary>
    /// The most patches that an image is cut into, for NaFlex's form: patches of images of any shape,
    /// <c>patches</c>, <c>patch_coord</c> and <c>patch_valid</c>, in place of <c>input</c>. The graph takes any number.
    /// </summary>
    public int? MaxSeqLen { get; init; }

    /// <summary>Patches of each image, fixed in the graph; any number by default.</summary>
    public int? SeqLen { get; init; }

    /// <summary>
    /// Pixels of a patch's side, where it is not the network's own: the embedding is resampled, as timm does with
    /// enable_patch_interpolator.
    /// </summary>
    public int? PatchSize { get; init; }

    /// <summary>Images of one call, fixed in the graph; any number by default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// How a map becomes a vector: avg, max, avgmax, catavgmax, "" for not at all; of tokens also token, map.
    /// </summary>
    public string? GlobalPool { get; init; }

    /// <summary>Gives the maps of several stages instead of logits.</summary>
    public bool FeaturesOnly { get; init; }

    /// <summary>Which maps; all of a pyramid by default.</summary>
    public IReadOnlyList<int>? OutIndices { get; init; }

    /// <summary>Gives maps of stages, those of <see cref="OutIndices"/>, beside logits or features.</summary>
    public bool WithFeatures { get; init; }

    /// <summary>
    /// What the last map divides the image by: a stage that would divide it further dilates instead. 8, 16 or 32.
    /// </summary>
    public int? OutputStride { get; init; }

    /// <summary>Dropout before the classifier.</summary>
    public double DropRate { get; init; }

    /// <summary>
    /// Stochastic depth of the last block; earlier ones have less. Null is what timm trains the network with.
    /// </summary>
    public double? DropPathRate { get; init; } = 0;

    /// <summary>Share of the maps that the last two stages of ResNets and their kin drop in squares.</summary>
    public double DropBlockRate { get; init; }

    /// <summary>Dropout of attention weights.</summary>
    public double AttnDropRate { get; init; }

    /// <summary>Dropout after each projection of a transformer.</summary>
    public double ProjDropRate { get; init; }

    /// <summary>Dropout of tokens after the position embedding.</summary>
    public double PosDropRate { get; init; }

    /// <summary>Epsilon of all batch norms.</summary>
    public double? BnEps { get; init; }

    /// <summary>Momentum of all batch norms, in PyTorch's convention.</summary>
    public double? BnMomentum { get; init; }

    /// <summary>Version of ONNX's operators that the graph is written in.</summary>
    public int Opset { get; init; } = 18;

    /// <summary>Seed of the initial weights.</summary>
    public ulong Seed { get; init; } = 42;

    /// <exception cref="UserException">A number is outside its range.</exception>
    internal void Check()
    {
        (string Name, int? Value, int Least)[] counts =
        [
            ("num_classes", NumClasses, 0), ("max_seq_len", MaxSeqLen, 1), ("in_chans", InChans, 1),
            ("seq_len", SeqLen, 1), ("patch_size", PatchSize, 1), ("img_size", ImgSize?.Height, 1),
            ("img_size", ImgSize?.Width, 1), ("batch_size", BatchSize, 1),
        ];
        foreach (var (name, value, least) in counts.Where(count => count.Value < count.Least))
            throw new UserException($"{name} must be at least {least}, not {value}.");
        if (MaxSeqLen is not null && (FeaturesOnly || WithFeatures || ImgSize is not null || BatchSize > 1))
            throw new UserException("A network that takes patches has no size of image and no maps of features, and "
                + "takes any number of images.");
        if (MaxSeqLen is null && (SeqLen ?? PatchSize) is not null)
            throw new UserException("A network that takes images has neither a number nor a size of patches.");
        if (OutputStride is { } stride and not (8 or 16 or 32))
            throw new UserException($"output_stride must be 8, 16 or 32, not {stride}.");
        (string Name, double? Value)[] rates =
        [
            ("drop_rate", DropRate), ("drop_path_rate", DropPathRate), ("drop_block_rate", DropBlockRate),
            ("attn_drop_rate", AttnDropRate), ("proj_drop_rate", ProjDropRate), ("pos_drop_rate", PosDropRate),
        ];
        foreach (var (name, value) in rates.Where(rate => rate.Value is not (null or (>= 0 and < 1))))
            throw new UserException(string.Create(CultureInfo.InvariantCulture,
                $"{name} must be from 0 up to, but not with, 1, not {value}."));
    }
}
