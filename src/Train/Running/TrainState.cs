namespace OnnxTimm.Train;

/// <summary>
/// Everything that a training carries from step to step. What is not here follows from the options: order of the
/// images, augmentation and dropout are functions of seed, epoch and number of the batch.
/// </summary>
sealed class TrainState
{
    /// <summary>The epoch that is under way or comes next.</summary>
    public int Epoch { get; set; }

    /// <summary>Batches of this epoch that are done.</summary>
    public int Batch { get; set; }

    /// <summary>Updates so far, over all epochs.</summary>
    public long Updates { get; set; }

    /// <summary>Loss over the batches of this epoch.</summary>
    public Meter Loss { get; set; } = new();

    public List<EpochResult> Results { get; } = [];

    public CheckpointHistory History { get; set; } = CheckpointHistory.Empty;

    /// <summary>Weights, averages and optimizer, which are parts of their own.</summary>
    public required TrainTensors Tensors { get; init; }

    public required Schedule Schedule { get; init; }

    /// <summary>The factor of the loss in float16; null for none.</summary>
    public GradScaler? Scaler { get; init; }

    /// <summary>Goes on to the next epoch.</summary>
    /// <param name="metric">The metric of the one that ended; null when it was not measured.</param>
    public void NextEpoch(double? metric)
    {
        (Epoch, Batch, Loss) = (Epoch + 1, 0, new());
        Schedule.BeforeEpoch(Epoch, metric);
    }

    /// <summary>Goes to the beginning of an epoch, whatever a checkpoint said.</summary>
    public void StartAt(int epoch, int updatesPerEpoch)
    {
        if (epoch >= Schedule.Epochs)
            throw new UserException($"--start-epoch {epoch} is behind the last epoch, {Schedule.Epochs - 1}.");
        (Epoch, Batch, Loss, Updates) = (epoch, 0, new(), (long)epoch * updatesPerEpoch);
        Schedule.BeforeEpoch(epoch);
        Schedule.BeforeUpdate(Updates);
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trainee">Whose weights they are; what it says of images and labels is kept with them.</param>
    /// <param name="args">The options in force, as args.yaml.</param>
    /// <param name="done">The epoch that the checkpoint is called after.</param>
    /// <param name="metric">Its metric; null within an epoch.</param>
    public void Save(string path, Trainee trainee, string args, int done, double? metric)
    {
        var facts = new Dictionary<string, string>(trainee.Metadata)
        {
            ["arch"] = trainee.Architecture,
            ["version"] = "2",
            [TrainCheckpoint.ArgsKey] = args,
        };
        foreach (var (key, value) in Progress(done, metric).ToFacts())
            facts[key] = value;
        TrainCheckpoint.Write(path, [.. Tensors.All()], facts);
    }

    /// <summary>Goes on where a checkpoint ends.</summary>
    /// <param name="stored">The checkpoint.</param>
    /// <param name="optimizer">Whether the optimizer's state is taken too.</param>
    /// <exception cref="UserException">It is of another network or optimizer.</exception>
    public void Load(StoredTraining stored, bool optimizer = true)
    {
        var progress = stored.Progress;
        Tensors.Load(stored.File, optimizer);
        (Epoch, Batch, Updates, History) = (progress.Epoch, progress.Batch, progress.Updates, progress.History);
        Loss.Restore(progress.Loss.Sum, progress.Loss.Weight);
        if (Scaler is not null && progress.Scaler is { } scaler)
            Scaler.State = scaler;
        Tensors.Update.Step = optimizer ? Updates - (Scaler?.Skipped ?? 0) : 0;
        Results.Clear();
        Results.AddRange(progress.Results);
        if (progress.Schedule.Length == Schedule.State.Length)
            Schedule.State = progress.Schedule;
        Schedule.BeforeEpoch(Epoch);
        Schedule.BeforeUpdate(Updates);
    }

    TrainProgress Progress(int done, double? metric) => new()
    {
        Epoch = Epoch,
        Batch = Batch,
        Loss = (Loss.Sum, Loss.Weight),
        Updates = Updates,
        Schedule = Schedule.State,
        Scaler = Scaler?.State,
        Results = Results,
        History = History,
        Named = done,
        Metric = metric,
    };
}
