using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>
/// A training from its first or any later step to its end: epochs, validation, checkpoints, results. It can be ended at
/// any update, or killed, and goes on from its last checkpoint to the same bits.
/// </summary>
public sealed class Trainer : IDisposable
{
    readonly TrainOptions options;
    readonly Trainee trainee;
    readonly ITrainView view;
    readonly EpochRunner runner;
    readonly TrainState state;
    readonly Evaluator? evaluator;
    readonly RunFiles files;
    readonly CheckpointFolder folder;
    readonly string metric;
    readonly string args;

    /// <summary>Makes all parts and, where the options ask for it, resumes.</summary>
    /// <param name="options">The options.</param>
    /// <param name="trainee">The network with its initial weights.</param>
    /// <param name="train">Batches to train on.</param>
    /// <param name="eval">Batches to validate on; null for none.</param>
    /// <param name="view">Who watches.</param>
    /// <exception cref="UserException">Something in the options cannot be.</exception>
    public Trainer(TrainOptions options, Trainee trainee, Loader train, Loader? eval, ITrainView view)
    {
        options.Check();
        (this.options, this.trainee, this.view) = (options, trainee, view);
        metric = eval is null ? "loss" : options.EvalMetric;
        TrainSetup.CheckLabels(trainee, train.Data, eval?.Data);
        eval?.CheckReadable("validation");
        args = OptionFiles.Write(options);
        var runtime = new RuntimeOptions { Device = Device.Parse(options.Device) };
        evaluator = eval is null ? null : new(trainee, eval, runtime, view, options.LogInterval);
        files = TrainSetup.Claim(options, trainee);
        try
        {
            folder = new(Folder);
            runner = new(options, trainee, train, runtime, view, IsDecreasing);
            state = runner.State;
            if (options.Resume.Length > 0)
                Resume(train.BatchCount);
            if (options.StartEpoch is { } epoch)
                state.StartAt(epoch, runner.UpdatesPerEpoch);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The run's folder.</summary>
    public string Folder => files.Folder;

    public IReadOnlyList<EpochResult> Results => state.Results;

    /// <summary>Whether less of the metric is better.</summary>
    bool IsDecreasing => metric == "loss";

    /// <summary>Trains to the end, or until it is told to stop; then the state is stored first.</summary>
    /// <returns>Whether the end was reached.</returns>
    public bool Run(CancellationToken stop = default)
    {
        files.RemoveTemporaries();
        files.WriteArgs(args);
        if (state.Results.Count > 0)
            files.WriteResults(state.Results);
        view.Line(TrainLog.Schedule(state.Schedule.Epochs, options.WarmupPrefix, state.Schedule.InEpochs));
        while (state.Epoch < state.Schedule.Epochs)
        {
            var ended = runner.Run(Recover, stop);
            if (!ended || !TryFinish(stop))
            {
                Recover(state.Batch);
                view.Line($"Stopped in epoch {state.Epoch}. To go on: --resume {Folder}");
                return false;
            }
        }
        Conclude();
        return true;
    }

    public void Dispose()
    {
        runner?.Dispose();
        files.Dispose();
    }

    void Resume(int batches)
    {
        using var stored = CheckpointFolder.Open(options.Resume, fault => view.Line($"Skipped: {fault}"));
        if (stored is null)
        {
            view.Line($"There is no checkpoint in \"{options.Resume}\" yet: the training begins anew.");
            return;
        }
        state.Load(stored, !options.NoResumeOpt);
        if (state.Batch > batches)
            throw new UserException($"\"{stored.File.Source}\" has done {state.Batch} batches of an epoch, which has "
                + $"{batches} here: the data or --batch-size are others.");
        var (file, progress) = (Path.GetFullPath(stored.File.Source), stored.Progress);
        view.Line($"Goes on from {file}, epoch {state.Epoch}");
        if (Path.GetDirectoryName(file) != Folder)
        {
            state.History = CheckpointHistory.Empty;
            view.Line($"Its checkpoints stay where they are; the best is looked for anew in {Folder}");
        }
        else if (progress.Metric is not null)
            folder.NameEpoch(file, progress.Named, state.History);
    }

    /// <summary>Validates, stores and moves on to the next epoch; false when it was stopped before.</summary>
    bool TryFinish(CancellationToken stop)
    {
        var (epoch, next) = (state.Epoch, state.Epoch + 1);
        if (next % options.ValInterval != 0 && next != state.Schedule.Epochs)
        {
            view.Line("Skipping eval and checkpointing ");
            state.NextEpoch(null);
            return true;
        }
        if (Evaluate(stop) is not { } result)
            return false;
        Divergence.Check($"The validation loss of epoch {epoch}", result.Eval?.Loss ?? 0, result.Lr,
            state.Results.LastOrDefault());
        state.Results.Add(result);
        var value = result.Metric(metric);
        var before = state.History;
        state.History = before.Add(new(epoch, value), options.CheckpointHist, IsDecreasing);
        state.NextEpoch(value);
        folder.SaveEpoch(epoch, before, state.History, path => Save(path, epoch, value));
        files.WriteResults(state.Results);
        view.Line(TrainLog.Checkpoints(state.History, folder.PathOf));
        return true;
    }

    EpochResult? Evaluate(CancellationToken stop)
    {
        try
        {
            var tensors = state.Tensors;
            var eval = evaluator?.Run(tensors.Weights(average: false), "", stop);
            if (evaluator is not null && tensors.Ema is not null)
                eval = evaluator.Run(tensors.Weights(average: true), " (EMA)", stop);
            return new(state.Epoch, state.Loss.Mean, eval, runner.MeanLr);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        // The epoch was trained: what fails afterwards must not cost it.
        catch (UserException)
        {
            Recover(state.Batch);
            throw;
        }
    }

    void Recover(int update) =>
        folder.SaveRecovery(state.Epoch, update, path => Save(path, state.Epoch, null));

    void Save(string path, int epoch, double? value) => state.Save(path, trainee, args, epoch, value);

    void Conclude()
    {
        if (state.History.Best is { } best)
            view.Line(TrainLog.Best(best));
        view.Result(Summary.Json(state.Results, metric, IsDecreasing));
        if (state.History.Best is not null)
            BestModel.Write(trainee, folder.BestFirst(state.History), Path.Combine(Folder, "model_best.onnx"), view);
    }
}
