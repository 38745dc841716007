using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>
/// Watches a training and writes report.html into its folder when it is at its end: the best model says once more what
/// it takes the images of the validation for. When that fails, it is said; the training is complete before.
/// </summary>
/// <param name="next">Who watches too; hears of everything first.</param>
/// <param name="command">The command that does the same again; null for none.</param>
/// <param name="threshold">The probability from which on a class counts as said, where an image may have several.
/// </param>
public sealed class TrainReport(IProgress<TrainEvent> next, string? command = null, double threshold = 0.5)
    : IProgress<TrainEvent>
{
    readonly Stopwatch whole = new(), update = new();
    long images;
    double seconds;
    int epochs;

    /// <inheritdoc/>
    public void Report(TrainEvent value)
    {
        next.Report(value);
        switch (value)
        {
            case TrainBegan:
                whole.Restart();
                update.Restart();
                break;
            case UpdateEnded { Update: var u }:
                (images, seconds) = (images + u.Images, seconds + update.Elapsed.TotalSeconds);
                update.Restart();
                break;
            case EpochEnded:
                epochs++;
                update.Restart();
                break;
            case TrainEnded end:
                Write(end);
                break;
        }
    }

    void Write(TrainEnded end)
    {
        var path = Path.Combine(end.Folder, "report.html");
        try
        {
            Of(end).Write(path);
            next.Report(new TrainRemark($"Wrote {path}"));
        }
        // Whatever is wrong with a page, the training that it is about is worth more.
        catch (Exception e)
        {
            next.Report(new TrainRemark($"There is no report of this training: {e.Message.ReplaceLineEndings(" ")}"));
        }
    }

    Report Of(TrainEnded end)
    {
        var (parts, best) = (end.Parts, end.Results.First(r => r.Epoch == end.Best.Epoch));
        return new($"{parts.Trainee.Architecture}: {Path.GetFileName(end.Folder)}")
        {
            Figures =
            [
                ("best epoch", $"{best.Epoch} of 0 to {end.Results[^1].Epoch}"),
                .. (best.Eval?.Named() ?? [("training loss", best.TrainLoss)])
                    .Select(m => (m.Name, Html.Number(m.Value, "0.####"))),
                ("images", $"{parts.Batches.Data.Count} + {parts.Validation?.Data.Count ?? 0}"),
                ("image size", string.Join(" or ", parts.Batches.Sizes.Select(size => size.Shape.Image).Distinct())),
            ],
            Epochs = end.Results,
            Judged = parts.Validation is { Options.IsMultiLabel: false } validation
                ? Judge(end.Model, validation, parts) : null,
            Labels = parts.Validation is { Options.IsMultiLabel: true } several
                ? JudgeLabels(end.Model, several, parts) : [],
            Data = parts.Validation?.Data,
            Costs = [.. Speed(), .. ReportCosts.OfProcess(parts.Runtime.Device)],
            Command = command,
            Options = parts.Policy.Args.Length > 0 ? parts.Policy.Args : null,
        };
    }

    IEnumerable<(string, string)> Speed() =>
    [
        ("this run", $"{Amount.Of(epochs, "epoch")} in {ReportCosts.Time(whole.Elapsed)}, with validation and files"),
        .. seconds > 0 ? [("training", $"{Html.Number(images / seconds, "0.#")} images a second")]
            : ((string, string)[])[],
    ];

    static JudgedImages Judge(string model, Loader validation, TrainParts parts)
    {
        using var session = Session.Open(model, parts.Runtime);
        var judged = new JudgedImages(validation.Data.Count, validation.Data.Classes);
        EvalRun.Each(session, validation, (batch, logits) =>
        {
            var classes = logits.Length / Math.Max(1, batch.Count);
            for (var i = 0; i < batch.Count; i++)
                judged.Add(batch.Indices[i], logits.Slice(i * classes, classes), (int)batch.Labels[i]);
        });
        return judged;
    }

    (string, LabelClass)[] JudgeLabels(string model, Loader validation, TrainParts parts)
    {
        using var session = Session.Open(model, parts.Runtime);
        var classes = validation.Data.Classes;
        var scores = new LabelScores(classes.Count, threshold);
        EvalRun.Each(session, validation, (batch, logits) =>
        {
            var (width, wide) = (logits.Length / Math.Max(1, batch.Count), classes.Count);
            for (var i = 0; i < batch.Count; i++)
                scores.Add(batch.Indices[i], logits.Slice(i * width, wide), batch.Targets.Slice(i * wide, wide));
        });
        return [.. classes.Zip(scores.ByClass())];
    }
}
