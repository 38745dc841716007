using System.Globalization;
using OnnxTimm.Data;
using OnnxTimm.Train.TensorBoard;

namespace OnnxTimm.Train;

/// <summary>
/// From options to the parts of a training, by the rules of timm's train.py: the only place that knows both.
/// </summary>
public static partial class OptionParts
{
    /// <summary>Makes the parts.</summary>
    /// <param name="o">The options; every number is checked.</param>
    /// <param name="trainee">The network, whose classifier may be given other initial weights.</param>
    /// <param name="train">Batches to train on.</param>
    /// <param name="eval">Batches to validate on; null for none.</param>
    /// <param name="events">Who watches.</param>
    /// <exception cref="UserException">Something in the options cannot be.</exception>
    public static TrainParts Of(
        TrainOptions o, Trainee trainee, Loader train, Loader? eval, IProgress<TrainEvent> events)
    {
        o.Check();
        StartHead(o, trainee);
        if (o.SplitBn)
            trainee = SplitBatchNorm.Apply(trainee, Looks(o));
        var weights = new WeightSelection(trainee.Graph, [.. o.Frozen, .. o.FreezeBn ? Norms(trainee) : []],
            o.TrainHeadOnly ? trainee.Head : []);
        var (lr, metric) = (Lr(o), eval is null ? "loss" : o.Metric);
        foreach (var remark in Remarks(o, lr))
            events.Tell(remark);
        return new()
        {
            Trainee = trainee,
            Batches = train,
            Validation = eval,
            Precision = Precision(o),
            Mix = Mix(o),
            BatchWeight = BatchWeight(o),
            Task = Task(o, () => Count(train.Data)),
            Weights = weights,
            Keeping = o.GradCheckpointing ? Keepings.Borders(trainee) : Keepings.Costly,
            Groups = Groups(o, trainee, weights),
            Gradients = o.ClipGrad is { } limit
                ? [GradientSteps.Clip(o.ClipMode, limit, [.. trainee.Params.TakeLast(2)])] : [],
            Optimizer = Optimizer(o),
            Lr = lr,
            Schedule = updates => Schedule(o, lr, updates, decreasing: metric == "loss"),
            Average = o.ModelEma ? new(o.ModelEmaDecay) { Warmup = o.ModelEmaWarmup } : null,
            Policy = Policy(o, trainee, metric),
            Runtime = Runtime(o) with { Placed = Fallbacks(events) },
            Events = o.LogTensorboard ? new EventLog(events, Pictures.OfBatch, o.LogHistograms) : events,
            Evaluator = (parts, loader) => new Evaluator(parts.Trainee, loader, parts.Runtime, parts.Events,
                parts.Policy.LogInterval, o.MultiLabelThreshold),
        };
    }

    /// <summary>The optimizer, with what its options give it.</summary>
    public static Optimizer Optimizer(TrainOptions o)
    {
        var given = KeyValues.Parse(o.OptKwargs, "option of an optimizer");
        given.Remove(FallbackKey);
        if (o.OptEps is { } eps)
            given.TryAdd("eps", PythonText.Repr(eps));
        if (o.OptBetas.Any())
            given.TryAdd("betas", $"[{string.Join(", ", o.OptBetas.Select(PythonText.Repr))}]");
        return Optimizers.Create(o.Opt, given, o.Momentum);
    }

    /// <summary>What is taken otherwise than somebody may have meant it, as timm takes it.</summary>
    static IEnumerable<string> Remarks(TrainOptions o, double lr)
    {
        if (o.Lr == 0)
            yield return $"--lr 0 stands for none, as in timm: {PythonText.Repr(lr)} follows from --lr-base "
                + $"{PythonText.Repr(o.LrBase)} and {o.BatchSize * o.GradAccumSteps} images an update.";
        if (o.EpochRepeats > 0 && !IsStreamed(o))
            yield return "--epoch-repeats changes nothing here: as in timm it is for wds/ and hfids/; "
                + "--train-batches-per-epoch makes any epoch longer.";
    }

    /// <summary>The learning rate: as given, or by the images of an update; 0 counts as not given.</summary>
    internal static double Lr(TrainOptions o)
    {
        if (o.Lr is > 0)
            return o.Lr.Value;
        var scale = o.LrBaseScale.Length > 0 ? o.LrBaseScale
            : o.Opt.Contains("ada", StringComparison.OrdinalIgnoreCase)
                || o.Opt.Contains("lamb", StringComparison.OrdinalIgnoreCase)
            ? "sqrt" : "linear";
        var ratio = (double)o.BatchSize * o.GradAccumSteps / o.LrBaseSize;
        return o.LrBase * scale switch
        {
            "linear" => ratio,
            "sqrt" => Math.Sqrt(ratio),
            _ => throw Nearest.Unknown("lr-base-scale", scale, "linear", "sqrt"),
        };
    }

