namespace OnnxTimm.Train;

/// <summary>Which weights of a network are trained; the rest is frozen.</summary>
public sealed class WeightSelection
{
    readonly Wildcard[] frozen;
    readonly IReadOnlyList<string> only;
    readonly HashSet<string>? among;

    /// <param name="model">The network.</param>
    /// <param name="frozen">
    /// Wildcards of weights that stay as they are. A batch norm whose running statistics are among them uses them.
    /// </param>
    /// <param name="only">Names, or prefixes, of the only layers that are trained; none for all.</param>
    /// <exception cref="UserException">A wildcard fits no weight, or nothing is left to be trained.</exception>
    public WeightSelection(Graph model, IEnumerable<string>? frozen = null, IReadOnlyList<string>? only = null)
        : this([.. (frozen ?? []).Select(pattern => new Wildcard(pattern))], only ?? [], null,
            // A network of timm's has the order of its state-dict, a file its own.
            model.IsForeign ? [.. model.Stored.Where(v => v.IsWeight)] : [.. model.Weights])
    {
        foreach (var wildcard in this.frozen)
            if (!Weights.Any(w => wildcard.Fits(w.Name)))
                throw new UserException($"No weight of {model.Name} fits \"{wildcard.Pattern}\"."
                    + Nearest.Hint(wildcard.Pattern, Weights.Select(w => w.Name)));
        if (Weights.Count == 0)
            throw new UserException($"{model.Name} has nothing to train: no array of float32 moves its logits.");
        if (!Weights.Any(Trains))
            throw new UserException($"Nothing of {model.Name} is left to be trained: all {Weights.Count} weights are "
                + "frozen.");
    }

    WeightSelection(Wildcard[] frozen, IReadOnlyList<string> only, HashSet<string>? among, IReadOnlyList<Value> weights)
        => (this.frozen, this.only, this.among, Weights) = (frozen, only, among, weights);

    /// <summary>
    /// Parameters and statistics, in the order of the state-dict, or of the file where it is none of timm's.
    /// </summary>
    public IReadOnlyList<Value> Weights { get; }

    /// <summary>The same, but of the parameters only these; batch norms are as they were.</summary>
    public WeightSelection Among(IEnumerable<string> names) => new(frozen, only, [.. names], Weights);

    /// <summary>Whether a weight is a parameter that learns.</summary>
    public bool Trains(Value weight) => weight.Role == Role.Param && !IsFrozen(weight.Name)
        && among?.Contains(weight.Name) != false;

    /// <summary>Whether a batch norm takes the statistics of the batch, or those that it has.</summary>
    /// <param name="mean">Its running mean.</param>
    /// <param name="variance">Its running variance.</param>
    /// <param name="trained">What it does where they move.</param>
    public BatchNormMode Mode(Value mean, Value variance, BatchNormMode trained = BatchNormMode.Unbiased) =>
        IsFrozen(mean.Name) || IsFrozen(variance.Name) ? BatchNormMode.Frozen : trained;

    bool IsFrozen(string name) => frozen.Any(wildcard => wildcard.Fits(name))
        || (only.Count > 0 && !only.Any(layer => name == layer
            || name.StartsWith($"{layer}.", StringComparison.Ordinal)));
}
