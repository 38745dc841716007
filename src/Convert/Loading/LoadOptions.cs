namespace OnnxTimm.Conversion;

/// <summary>How weights may differ from the model that they are loaded into.</summary>
public sealed record LoadOptions
{
    /// <summary>Prefixes of the first convolutions, such as "conv1" (first_conv of a pretrained record).</summary>
    public IReadOnlyList<string> FirstConv { get; init; } = [];

    /// <summary>Prefixes of the classifiers, such as "fc" (classifier of a pretrained record).</summary>
    public IReadOnlyList<string> Classifier { get; init; } = [];

    /// <summary>Input channels of the model: first convolutions are adapted where it is not 3.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Classes of the model.</summary>
    public int Classes { get; init; }

    /// <summary>
    /// A classifier of another number of classes is left out, so that the model's keeps its initial values; without
    /// this it is an error.
    /// </summary>
    public bool AdaptsClassifier { get; init; }

    /// <summary>Leading classes of the file that the model does not have (a background class).</summary>
    public int LabelOffset { get; init; }

    /// <summary>The model's embeddings of positions, to be fitted to its grids.</summary>
    public IReadOnlyList<PositionEmbedding> Positions { get; init; } = [];

    /// <summary>Names, with * as a wildcard, that may be absent on either side.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];
}

/// <summary>What loading gave.</summary>
/// <param name="Tensors">Content by the model's names; names in <paramref name="Missing"/> are absent.</param>
/// <param name="Missing">In the model, not in the file; sorted.</param>
/// <param name="Unexpected">In the file, not in the model; sorted.</param>
public sealed record LoadResult(
    IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected);
