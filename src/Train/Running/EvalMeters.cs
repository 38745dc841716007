using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>Loss and accuracies over batches.</summary>
sealed class EvalMeters
{
    public Meter Loss { get; } = new();

    public Meter Top1 { get; } = new();

    public Meter Top5 { get; } = new();

    public EvalResult Result => new(Loss.Mean, Top1.Mean, Top5.Mean);

    /// <summary>Takes a batch in: cross entropy, and how often the label is first, or among the first five.</summary>
    /// <param name="logits">[N, classes].</param>
    /// <param name="labels">[N].</param>
    public void Add(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = logits.Length / labels.Length;
        var (loss, top1, top5) = (0.0, 0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            var score = ImageScore.Of(logits.Slice(i * classes, classes), (int)labels[i]);
            loss += score.Loss;
            top1 += score.IsFirst ? 1 : 0;
            top5 += score.IsAmongFive ? 1 : 0;
        }
        Loss.Add(loss / labels.Length, labels.Length);
        Top1.Add(100.0 * top1 / labels.Length, labels.Length);
        Top5.Add(100.0 * top5 / labels.Length, labels.Length);
    }
}
