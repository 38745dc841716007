using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A training of seconds: a small network learns the colours of <see cref="Dots"/>.</summary>
static class TinyTraining
{
    public static TrainOptions Options(string folder, string name, Action<TrainOptions>? change = null)
    {
        var options = new TrainOptions
        {
            Model = "test_resnet",
            BatchSize = 16,
            GradAccumSteps = 2,
            Epochs = 4,
            WarmupEpochs = 1,
            Opt = "adamw",
            Lr = 4e-3,
            ClipGrad = 1,
            ModelEma = true,
            ModelEmaWarmup = true,
            RecoveryInterval = 3,
            CheckpointHist = 2,
            LogInterval = 2,
            Workers = 2,
            Output = folder,
            Experiment = name,
        };
        change?.Invoke(options);
        return options;
    }

    public static DataConfig Config =>
        new() { Height = 32, Width = 32, CropPct = 1, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] };

    /// <param name="options">The options.</param>
    /// <param name="view">Who watches.</param>
    /// <param name="train">Images to train on; 112 dots by default.</param>
    /// <param name="eval">Images to validate on; 40 dots by default.</param>
    public static Trainer Make(TrainOptions options, IProgress<TrainEvent> view, IDataset? train = null,
        IDataset? eval = null) => new(Parts(options, view, train, eval));

    /// <summary>What <see cref="Make"/> makes it of.</summary>
    public static TrainParts Parts(TrainOptions options, IProgress<TrainEvent> view, IDataset? train = null,
        IDataset? eval = null)
    {
        var model = Zoo.Build(options.Model,
            new() { NumClasses = 4, ImgSize = (32, 32), DropPathRate = 0.1, DropRate = 0.1 });
        var training = new Loader(train ?? new Dots(112),
            TrainTransform.Create(new() { Data = Config, HorizontalFlip = 0, Scale = new(0.8, 1) }),
            new() { BatchSize = options.BatchSize, IsTraining = true, Threads = 2 });
        var validation = new Loader(
            eval ?? new Dots(40), EvalTransform.Create(Config), new() { BatchSize = 32, Threads = 2 });
        var metadata = new Dictionary<string, string> { ["task"] = "dots" };
        return OptionParts.Of(
            options, Trainees.Of(model) with { Metadata = metadata }, training, validation, view);
    }

    /// <summary>Keeps the lines, and tells of each update.</summary>
    public sealed class View(Action<UpdateInfo>? onUpdate = null) : IProgress<TrainEvent>
    {
        public Action<UpdateInfo>? OnUpdate { get; set; } = onUpdate;

        public List<string> Lines { get; } = [];

        public void Report(TrainEvent value)
        {
            if (value is UpdateEnded end)
                OnUpdate?.Invoke(end.Update);
            if (value.Line is { } line)
                Lines.Add(line);
            if (value is EpochsEnded last)
                Lines.Add(last.Summary);
        }
    }
}
