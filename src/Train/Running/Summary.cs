namespace OnnxTimm.Train;

/// <summary>What an epoch gave.</summary>
/// <param name="Epoch">Number of the epoch, from 0.</param>
/// <param name="TrainLoss">Mean loss of the training batches.</param>
/// <param name="Eval">Loss and accuracies on the validation set; null without one.</param>
/// <param name="Lr">Mean learning rate over the parameter groups at the end of the epoch.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, EvalResult? Eval, double Lr)
{
    static readonly string[] Metrics = ["top1", "top5", "loss"];

    /// <summary>Throws for a name that is no metric.</summary>
    public static void CheckMetric(string name)
    {
        if (!Metrics.Contains(name))
            throw Nearest.Unknown("eval-metric", name, Metrics);
    }

    /// <summary>The value of a metric by timm's name.</summary>
    public double Metric(string name) => (name, Eval) switch
    {
        ("top1", { } eval) => eval.Top1,
        ("top5", { } eval) => eval.Top5,
        (_, { } eval) => eval.Loss,
        _ => TrainLoss,
    };
}

/// <summary>Loss and accuracies in percent.</summary>
public sealed record EvalResult(double Loss, double Top1, double Top5);

/// <summary>The results of a run as timm writes them: summary.csv, and the list that ends the output.</summary>
public static class Summary
{
    /// <summary>
    /// The rows of summary.csv with their head; the columns of a validation only where there was one.
    /// </summary>
    public static string Table(IReadOnlyList<EpochResult> results)
    {
        var isValidated = results.Any(r => r.Eval is not null);
        string[] heads = isValidated ? ["epoch", "train_loss", "eval_loss", "eval_top1", "eval_top5", "lr"]
            : ["epoch", "train_loss", "lr"];
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
        .. r.Eval is { } e ? new[] { e.Loss, e.Top1, e.Top5 }.Select(PythonText.Repr) : [],
        PythonText.Repr(r.Lr),
    ];

    static string Validation(EvalResult? e) => e is null ? "" : $$"""
        ,
                "validation": {
                    "loss": {{PythonText.Json(e.Loss)}},
                    "top1": {{PythonText.Json(e.Top1)}},
                    "top5": {{PythonText.Json(e.Top5)}}
                }
        """;
}
