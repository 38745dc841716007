namespace OnnxTimm.Train;

/// <summary>What is trained: a network that gives <c>logits</c>, and what its family says of its parameters.</summary>
/// <param name="Architecture">timm's name.</param>
/// <param name="Graph">The network, with its initial weights.</param>
public sealed record Trainee(string Architecture, Graph Graph)
{
    /// <summary>Wildcards of parameters without weight decay.</summary>
    public IReadOnlyList<string> NoWeightDecay { get; init; } = [];

    /// <summary>Pattern of the parameters of the first layer, for layer-wise rates.</summary>
    public string Stem { get; init; } = "$^";

    /// <summary>Patterns of the layers between, each with groups that capture numbers, or with a fixed number.</summary>
    public IReadOnlyList<(string Pattern, int[]? Ordinal)> Blocks { get; init; } = [];
}
