using System.Globalization;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Results;

/// <summary>What is said at the end of a training: what came out, where it is, and what comes next.</summary>
static class RunEnd
{
    /// <summary>Images whose classes are shown.</summary>
    const int MostShown = 10;

    /// <summary>A line each; none where nothing was stored.</summary>
    /// <param name="o">The options of the training.</param>
    /// <param name="trainer">The training, at its end.</param>
    /// <param name="trained">How many images were trained on.</param>
    /// <param name="validates">Whether there were images to validate on.</param>
    public static IEnumerable<string> Lines(TrainOptions o, Trainer trainer, int trained, bool validates)
    {
        if (trainer.Results.FirstOrDefault(r => r.Epoch == trainer.Best?.Epoch) is not { } best)
            return [];
        var folder = ShellText.Here(trainer.Folder);
        return
        [
            $"Best epoch: {best.Epoch} of 0 to {trainer.Results[^1].Epoch}, {string.Join(", ", Measured(best))}",
            $"Files:      {folder}: model_best.onnx (to use), model_best.safetensors (to train on and to export), "
                + $"summary.csv, curves.png{(o.NoReport ? "" : ", report.html")}",
            $"Try it:     {Trial(o, Path.Combine(folder, "model_best.onnx"), trained, validates && o.ValShare == 0)}",
            $"Export it:  {ShellText.Command("export", o.Model, "--checkpoint",
                Path.Combine(folder, "model_best.safetensors"), "--target", "ort-1.14", "--output", "model.onnx")}",
        ];
    }

    /// <summary>
    /// Measures it on the images of the validation; without a split for these it shows the classes of some images.
    /// </summary>
    static string Trial(TrainOptions o, string model, int trained, bool validates)
    {
        var samples = validates ? o.ValNumSamples : Math.Min(MostShown, trained);
        (string Flag, string? Value)[] given =
        [
            ("--model", model), ("--data-dir", o.Root), ("--dataset", o.Dataset),
            ("--split", validates ? o.ValSplit : o.TrainSplit), ("--class-map", o.ClassMap),
            ("--input-key", o.InputKey), ("--target-key", o.TargetKey), ("--num-samples", $"{samples}"),
        ];
        return ShellText.Command([validates ? "validate" : "infer",
            .. given.Where(g => g.Value is { Length: > 0 }).SelectMany(g => (string[])[g.Flag, g.Value!]),
            .. validates && o.MultiLabel ? (string[])["--multi-label"] : []]);
    }

    static IEnumerable<string> Measured(EpochResult result) =>
        (result.Eval?.Named() ?? [("training loss", result.TrainLoss)])
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Name} {m.Value:0.####}"));
}
