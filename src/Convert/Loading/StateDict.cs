namespace OnnxTimm.Conversion;

/// <summary>
/// Tensors by name, in the file's order. Disposing it releases the mapped file below; its tensors cannot be read any
/// more.
/// </summary>
/// <param name="source">Path of the file, for messages.</param>
/// <param name="owner">What to release with it; null where the tensors lie in memory.</param>
public sealed class StateDict(string source, IDisposable? owner = null)
    : OrderedDictionary<string, Tensor>(StringComparer.Ordinal), IDisposable
{
    /// <summary>Where the tensors come from.</summary>
    public string Source { get; } = source;

    /// <summary>What kind of file it was.</summary>
    public CheckpointFormat Format { get; init; }

    /// <summary>
    /// Plain facts stored beside the tensors: <c>__metadata__</c> of safetensors, top-level numbers and texts of
    /// PyTorch.
    /// </summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Unmaps the file: its tensors cannot be read any more.</summary>
    public void Dispose() => owner?.Dispose();
}