    /// <summary>The option of an optimizer that has wildcards of what its fallback updates.</summary>
    const string FallbackKey = "fallback_list";

    /// <summary>The groups of what is trained.</summary>
    static ParamGroup[] Groups(TrainOptions o, Trainee trainee, WeightSelection weights)
    {
        var falls = Wildcard.AnyOf((KeyValues.Parse(o.OptKwargs, "option of an optimizer")
            .GetValueOrDefault(FallbackKey) ?? "").Split([',', ' ', '[', ']', '(', ')', '\'', '"'],
                StringSplitOptions.RemoveEmptyEntries));
        var groups = o.LayerDecay is { } factor
            ? ParamGroups.ByLayer(trainee, o.WeightDecay, factor, o.LayerDecayMinScale, o.LayerDecayNoOptScale)
            : ParamGroups.ByDecay(trainee, o.WeightDecay);
        return [.. groups.Among(weights).SelectMany(g => g.Names.GroupBy(falls, (fallback, names) =>
            g with { Names = [.. names], UsesFallback = fallback }))];
    }

    internal static Schedule Schedule(TrainOptions o, double lr, int updatesPerEpoch, bool decreasing) =>
        Schedules.Create(new()
        {
            Sched = o.Sched,
            Epochs = o.Epochs,
            DecayEpochs = o.DecayEpochs,
            DecayFn = o.DecayFn,
            StableTimescale = o.StableTimescale,
            DecayMilestones = [.. o.DecayMilestones],
            CooldownEpochs = o.CooldownEpochs,
            PatienceEpochs = o.PatienceEpochs,
            DecayRate = o.DecayRate,
            MinLr = o.MinLr,
            WarmupLr = o.WarmupLr,
            WarmupEpochs = o.WarmupEpochs,
            WarmupPrefix = o.WarmupPrefix,
            Noise = [.. o.LrNoise],
            NoisePct = o.LrNoisePct,
            NoiseStd = o.LrNoiseStd,
            NoiseSeed = o.Seed,
            CycleMul = o.LrCycleMul,
            CycleDecay = o.LrCycleDecay,
            CycleLimit = o.LrCycleLimit,
            KDecay = o.LrKDecay,
            DecreasingMetric = decreasing,
            OnUpdates = o.SchedOnUpdates,
            UpdatesPerEpoch = updatesPerEpoch,
        }, lr);

    static RunPolicy Policy(TrainOptions o, Trainee trainee, string metric) => new()
    {
        Place = Place(o, trainee, DateTime.Now),
        Args = OptionFiles.Write(o),
        Curves = Curves.Draw,
        Pictures = o.SaveImages ? Pictures.OfBatch : null,
        Seed = o.Seed,
        BatchesPerUpdate = o.GradAccumSteps,
        LogInterval = o.LogInterval,
        ValInterval = o.ValInterval,
        RecoveryInterval = o.RecoveryInterval,
        Checkpoints = o.CheckpointHist,
        Metric = metric,
        EarlyStop = o.EarlyStop,
        Resume = o.Resume.Length > 0 ? o.Resume : null,
        ResumesOptimizer = !o.NoResumeOpt,
        StartEpoch = o.StartEpoch,
    };

    /// <summary>The folder of a run: of its own name, or that of the checkpoint that it goes on from.</summary>
    static RunPlace Place(TrainOptions o, Trainee trainee, DateTime now)
    {
        var origin = o.Resume.Length > 0 ? CheckpointFolder.Of(o.Resume) : null;
        if (origin is not null && o is { Output: "", Experiment: "" })
            return new(origin, IsNamed: true, IsResumed: true);
        var name = o.Experiment.Length > 0 ? o.Experiment
            : string.Create(CultureInfo.InvariantCulture,
                $"{now:yyyyMMdd-HHmmss}-{trainee.Architecture}-{trainee.ImageSize}");
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(
            Path.Combine(o.Output.Length > 0 ? o.Output : Path.Combine("output", "train"), name)));
        return new(folder, IsNamed: o.Experiment.Length > 0 || folder == origin, IsResumed: folder == origin);
    }
}
