namespace OnnxTimm.Train;

/// <summary>
/// Losses of one label an image, in the DSL. Hard labels, smoothing and mixing are all soft targets, which the host
/// makes: rows of class weights, [N, classes] as the logits. Source: timm/loss, and timm 1.0.31's factory.
/// </summary>
public static class Losses
{
    /// <summary>What stands for zero below a logarithm or a root.</summary>
    internal const double Tiny = 1e-30;

    /// <summary>Mean over the batch of -sum(target * log softmax(logits)); both [N, classes].</summary>
    public static Value SoftTargetCrossEntropy(Value logits, Value targets) =>
        -(targets * logits.LogSoftmax()).ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false);

    /// <summary>
    /// Each class is a question of its own: mean over batch and classes of the binary cross entropy of
    /// sigmoid(logits); timm/loss/binary_cross_entropy.py.
    /// </summary>
    /// <param name="sum">Sums over the classes instead.</param>
    /// <param name="threshold">Targets above it count as 1, others as 0; null leaves them soft.</param>
    /// <param name="weights">Weights of classes and of their positive parts; none by default.</param>
    public static Classification.Measure BinaryCrossEntropy(
        bool sum = false, double? threshold = null, LossWeights? weights = null) => (logits, targets) =>
        {
            var t = threshold is { } limit ? targets.Greater(limit).Cast(logits.Type) : targets;
            var loss = (weights ?? LossWeights.None).Of(logits, t);
            return sum
                ? loss.ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false)
                : loss.ReduceMean(keepDims: false);
        };

    /// <summary>
    /// Cross entropy whose parts fade where a class is right already, those of other classes faster
    /// (arXiv:2009.14119; timm/loss/asymmetric_loss.py).
    /// </summary>
    /// <param name="negative">Exponent for other classes.</param>
    /// <param name="positive">Exponent for the label.</param>
    /// <param name="smoothing">Share of the label that the targets spread over all classes.</param>
    public static Classification.Measure Asymmetric(double negative = 4, double positive = 1, double smoothing = 0) =>
        (logits, targets) =>
        {
            // Half way between what smoothing leaves the label and what it gives the others.
            var label = targets.Greater((1 - smoothing) / 2 + smoothing / logits.Shape[1].Size).Cast(logits.Type);
            var (p, log) = (logits.Softmax(), logits.LogSoftmax());
            var weight = Power(label * (1 - p) + (1 - label) * p, label * positive + (1 - label) * negative);
            return -(targets * weight * log).ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false);
        };

    /// <summary>Cross entropy with one more term of its polynomial (arXiv:2204.12511).</summary>
    /// <param name="epsilon">Weight of the term 1 - p.</param>
    public static Classification.Measure Poly(double epsilon = 2) => (logits, targets) =>
        SoftTargetCrossEntropy(logits, targets)
        + (1 - (targets * logits.Softmax()).ReduceSum([-1], keepDims: false)).ReduceMean(keepDims: false) * epsilon;

    /// <summary>
    /// Cross entropy of the first of several views of a batch, and how far all views' predictions are from their mean
    /// (arXiv:1912.02781; timm/loss/jsd.py). The views lie one behind the other.
    /// </summary>
    /// <param name="splits">Views.</param>
    /// <param name="alpha">Weight of the distance.</param>
    public static Classification.Measure JensenShannon(int splits, double alpha = 12) => (logits, targets) =>
    {
        var (first, mean) = Views(targets, splits);
        var (p, log) = (logits.Softmax(), logits.LogSoftmax());
        var distance = p * (log - mean.MatMul(p).Clip(1e-7, 1).Log()) * alpha;
        return (distance - targets * log * first).ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false);
    };

    /// <summary>
    /// What takes the first view out of a batch, [N, 1] of the number of views or 0, and what takes the mean over the
    /// views of each image, [N, N]. The batch is only known when the step runs, so that no reshape can part it.
    /// </summary>
    static (Value First, Value Mean) Views(Value targets, int splits)
    {
        var ones = targets.Slice(1, 0, 1) * 0 + 1;
        var row = ones.CumSum(0) - 1;
        var view = ones.ReduceSum([0]) / splits;
        var image = row - (row / view).Floor() * view;
        return (row.Less(view).Cast(targets.Type) * splits,
            image.Equal(image.Transpose(1, 0)).Cast(targets.Type) / splits);
    }

    /// <summary>A power of a number from 0 to 1, whose gradient is finite at 0.</summary>
    internal static Value Power(Value x, Value exponent) => (exponent * x.Max(Tiny).Log()).Exp();
}

/// <summary>Weights of classes in a binary cross entropy; one number stands for all.</summary>
/// <param name="Classes">Factor on each class; null for none.</param>
/// <param name="Positives">Factor on the positive part of each class; null for none.</param>
public sealed record LossWeights(IReadOnlyList<double>? Classes = null, IReadOnlyList<double>? Positives = null)
{
    /// <summary>All alike.</summary>
    public static LossWeights None { get; } = new();

    /// <summary>Whether all are alike.</summary>
    public bool IsNone => Classes is null && Positives is null;

    /// <summary>Binary cross entropy of sigmoid(logits), element by element.</summary>
    internal Value Of(Value logits, Value targets)
    {
        var negative = (1 - targets) * logits;
        var loss = Positives is null ? negative + (-logits).Softplus()
            : negative + (1 + targets * (Row(logits, Positives) - 1)) * (-logits).Softplus();
        return Classes is null ? loss : loss * Row(logits, Classes);
    }

    /// <summary>The weights as a constant that goes with [N, classes].</summary>
    internal static Value Row(Value logits, IReadOnlyList<double> weights)
    {
        var classes = logits.Shape[1].Size;
        return weights.Count == classes || weights.Count == 1
            ? logits.Graph.Const(Tensor.Of([.. weights.Select(w => (float)w)], weights.Count))
            : throw new UserException($"There are {weights.Count} weights of classes for {classes} classes.");
    }
}
