using System.Text.Json.Serialization;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>What an epoch gave.</summary>
/// <param name="Epoch">Number of the epoch, from 0.</param>
/// <param name="TrainLoss">Mean loss of the training batches.</param>
/// <param name="Eval">Loss and accuracies on the validation set; null without one.</param>
/// <param name="Lr">Mean learning rate over the parameter groups at the end of the epoch.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, EvalResult? Eval, double Lr)
{
    static readonly string[] Metrics = ["top1", "top5", "loss"];

    static readonly string[] LabelMetrics = ["map", "micro_f1", "macro_f1", "sample_f1", "loss"];

    /// <summary>Throws for a name that is no metric.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isMultiLabel">Whether images may have several labels.</param>
    public static void CheckMetric(string name, bool isMultiLabel = false)
    {
        if (!(isMultiLabel ? LabelMetrics : Metrics).Contains(name))
            throw Nearest.Unknown("eval-metric", name, isMultiLabel ? LabelMetrics : Metrics);
    }

    /// <summary>The value of a metric by timm's name; the loss of the training without a validation.</summary>
    public double Metric(string name) => Eval is { } eval ? eval.Named().First(v => v.Name == name).Value : TrainLoss;
}

/// <summary>Loss and accuracies in percent.</summary>
/// <param name="Loss">Mean loss over the images.</param>
/// <param name="Top1">How often the label is first; 0 where there may be several.</param>
/// <param name="Top5">How often it is among the first five; 0 where there may be several.</param>
public sealed record EvalResult(double Loss, double Top1, double Top5)
{
    /// <summary>What is measured where an image may have several labels; null where it has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LabelMetrics? Labels { get; init; }

    /// <summary>Names and values of all that was measured, as timm's.</summary>
    public IReadOnlyList<(string Name, double Value)> Named() =>
        Labels?.Named() ?? [("loss", Loss), ("top1", Top1), ("top5", Top5)];
}

/// <summary>The results of a run as timm writes them: summary.csv, and the list that ends the output.</summary>
public static class Summary
{
    /// <summary>
    /// The rows of summary.csv with their head; the columns of a validation only where there was one.
    /// </summary>
    public static string Table(IReadOnlyList<EpochResult> results)
    {
        var measured = results.Select(r => r.Eval).OfType<EvalResult>().FirstOrDefault()?.Named() ?? [];
        string[] heads = ["epoch", "train_loss", .. measured.Select(m => $"eval_{m.Name}"), "lr"];
        return string.Concat(results.Select(Cells).Prepend(heads).Select(Csv.Row));
    }

    /// <summary>The ten best epochs, the best last for a metric that grows, as JSON after a marker line.</summary>
    public static string Json(IEnumerable<EpochResult> results, string metric, bool decreasing)
    {
        var sorted = decreasing
            ? results.OrderByDescending(r => r.Metric(metric))
            : results.OrderBy(r => r.Metric(metric));
        var rows = sorted.TakeLast(10).Select(r => $$"""
                {
                    "epoch": {{r.Epoch}},
                    "train": {
                        "loss": {{PythonText.Json(r.TrainLoss)}}
                    }{{Validation(r.Eval)}}
                }
            """);
        return $"--result\n[\n{string.Join(",\n", rows)}\n]";
    }

    static IEnumerable<object?> Cells(EpochResult r) =>
    [
        r.Epoch, PythonText.Repr(r.TrainLoss),
        .. r.Eval?.Named().Select(v => PythonText.Repr(v.Value)) ?? [],
        PythonText.Repr(r.Lr),
    ];

    static string Validation(EvalResult? e) => e is null ? "" : $$"""
        ,
                "validation": {
        {{string.Join(",\n", e.Named().Select(v => $"            \"{v.Name}\": {PythonText.Json(v.Value)}"))}}
                }
        """;
}
