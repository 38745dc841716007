namespace OnnxTimm.Train.Artifacts;

/// <summary>Which weights of a network are trained, by the options; the rest is frozen.</summary>
sealed class WeightSelection
{
    readonly ArtifactOptions options;
    readonly Wildcard[] frozen;

    /// <exception cref="UserException">A wildcard fits no weight, or nothing is left to be trained.</exception>
    public WeightSelection(Graph model, ArtifactOptions options)
    {
        this.options = options;
        frozen = [.. options.Frozen.Select(pattern => new Wildcard(pattern))];
        // A network of timm's has the order of its state-dict, a file its own.
        Weights = model.IsForeign ? [.. model.Stored.Where(v => v.IsWeight)] : [.. model.Weights];
        foreach (var wildcard in frozen)
            if (!Weights.Any(w => wildcard.Fits(w.Name)))
                throw new UserException($"No weight of {model.Name} fits \"{wildcard.Pattern}\"."
                    + Nearest.Hint(wildcard.Pattern, Weights.Select(w => w.Name)));
        if (Weights.Count == 0)
            throw new UserException($"{model.Name} has nothing to train: no array of float32 moves its logits.");
        if (!Weights.Any(Trains))
            throw new UserException($"Nothing of {model.Name} is left to be trained: all {Weights.Count} weights are "
                + "frozen.");
        if (Weights.FirstOrDefault(w => w.Type != DType.Float32) is { } other)
            throw new UserException($"ONNX Runtime Training trains float32 only: {other}.");
    }

    /// <summary>Parameters and statistics in the order of the training model's inputs.</summary>
    public IReadOnlyList<Value> Weights { get; }

    public bool Trains(Value weight) => weight.Role == Role.Param && !IsFrozen(weight.Name);

    public BatchNormMode Mode(Node norm) => IsFrozen(norm[3].Name) || IsFrozen(norm[4].Name) ? BatchNormMode.Frozen
        : options.BiasedVariance ? BatchNormMode.InPlace
        : BatchNormMode.Unbiased;

    bool IsFrozen(string name) => frozen.Any(wildcard => wildcard.Fits(name))
        || (options.Only.Count > 0 && !options.Only.Any(prefix => name.StartsWith($"{prefix}.",
            StringComparison.Ordinal)));
}
