namespace OnnxTimm.Conversion;

/// <summary>
/// What a checkpoint of ONNX Runtime's on-device training (1.19.2) holds. Disposing it releases the mapped file below.
/// </summary>
/// <param name="Trainable">Parameters that get gradients, by the names of the training model's inputs.</param>
/// <param name="Frozen">Other weights: frozen parameters and running statistics.</param>
public sealed record OrtCheckpoint(
    IReadOnlyList<KeyValuePair<string, Tensor>> Trainable, IReadOnlyList<KeyValuePair<string, Tensor>> Frozen)
        : IDisposable
{
    /// <summary>True for names without content, which the runtime fills from a flat buffer.</summary>
    public bool IsNominal { get; init; }

    /// <summary>The optimizer's state; null where it was not saved.</summary>
    public OrtOptimizerState? Optimizer { get; init; }

    /// <summary>Facts beside the weights: long, float or string by name.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>();

    internal IDisposable? Owner { get; init; }

    /// <summary>Trainable and frozen tensors.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => Trainable.Concat(Frozen);

    /// <summary>Reads a file and what lies beside it; tensors stay mapped until it is disposed.</summary>
    /// <exception cref="UserException">The file is absent, damaged, or of another version than 2.</exception>
    public static OrtCheckpoint Read(string path) => MappedFile.Read(path, OrtCheckpointReader.Read);

    /// <summary>Unmaps the file: its tensors cannot be read any more.</summary>
    public void Dispose() => Owner?.Dispose();
}

/// <summary>The state of the runtime's one parameter group.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="InitialRate">Learning rate that a schedule begins with.</param>
/// <param name="Moments">For each trainable parameter the mean of its gradients and, with AdamW, of their
/// squares.</param>
public sealed record OrtOptimizerState(
    long Step, float InitialRate, IReadOnlyList<KeyValuePair<string, IReadOnlyList<Tensor>>> Moments)
{
    /// <summary>The name that the runtime gives to the group.</summary>
    public const string Group = "group0";

    /// <summary>
    /// What is wrong: each trainable parameter has the same number of moments, in its own shape; null where it is so.
    /// </summary>
    internal string? Misfit(IReadOnlyList<KeyValuePair<string, Tensor>> trainable, bool isNominal)
    {
        var parameters = trainable.ToDictionary();
        var counted = new HashSet<string>();
        foreach (var (name, own) in Moments)
        {
            if (!parameters.TryGetValue(name, out var parameter) || !counted.Add(name))
                return $"\"{name}\" is no trainable parameter, or has its moments twice";
            if (!isNominal && own.Any(m => !m.Shape.AsSpan().SequenceEqual(parameter.Shape)))
                return $"the moments of \"{name}\" are not {parameter}";
        }
        return counted.Count == parameters.Count && Moments.Select(m => m.Value.Count).Distinct().Count() <= 1 ? null
            : $"moments of {counted.Count} parameters, of one number for all {parameters.Count} are needed";
    }
}
