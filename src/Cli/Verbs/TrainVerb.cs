using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Verbs;

sealed class TrainVerb : TrainOptions, IVerb
{
    /// <summary>
    /// Reads the flags, over the options of a <c>--config</c> file or of the run that is resumed, over timm's defaults.
    /// </summary>
    public static IVerb? Parse(VerbRow row, string[] args, Streams streams)
    {
        if (Arguments.Of(row, args, streams, () => new TrainVerb()) is not { } given)
            return null;
        if (given.Defaults() is not { } file)
            return Over(new(), given);
        var defaults = new TrainOptions();
        OptionFiles.Parse(file.Text, file.Place, defaults);
        // What there is to say about the flags was said the first time.
        return Over(defaults, Arguments.Of(row, args, streams with { Error = TextWriter.Null }, () =>
        {
            var verb = new TrainVerb();
            if (given.Config.Length > 0)
                OptionFiles.Parse(file.Text, file.Place, verb);
            else
            {
                RunOptions.Parse(file.Text, file.Place, verb);
                // A run goes on in its own folder, wherever that was moved.
                (verb.Output, verb.Experiment) = ("", "");
            }
            return verb;
        })!);
    }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    [Option("dry-run", HelpText = "Trains nothing: says what the data are, how the training goes and how long, and "
        + "shows the first batch in augmentation.png and the learning rate in schedule.png, in the folder of --output "
        + "or here. It fails where the training would not begin.")]
    public bool DryRun { get; set; }

    public bool Stops => true;

    public int Run(Streams streams)
    {
        Check();
        using var train = OptionParts.Train(this);
        using var eval = OptionParts.Eval(this, train.Classes);
        using var loaded = ModelLoader.Load(Request(train.Classes.Count), streams);
        if (Resume.Length == 0)
            loaded.Tell(streams.Error, "--initial-checkpoint or --pretrained");
        foreach (var remark in train.Remarks.Concat(eval?.Remarks ?? []).Distinct())
            streams.Error.WriteLine($"onnxtimm: {remark}");
        var config = OptionParts.Config(this, loaded.Card.Preprocess);
        var card = Cards.Of(loaded.Model) with
        {
            Preprocess = config,
            Labels = train.Classes,
            IsMultiLabel = MultiLabel,
        };
        using var teacher = KdModelName.Length > 0 ? OpenTeacher(loaded, config, streams) : null;
        using var view = TrainView.Open(streams);
        view.Tell($"Model {loaded.Model.Record.Architecture} created, param count:{loaded.Model.ParamCount}");
        foreach (var line in config.Describe())
            view.Tell(line);
        var trainee = FineTune.Trainee(loaded.Model) with { Metadata = card.ToMetadata() };
        if (teacher is not null && KdDistillType == "feature")
            trainee = Distilled(trainee, loaded.Model, teacher.Width);
        var validation = eval is null ? null : OptionParts.EvalBatches(this, eval, config);
        IProgress<TrainEvent> events = NoReport ? view : new TrainReport(view, Repeat(), MultiLabelThreshold);
        var parts = OptionParts.Of(this, trainee, OptionParts.TrainBatches(this, train, config), validation, events);
        if (teacher is not null)
            parts = parts with { Task = OptionParts.Distilled(this, teacher, train) };
        if (DryRun)
            return Show(parts, config, view);
        using var trainer = new Trainer(parts);
        using var stop = new Interrupt();
        if (!trainer.Run(stop.Token))
        {
            view.Tell($"Go on:      {ShellText.Command("train", "--resume", ShellText.Here(trainer.Folder))}");
            return ExitCode.Stopped;
        }
        view.End();
        foreach (var line in RunEnd.Lines(this, trainer, train.Count, validates: eval is not null))
            view.Tell(line);
        return ExitCode.Ok;
    }

    /// <summary>The command that trains the same anew, in a folder of its own.</summary>
    string Repeat() => ShellText.Command(["train", .. FlagText.Of(this, new TrainVerb(),
        "config", "resume", "no-resume-opt", "start-epoch", "experiment")]);

    int Show(TrainParts parts, DataConfig config, TrainView view)
    {
        var plan = TrainPlan.Of(parts);
        foreach (var line in PlanText.Lines(plan, parts, Sched))
            view.Tell(line);
        Keep("augmentation.png", AugmentationSheet.Draw(parts, config));
        Keep("schedule.png", Curves.DrawRates(plan.Rates));
        return ExitCode.Ok;

        void Keep(string name, byte[] picture)
        {
            var path = Path.GetFullPath(Path.Combine(Output, name));
            WriteBeside.Write(path, picture);
            view.Tell($"Wrote {path}");
        }
    }

    Teacher OpenTeacher(LoadedModel student, DataConfig config, Streams streams) => Teacher.Open(
        new(KdModelName, KdPretrainedPath.Length > 0 ? KdPretrainedPath : null, config, BatchSize,
            student.Model.Net.NumClasses, KdDistillType == "feature", OptionParts.Runtime(this)),
        streams, text => streams.Error.WriteLine($"onnxtimm: {text}"));

    Trainee Distilled(Trainee trainee, Model model, int width)
    {
        var features = model.Net.JoinedPreLogits();
        CheckWidth("student", KdStudentFeatureDim, (int)features.Features);
        CheckWidth("teacher", KdTeacherFeatureDim, width);
        return Distillation.WithFeatures(trainee, features, width);
    }

    static void CheckWidth(string whose, int? said, int width)
    {
        if (said is not null && said != width)
            throw new UserException(
                $"--kd-{whose}-feature-dim {said}: the {whose}'s features have a width of {width}.");
    }

    static TrainVerb Over(TrainOptions defaults, TrainVerb verb)
    {
        OptionFiles.FillLists(defaults, verb);
        return verb;
    }

    /// <summary>The options below the flags and where they stand; null for none.</summary>
    (string Text, string Place)? Defaults() => Config.Length > 0 ? (OptionFiles.Text(Config), Config)
        : Resume.Length > 0 ? RunOptions.Of(Resume)
        : null;

    internal ModelRequest Request(int classes)
    {
        var size = NetworkArguments.SizeOf(InputSize, ImgSize, InChans);
        return new(Model)
        {
            Checkpoint = PretrainedPath ?? (InitialCheckpoint.Length > 0 ? InitialCheckpoint : null),
            Adapts = true,
            Pretrained = Pretrained,
            UseEma = true,
            Options = new()
            {
                NumClasses = NumClasses ?? classes,
                ImgSize = size.Image,
                InChans = size.Channels,
                MaxSeqLen = NaflexLoader ? NaflexMaxSeqLen : null,
                GlobalPool = Gp,
                OutputStride = NetworkArguments.StrideOf(ModelKwargs),
                DropRate = Drop,
                DropPathRate = DropPath,
                DropBlockRate = DropBlock ?? 0,
                BnMomentum = BnMomentum,
                BnEps = BnEps,
                Seed = (ulong)Seed,
            },
        };
    }
}
