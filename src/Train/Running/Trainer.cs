namespace OnnxTimm.Train;

/// <summary>
/// A training from its first or any later step to its end: epochs, validation, checkpoints, results. It can be ended at
/// any update, or killed, and goes on from its last checkpoint to the same bits.
/// </summary>
public sealed class Trainer : IDisposable
{
    readonly TrainParts parts;
    readonly RunPolicy policy;
    readonly IProgress<TrainEvent> events;
    readonly EpochRunner runner;
    readonly TrainState state;
    readonly IEvaluator? evaluator;
    readonly RunFiles files;
    readonly CheckpointFolder folder;

    /// <summary>Puts the parts together and, where the policy asks for it, resumes.</summary>
    /// <exception cref="UserException">
    /// The parts do not fit each other, another training has the folder, or the checkpoint cannot be taken.
    /// </exception>
    public Trainer(TrainParts parts)
    {
        (this.parts, policy, events) = (parts, parts.Policy, parts.Events);
        Labels.Check(parts.Trainee, parts.Batches.Data, parts.Validation?.Data);
        parts.Validation?.CheckReadable("validation");
        evaluator = parts.Validation is { } validation ? parts.Evaluator(parts, validation) : null;
        files = RunFiles.Claim(policy.Place);
        try
        {
            folder = new(Folder);
            runner = new(parts);
            state = runner.State;
            if (policy.Resume is { } checkpoint)
                Resume(checkpoint);
            if (policy.StartEpoch is { } epoch)
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

    /// <summary>Of the epochs that ended, in order; of those before a resume, too.</summary>
    public IReadOnlyList<EpochResult> Results => state.Results;

    /// <summary>The best of them; null before the first.</summary>
    public KeptCheckpoint? Best => state.History.Best;

    /// <summary>Trains to the end, or until it is told to stop; then the state is stored first.</summary>
    /// <returns>Whether the end was reached; one that brings nothing better any more counts as such.</returns>
    public bool Run(CancellationToken stop = default)
    {
        files.RemoveTemporaries();
        files.WriteArgs(policy.Args);
        if (state.Results.Count > 0)
            files.WriteResults(state.Results, policy.Curves);
        events.Report(new TrainBegan(parts, Folder, state.Epoch));
        events.Tell(TrainLog.Optimizer(parts));
        events.Tell(TrainLog.Schedule(state.Schedule));
        if (parts.Precision != DType.Float32 && parts.Runtime.Device.IsCpu)
            events.Tell("Products are rounded to half precision between float32 operators: on a processor that brings "
                + "no speed.");
        while (state.Epoch < state.Schedule.Epochs && !HasStalled())
        {
            var ended = runner.Run(Show, Recover, stop);
            if (!ended || !TryFinish(stop))
            {
                Recover(state.Batch);
                events.Tell($"Stopped in epoch {state.Epoch}. To go on: --resume {Folder}");
                return false;
            }
        }
        Conclude();
        return true;
    }

    /// <summary>Hands out its first step, to be measured; afterwards this training is of no other use.</summary>
    internal void FirstStep(Action<Action> measure) => runner.First(measure);

    /// <summary>The epoch that comes next, and how many there are.</summary>
    internal (int Next, int All) Epochs => (state.Epoch, state.Schedule.Epochs);

    /// <summary>Closes the run's files and frees the step. Nothing is stored.</summary>
    public void Dispose()
    {
        runner?.Dispose();
        files.Dispose();
    }

    void Resume(string checkpoint)
    {
        using var stored = CheckpointFolder.Open(checkpoint, fault => events.Tell($"Skipped: {fault}"));
        if (stored is null)
        {
            events.Tell($"There is no checkpoint in \"{checkpoint}\" yet: the training begins anew.");
            return;
        }
        state.Load(stored, policy.ResumesOptimizer);
        if (state.Batch > parts.Batches.BatchCount)
            throw new UserException($"\"{stored.File.Source}\" has done {state.Batch} batches of an epoch, which has "
                + $"{parts.Batches.BatchCount} here: the data or --batch-size are others.");
        var (file, progress) = (Path.GetFullPath(stored.File.Source), stored.Progress);
        events.Tell($"Goes on from {file}, epoch {state.Epoch}");
        if (Path.GetDirectoryName(file) != Folder)
        {
            state.History = CheckpointHistory.Empty;
            events.Tell($"Its checkpoints stay where they are; the best is looked for anew in {Folder}");
        }
        else if (progress.Metric is not null)
            folder.NameEpoch(file, progress.Named, state.History);
    }

    /// <summary>Whether nothing better came for as long as the policy waits; a resumed run says the same.</summary>
    bool HasStalled()
    {
        if (policy.EarlyStop is not { } most || Best is not { } best || state.Results is not [.., var last]
            || last.Epoch - best.Epoch < most)
            return false;
        events.Tell($"No better {(last.Eval is null ? "training loss" : policy.Metric)} in {last.Epoch - best.Epoch} "
            + $"epochs: the training ends early.");
        return true;
    }

    /// <summary>Validates, stores and moves on to the next epoch; false when it was stopped before.</summary>
    bool TryFinish(CancellationToken stop)
    {
        var (epoch, next) = (state.Epoch, state.Epoch + 1);
        if (next % policy.ValInterval != 0 && next != state.Schedule.Epochs)
        {
            events.Tell("Skipping eval and checkpointing ");
            state.NextEpoch(null);
            return true;
        }
        if (Evaluate(stop) is not { } result)
            return false;
        Divergence.Check($"The validation loss of epoch {epoch}", result.Eval?.Loss ?? 0, result.Lr,
            state.Results.LastOrDefault());
        state.Results.Add(result);
        var (value, rates) = (result.Metric(policy.Metric), runner.Rates);
        var before = state.History;
        state.History = before.Add(new(epoch, value), policy.Checkpoints, policy.IsDecreasing);
        state.NextEpoch(value);
        folder.SaveEpoch(epoch, before, state.History, path => Save(path, epoch, value));
        files.WriteResults(state.Results, policy.Curves);
        events.Tell(TrainLog.Checkpoints(state.History, folder.PathOf));
        events.Report(new EpochEnded(result) { Rates = rates, Weights = state.Tensors.Weights(average: false) });
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

    /// <summary>Writes the images of a batch, where the policy asks for it.</summary>
    void Show(int batch)
    {
        if (policy.Pictures is { } draw)
            files.WritePictures(batch, draw(runner.Images));
    }

    void Recover(int update) =>
        folder.SaveRecovery(state.Epoch, update, path => Save(path, state.Epoch, null));

    void Save(string path, int epoch, double? value) => state.Save(path, parts.Trainee, policy.Args, epoch, value);

    void Conclude()
    {
        var summary = Summary.Json(state.Results, policy.Metric, policy.IsDecreasing);
        events.Report(new EpochsEnded(state.Results, state.History.Best, summary));
        if (Best is null)
            return;
        var model = Path.Combine(Folder, "model_best.onnx");
        BestModel.Write(parts.Trainee, folder.BestFirst(state.History), model, events);
        events.Report(new TrainEnded(parts, Folder, Results, Best, model));
    }
}
