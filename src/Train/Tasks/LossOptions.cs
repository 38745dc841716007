namespace OnnxTimm.Train;

/// <summary>
/// What a loss is made of, under the names and with the defaults of timm's create_classification_loss.
/// </summary>
public sealed record LossOptions
{
    /// <summary>A row of <see cref="LossTypes"/>; empty for bce of several labels, else ce.</summary>
    public string Type { get; init; } = "";

    /// <summary>Whether an image may have several labels.</summary>
    public bool MultiLabel { get; init; }

    /// <summary>Whether targets come from mixing, which has smoothed them already.</summary>
    public bool SoftTargets { get; init; }

    /// <summary>Share of a label that is spread over all classes.</summary>
    public double Smoothing { get; init; }

    /// <summary>Sums the binary cross entropy over the classes instead of the mean.</summary>
    public bool BceSum { get; init; }

    /// <summary>Targets above it count as 1, others as 0; null leaves them soft.</summary>
    public double? BceTargetThresh { get; init; }

    /// <summary>Weights of classes and of their positive parts.</summary>
    public LossWeights Weights { get; init; } = LossWeights.None;

    /// <summary>Exponent that lowers easy negatives (asymmetric loss, arXiv:2009.14119).</summary>
    public double AslGammaNeg { get; init; } = 4;

    /// <summary>Exponent that lowers easy positives.</summary>
    public double AslGammaPos { get; init; } = 1;

    /// <summary>What is added to the probability of a negative, up to 1; null for nothing.</summary>
    public double? AslClip { get; init; } = 0.05;

    /// <summary>batchmean, sum or mean.</summary>
    public string AslReduction { get; init; } = "batchmean";

    /// <summary>Factor of the first term of the polynomial (PolyLoss, arXiv:2204.12511).</summary>
    public double PolyEpsilon { get; init; } = 2;

    /// <summary>Exponent of the focal factor, of several labels.</summary>
    public double PolyGamma { get; init; }

    /// <summary>Weight of positives, of several labels; null for none.</summary>
    public double? PolyAlpha { get; init; }

    /// <summary>Temperature of positives (two-way loss, timm/loss).</summary>
    public double TwowayTp { get; init; } = 4;

    /// <summary>Temperature of negatives.</summary>
    public double TwowayTn { get; init; } = 1;

    /// <summary>Scale of the logits of negatives (distribution-balanced loss, arXiv:2007.09654).</summary>
    public double DbNegScale { get; init; } = 2;

    /// <summary>Factor of the bias that the frequency of a class gives its logit.</summary>
    public double DbInitBias { get; init; } = 0.05;

    /// <summary>Exponent of the focal factor.</summary>
    public double DbFocalGamma { get; init; } = 2;

    /// <summary>Images of each class in the data set, for db.</summary>
    public IReadOnlyList<double>? ClassCounts { get; init; }

    /// <summary>Images of the data set, for db.</summary>
    public double? NumSamples { get; init; }

    /// <summary>Views of each image, for jsd.</summary>
    public int JsdSplits { get; init; }

    /// <summary>Factor of the divergence between the views (AugMix, arXiv:1912.02781).</summary>
    public double JsdAlpha { get; init; } = 12;
}
