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

    public double Smoothing { get; init; }

    public bool BceSum { get; init; }

    public double? BceTargetThresh { get; init; }

    /// <summary>Weights of classes and of their positive parts.</summary>
    public LossWeights Weights { get; init; } = LossWeights.None;

    public double AslGammaNeg { get; init; } = 4;

    public double AslGammaPos { get; init; } = 1;

    public double? AslClip { get; init; } = 0.05;

    /// <summary>batchmean, sum or mean.</summary>
    public string AslReduction { get; init; } = "batchmean";

    public double PolyEpsilon { get; init; } = 2;

    public double PolyGamma { get; init; }

    public double? PolyAlpha { get; init; }

    public double TwowayTp { get; init; } = 4;

    public double TwowayTn { get; init; } = 1;

    public double DbNegScale { get; init; } = 2;

    public double DbInitBias { get; init; } = 0.05;

    public double DbFocalGamma { get; init; } = 2;

    /// <summary>Images of each class in the data set, for db.</summary>
    public IReadOnlyList<double>? ClassCounts { get; init; }

    /// <summary>Images of the data set, for db.</summary>
    public double? NumSamples { get; init; }

    public int JsdSplits { get; init; }

    public double JsdAlpha { get; init; } = 12;
}
