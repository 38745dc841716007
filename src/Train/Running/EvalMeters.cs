using System.Numerics.Tensors;

namespace OnnxTimm.Train;

/// <summary>Loss and accuracies over batches.</summary>
public sealed class EvalMeters
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
            var row = logits.Slice(i * classes, classes);
            loss += CrossEntropy(row, (int)labels[i]);
            var rank = Rank(row, (int)labels[i]);
            top1 += rank < 1 ? 1 : 0;
            top5 += rank < 5 ? 1 : 0;
        }
        Loss.Add(loss / labels.Length, labels.Length);
        Top1.Add(100.0 * top1 / labels.Length, labels.Length);
        Top5.Add(100.0 * top5 / labels.Length, labels.Length);
    }

    static double CrossEntropy(ReadOnlySpan<float> row, int label)
    {
        var max = TensorPrimitives.Max(row);
        var sum = 0.0;
        foreach (var x in row)
            sum += Math.Exp(x - max);
        return Math.Log(sum) + max - row[label];
    }

    /// <summary>How many classes come before the label; equal ones in their order. What is no number comes last.</summary>
    static int Rank(ReadOnlySpan<float> row, int label)
    {
        var rank = float.IsNaN(row[label]) ? row.Length : 0;
        for (var i = 0; i < row.Length; i++)
            if (row[i] > row[label] || (row[i] == row[label] && i < label))
                rank++;
        return rank;
    }
}
