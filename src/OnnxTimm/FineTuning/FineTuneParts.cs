using System.Globalization;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>The parts that a fine-tuning is made of.</summary>
static class FineTuneParts
{
    public static TrainParts Of(FineTuneOptions o, FineTuneImages images, LoadedModel loaded,
        IProgress<TrainEvent> events)
    {
        var config = loaded.Card.Preprocess;
        var card = Cards.Of(loaded.Model) with { Preprocess = config, Labels = images.Train.Classes };
        var trainee = FineTune.Trainee(loaded.Model) with { Metadata = card.ToMetadata() };
        var weights = new WeightSelection(trainee.Graph, [], o.HeadOnly ? trainee.Head : []);
        return new()
        {
            Trainee = trainee,
            Batches = new(images.Train, Augmented(o, config), new()
            {
                BatchSize = Math.Min(o.BatchSize, images.Train.Count),
                IsTraining = true,
                Seed = (ulong)o.Seed,
            }),
            Validation = images.Validation is not { } validation ? null
                : new(validation, EvalTransform.Create(config), new() { BatchSize = o.BatchSize }),
            Task = new Classification(Losses.SoftTargetCrossEntropy, smoothing: 0.1),
            Weights = weights,
            Keeping = o.GradCheckpointing ? Keepings.Borders(trainee) : Keepings.Costly,
            Groups = ParamGroups.ByDecay(trainee, o.WeightDecay).Among(weights),
            Optimizer = Optimizers.Create("adamw"),
            Lr = o.Rate,
            Schedule = updates => Schedules.Create(new()
            {
                Epochs = o.Epochs,
                OnUpdates = true,
                UpdatesPerEpoch = updates,
            }, o.Rate),
            Policy = Policy(o, trainee, images),
            Runtime = o.Runtime,
            Events = events,
        };
    }

    static TrainTransform Augmented(FineTuneOptions o, DataConfig config) => TrainTransform.Create(new()
    {
        Data = config,
        Scale = new(o.SmallestCrop, 1),
        HorizontalFlip = o.Flip,
        Filters = [config.Interpolation],
    });

    static RunPolicy Policy(FineTuneOptions o, Trainee trainee, FineTuneImages images)
    {
        var name = string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.Now:yyyyMMdd-HHmmss}-{trainee.Architecture}-{trainee.ImageSize}");
        var folder = o.Folder ?? Path.Combine("output", "train", name);
        var goesOn = o.Folder is not null && Directory.Exists(folder)
            && Directory.EnumerateFiles(folder, "*" + TrainCheckpoint.Extension).Any();
        return new()
        {
            Place = new(folder, IsNamed: o.Folder is not null, IsResumed: goesOn),
            Resume = goesOn ? folder : null,
            Args = Args(o, trainee),
            Seed = o.Seed,
            Checkpoints = 3,
            EarlyStop = o.EarlyStop,
            Metric = images.Validation is null ? "loss" : "top1",
        };
    }

    /// <summary>The options under train.py's keys.</summary>
    static string Args(FineTuneOptions o, Trainee trainee) => string.Create(CultureInfo.InvariantCulture, $"""
        batch_size: {o.BatchSize}
        epochs: {o.Epochs}
        hflip: {o.Flip}
        lr: {o.Rate}
        model: {trainee.Architecture}
        opt: adamw
        sched_on_updates: true
        seed: {o.Seed}
        train_head_only: {(o.HeadOnly ? "true" : "false")}
        warmup_epochs: 0
        weight_decay: {o.WeightDecay}

        """);
}
