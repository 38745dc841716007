using System.Globalization;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>How far an update is in its epoch, and how long things took.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Update">Number of the update in the epoch, from 0.</param>
/// <param name="Updates">Updates of an epoch.</param>
/// <param name="Images">Images of the update.</param>
/// <param name="Lr">Mean learning rate.</param>
public readonly record struct UpdateInfo(int Epoch, int Update, int Updates, int Images, double Lr);

/// <summary>The lines of a training, in timm's form.</summary>
static class TrainLog
{
    public static string Update(UpdateInfo u, Meter loss, Meter time, Meter data) =>
        string.Create(CultureInfo.InvariantCulture,
        $"Train: {u.Epoch} [{u.Update,4}/{u.Updates} ({100.0 * (u.Update + 1) / u.Updates,3:F0}%)]  "
        + $"Loss: {PythonText.Significant(loss.Last)} ({PythonText.Significant(loss.Mean)})  "
        + $"Time: {time.Last:F3}s, {u.Images / time.Last,7:F2}/s  ({time.Mean:F3}s, {u.Images / time.Mean,7:F2}/s)  "
        + $"LR: {u.Lr:0.000e+00}  Data: {data.Last:F3} ({data.Mean:F3})");

    public static string Test(string suffix, int batch, int last, Meter time, EvalMeters m) =>
        string.Create(CultureInfo.InvariantCulture,
        $"Test{suffix}: [{batch,4}/{last}]  Time: {time.Last:F3} ({time.Mean:F3})  "
        + $"Loss: {m.Loss.Last,7:F3} ({m.Loss.Mean,6:F3}){m.Text}");

    public static string Labels(string suffix, LabelMetrics m) => string.Create(CultureInfo.InvariantCulture,
        $"Test{suffix}: mAP: {m.Map:F3}  F1 micro: {m.MicroF1:F3}  macro: {m.MacroF1:F3}  sample: {m.SampleF1:F3}");

    public static string Checkpoints(CheckpointHistory history, Func<string, string> pathOf) =>
        "Current checkpoints:\n"
        + string.Concat(history.Kept.Select(k => $" ('{pathOf(k.Name)}', {PythonText.Repr(k.Metric)})\n"));

    public static string Best(KeptCheckpoint best) =>
        $"*** Best metric: {PythonText.Repr(best.Metric)} (epoch {best.Epoch})";

    public static string Optimizer(TrainParts parts) =>
        $"Created {parts.Optimizer.Name} optimizer: lr: {PythonText.Repr(parts.Lr)}, "
        + string.Concat(parts.Optimizer.Options.Select(o => $"{o.Key}: {o.Value}, "))
        + $"weight_decay: {PythonText.Repr(parts.Groups.Max(g => g.WeightDecay))}";

    public static string Schedule(Schedule schedule) => $"Scheduled epochs: {schedule.Epochs} "
        + (schedule.HasWarmupPrefix
            ? "(warmup_epochs + epochs + cooldown_epochs). Warmup added to total when warmup_prefix=True"
            : "(epochs + cooldown_epochs). Warmup within epochs when warmup_prefix=False")
        + $". LR stepped per {(schedule.InEpochs ? "epoch" : "update")}.";
}
