using System.Globalization;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>Loss and accuracies over batches.</summary>
class EvalMeters
{
    /// <summary>Those of one label an image, or of several.</summary>
    public static EvalMeters Of(bool isMultiLabel, double threshold) =>
        isMultiLabel ? new LabelMeters(threshold) : new EvalMeters();

    public Meter Loss { get; } = new();

    public Meter Top1 { get; } = new();

    public Meter Top5 { get; } = new();

    public virtual EvalResult Result => new(Loss.Mean, Top1.Mean, Top5.Mean);

    /// <summary>Takes a batch in.</summary>
    public virtual void Add(ReadOnlySpan<float> logits, Batch batch) => Add(logits, batch.Labels);

    /// <summary>The accuracies in a line about a batch.</summary>
    public virtual string Text => string.Create(CultureInfo.InvariantCulture,
        $"  Acc@1: {Top1.Last,7:F3} ({Top1.Mean,7:F3})  Acc@5: {Top5.Last,7:F3} ({Top5.Mean,7:F3})");

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

/// <summary>Loss and metrics over batches where an image may have several labels.</summary>
/// <param name="threshold">The probability from which on a class counts as said.</param>
sealed class LabelMeters(double threshold) : EvalMeters
{
    LabelScores? scores;

    public override EvalResult Result => scores?.Measure() is { } labels
        ? new(labels.Loss, 0, 0) { Labels = labels } : base.Result;

    /// <summary>Precision needs all images: nothing of it can be said of a batch.</summary>
    public override string Text => "";

    public override void Add(ReadOnlySpan<float> logits, Batch batch)
    {
        var (width, wide) = (logits.Length / batch.Count, batch.Targets.Length / batch.Count);
        scores ??= new(width, threshold);
        var loss = 0.0;
        for (var i = 0; i < batch.Count; i++)
        {
            var row = logits.Slice(i * width, width);
            var targets = batch.Targets.Slice(i * wide, wide);
            scores.Add(batch.Indices[i], row, targets);
            loss += LabelScores.CrossEntropy(row, targets);
        }
        Loss.Add(loss / batch.Count, batch.Count);
    }
}
