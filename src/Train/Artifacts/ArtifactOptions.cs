namespace OnnxTimm.Train.Artifacts;

/// <summary>What is asked of a set of artifacts; without more it trains as timm would.</summary>
public sealed record ArtifactOptions
{
    /// <summary>One of <see cref="ArtifactLoss.Names"/>.</summary>
    public ArtifactLoss Loss { get; init; } = ArtifactLoss.Parse("ce");

    /// <summary>AdamW; null for plain SGD, the only other one that the runtime has.</summary>
    public AdamWSettings? AdamW { get; init; } = new();

    /// <summary>Running variances as the library has them, instead of PyTorch's.</summary>
    public bool BiasedVariance { get; init; }

    /// <summary>
    /// Wildcards of weights that stay as they are. A batch norm whose running statistics are among them uses them.
    /// </summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>Prefixes of the only layers that are trained; none for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The most that the norm of all gradients may be.</summary>
    public double? ClipGrad { get; init; }

    /// <summary>Gives the logits beside the loss.</summary>
    public bool OutputLogits { get; init; }

    /// <summary>Writes a checkpoint of names alone.</summary>
    public bool Nominal { get; init; }

    /// <summary>Metadata of training and eval model.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// AdamW as the runtime has it, with PyTorch's defaults but for the decay, which would meet norms and biases too.
/// </summary>
/// <param name="Betas">Decay of the moments.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">For every parameter: the runtime has one group.</param>
/// <param name="Mode">0 is PyTorch's order of decay and update, 1 Hugging Face's.</param>
public sealed record AdamWSettings(
    (double First, double Second) Betas, double Epsilon = 1e-8, double WeightDecay = 0, int Mode = 0)
{
    /// <summary>PyTorch's defaults but for the decay, which is 0.</summary>
    public AdamWSettings() : this((0.9, 0.999))
    {
    }
}
