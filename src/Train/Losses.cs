namespace OnnxTimm.Train;

/// <summary>Losses in the DSL. Hard labels, smoothing and mixing are all soft targets, which the host makes.</summary>
public static class Losses
{
    /// <summary>Mean over the batch of -sum(target * log softmax(logits)); both [N, classes].</summary>
    public static Value SoftTargetCrossEntropy(Value logits, Value targets) =>
        -(targets * logits.LogSoftmax()).ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false);
}
