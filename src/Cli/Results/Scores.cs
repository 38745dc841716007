using System.Globalization;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Results;

/// <summary>Loss and accuracy over a data set; takes images from many threads in any order.</summary>
/// <param name="images">Images in the data set.</param>
sealed class Scores(int images)
{
    readonly Lock gate = new();
    readonly double[] losses = new double[images];
    Sums all, shown;

    /// <summary>Images that were scored.</summary>
    public int Count => all.Count;

    /// <summary>Images whose class scored highest.</summary>
    public int Top1Correct => all.Top1;

    /// <summary>Per cent of images whose class scored highest.</summary>
    public double Top1 => all.Percent(all.Top1);

    /// <summary>Per cent of images whose class is among the five best.</summary>
    public double Top5 => all.Percent(all.Top5);

    /// <summary>Mean cross entropy; summed in the data's order, so that it does not depend on the threads.</summary>
    public double Loss => losses.Sum() / Math.Max(1, Count);

    /// <summary>Images whose class is judged: all, or those with real labels.</summary>
    public int Judged => all.Judged;

    /// <summary>Adds an image; gives the number of images so far.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="logits">One a class.</param>
    /// <param name="label">Its class, for the loss.</param>
    /// <param name="real">The classes any of which is right; none judges nothing, null only the label.</param>
    public int Add(int index, ReadOnlySpan<float> logits, int label, IReadOnlyList<int>? real = null)
    {
        var score = ImageScore.Of(logits, label);
        losses[index] = score.Loss;
        foreach (var (i, other) in (real ?? []).Index())
        {
            var at = ImageScore.Of(logits, other);
            score = score with
            {
                IsFirst = at.IsFirst || (i > 0 && score.IsFirst),
                IsAmongFive = at.IsAmongFive || (i > 0 && score.IsAmongFive),
            };
        }
        lock (gate)
        {
            var judged = real is { Count: 0 } ? 0 : 1;
            all = new(all.Count + 1, all.Top1 + (score.IsFirst ? judged : 0),
                all.Top5 + (score.IsAmongFive ? judged : 0), all.Loss + score.Loss, all.Judged + judged);
            return all.Count;
        }
    }

    /// <summary>timm's line about a batch: since the line before, and in brackets since the beginning.</summary>
    public string Progress(int batch, int batches, double seconds, double total)
    {
        Sums now, last;
        lock (gate)
        {
            now = all;
            last = new(now.Count - shown.Count, now.Top1 - shown.Top1, now.Top5 - shown.Top5, now.Loss - shown.Loss,
                now.Judged - shown.Judged);
            shown = now;
        }
        return string.Create(CultureInfo.InvariantCulture, $"Test: [{batch,4}/{batches}]  "
            + $"Time: {seconds:F3}s ({total / (batch + 1):F3}s, {now.Count / total,7:F2}/s)  "
            + $"Loss: {last.Mean,7:F4} ({now.Mean,6:F4})  "
            + $"Acc@1: {last.Percent(last.Top1),7:F3} ({now.Percent(now.Top1),7:F3})  "
            + $"Acc@5: {last.Percent(last.Top5),7:F3} ({now.Percent(now.Top5),7:F3})");
    }

    readonly record struct Sums(int Count, int Top1, int Top5, double Loss, int Judged)
    {
        public double Mean => Loss / Math.Max(1, Count);

        public double Percent(int n) => 100.0 * n / Math.Max(1, Judged);
    }
}
