namespace OnnxTimm.Train;

/// <summary>Losses in the DSL. Hard labels, smoothing and mixing are all soft targets, which the host makes.</summary>
public static class Losses
{
    /// <summary>Mean over the batch of -sum(target * log softmax(logits)); both [N, classes].</summary>
    public static Value SoftTargetCrossEntropy(Value logits, Value targets) =>
        -(targets * logits.LogSoftmax()).ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false);

    /// <summary>
    /// Each class is a question of its own: mean over batch and classes of the binary cross entropy of
    /// sigmoid(logits); timm/loss/binary_cross_entropy.py.
    /// </summary>
    /// <param name="sum">Sums over the classes instead.</param>
    /// <param name="threshold">Targets above it count as 1, others as 0; null leaves them soft.</param>
    /// <param name="positive">Weight of the positive part.</param>
    public static Classification.Measure BinaryCrossEntropy(
        bool sum = false, double? threshold = null, double positive = 1) => (logits, targets) =>
        {
            var t = threshold is { } limit ? targets.Greater(limit).Cast(logits.Type) : targets;
            var loss = (1 - t) * logits + (1 + t * (positive - 1)) * (-logits).Softplus();
            return sum
                ? loss.ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false)
                : loss.ReduceMean(keepDims: false);
        };
}
