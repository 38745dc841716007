namespace OnnxTimm.Infer;

/// <summary>How right a model is about an image.</summary>
/// <param name="Loss">Cross entropy of its softmax.</param>
/// <param name="IsFirst">Whether the label has the highest score.</param>
/// <param name="IsAmongFive">Whether it is among the five highest; of fewer classes, among all.</param>
public readonly record struct ImageScore(double Loss, bool IsFirst, bool IsAmongFive)
{
    /// <summary>Scores an image; what is no number is never right.</summary>
    /// <param name="logits">One a class.</param>
    /// <param name="label">The image's class.</param>
    public static ImageScore Of(ReadOnlySpan<float> logits, int label)
    {
        var rank = Logits.Rank(logits, label);
        return new(Logits.CrossEntropy(logits, label), rank < 1, rank < Math.Min(5, logits.Length));
    }
}
