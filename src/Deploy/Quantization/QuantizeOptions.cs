namespace OnnxTimm.Deploy;

/// <summary>How a network is to be quantized.</summary>
public sealed record QuantizeOptions
{
    /// <summary>The recipe; null for the one that fits the network.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>From what was measured to ranges.</summary>
    public RangeMethod Method { get; init; } = RangeMethod.Named(RangeMethod.Default);

    /// <summary>Names of nodes or of weights that stay in float, with * as a wildcard.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether means and variances of batch norms are measured again first, on the images.</summary>
    public bool UpdatesNorms { get; init; }

    /// <summary>Whether channels are given like ranges first.</summary>
    public bool Equalizes { get; init; }
}
