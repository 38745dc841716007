using System.Collections.Frozen;

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

    /// <summary>How the model's parameters that follow the image are fitted, by their names.</summary>
    public IReadOnlyDictionary<string, Fit> Fits { get; init; } = FrozenDictionary<string, Fit>.Empty;

    /// <summary>Names of the model, or wildcards, that the file may lack.</summary>
    public IReadOnlyList<string> AllowMissing { get; init; } = [];

    /// <summary>Names of the file, or wildcards, that the model may lack.</summary>
    public IReadOnlyList<string> AllowUnexpected { get; init; } = [];
}

/// <summary>What loading gave.</summary>
/// <param name="Entries">The model's tensors by its names, in its order; those in <paramref name="Missing"/> are
/// absent.</param>
/// <param name="Missing">
/// In the model, not in the file, or there for other classes or channels and left out; sorted.
/// </param>
/// <param name="Unexpected">In the file, not in the model; sorted.</param>
/// <param name="Renamed">How the file's names became the model's.</param>
public sealed record LoadResult(
    IReadOnlyList<Entry> Entries, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, Renamed Renamed)
{
    /// <summary>A file as it is, without a model.</summary>
    public static LoadResult Of(StateDict file)
    {
        Entry[] entries = [.. file.Select(tensor => new Entry(tensor.Key, tensor.Value))];
        return new(entries, [], [], new(RenameTable.None, entries, []));
    }

    /// <summary>Content by the model's names.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; } =
        Entries.ToDictionary(entry => entry.Name, entry => entry.Tensor);
}
