using System.Globalization;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>From options to the parts of a training, by the rules of timm's train.py.</summary>
static class TrainSetup
{
    /// <summary>The learning rate: as given, or by the images of an update.</summary>
    public static double Lr(TrainOptions o)
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
            _ => throw new UserException($"No lr-base-scale \"{scale}\": there are linear and sqrt."),
        };
    }

    public static Optimizer Optimizer(TrainOptions o)
    {
        var given = KeyValues.Parse(o.OptKwargs, "option of an optimizer");
        if (o.OptEps is { } eps)
            given.TryAdd("eps", PythonText.Repr(eps));
        if (o.OptBetas.Any())
            given.TryAdd("betas", $"[{string.Join(", ", o.OptBetas.Select(PythonText.Repr))}]");
        return Optimizers.Create(o.Opt, given, o.Momentum);
    }

    public static ParamGroup[] Groups(TrainOptions o, Trainee trainee) => o.LayerDecay is { } factor
        ? ParamGroups.ByLayer(trainee, o.WeightDecay, factor, o.LayerDecayMinScale, o.LayerDecayNoOptScale)
        : ParamGroups.ByDecay(trainee, o.WeightDecay);

    public static Schedule Schedule(TrainOptions o, double lr, int updatesPerEpoch, bool decreasing) =>
        Schedules.Create(new()
        {
            Sched = o.Sched,
            Epochs = o.Epochs,
            DecayEpochs = o.DecayEpochs,
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
            NoiseSeed = o.Seed,
            CycleMul = o.LrCycleMul,
            CycleDecay = o.LrCycleDecay,
            CycleLimit = o.LrCycleLimit,
            KDecay = o.LrKDecay,
            DecreasingMetric = decreasing,
            OnUpdates = o.SchedOnUpdates,
            UpdatesPerEpoch = updatesPerEpoch,
        }, lr);

    /// <summary>As timm chooses: binary cross entropy only where targets are soft.</summary>
    public static StepGraph.Loss Loss(TrainOptions o) => o.BceLoss && o.Smoothing > 0
        ? Losses.BinaryCrossEntropy(o.BceSum, o.BceTargetThresh, o.BcePosWeight ?? 1)
        : Losses.SoftTargetCrossEntropy;

    public static Ema? Ema(TrainOptions o, params FlatTensors[] weights) =>
        o.ModelEma ? new(new(o.ModelEmaDecay) { Warmup = o.ModelEmaWarmup }, weights) : null;

    /// <summary>Changes the classifier's initial weights.</summary>
    public static void Head(TrainOptions o, Trainee trainee, FlatTensors parameters)
    {
        foreach (var name in trainee.Head.Where(parameters.Layout.Contains))
        {
            foreach (ref var x in parameters[name].Span)
                x *= (float)(o.HeadInitScale ?? 1);
            if (o.HeadInitBias is { } bias && name.EndsWith(".bias", StringComparison.Ordinal))
                parameters[name].Span.Fill((float)bias);
        }
    }

    /// <summary>Labels must be classes of the network, and mean the same in both sets.</summary>
    public static void CheckLabels(Trainee trainee, IDataset train, IDataset? eval)
    {
        var classes = trainee.Graph.Find("logits") is { } logits ? logits.Features : 0;
        foreach (var (set, name) in new[] { (train, "training"), (eval, "validation") })
            for (var i = 0; i < set?.Count; i++)
                if (set.Label(i) < 0 || set.Label(i) >= classes)
                    throw new UserException($"\"{set.Name(i)}\" of the {name} set has the label {set.Label(i)}; "
                        + $"{trainee.Architecture} has {classes} classes.");
        if (eval is not null && !eval.Classes.SequenceEqual(train.Classes))
            throw new UserException("The sets have different classes, so that a label would mean two things: "
                + $"training has {List(train.Classes.Except(eval.Classes))} alone, "
                + $"validation {List(eval.Classes.Except(train.Classes))}. Give --class-map.");

        static string List(IEnumerable<string> names) => names.Any() ? string.Join(", ", names.Take(5)) : "none";
    }

    /// <summary>Takes the folder of a run: of its own name, or that of the checkpoint that it goes on from.</summary>
    /// <exception cref="UserException">Another training has it or has left its files there.</exception>
    public static RunFiles Claim(TrainOptions o, Trainee trainee)
    {
        var origin = o.Resume.Length > 0 ? CheckpointFolder.Of(o.Resume) : null;
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder(o, trainee, origin, DateTime.Now)));
        return RunFiles.Claim(folder, isNamed: o.Experiment.Length > 0 || folder == origin, folder == origin);
    }

    static string Folder(TrainOptions o, Trainee trainee, string? origin, DateTime now)
    {
        if (origin is not null && o is { Output: "", Experiment: "" })
            return origin;
        var name = o.Experiment.Length > 0 ? o.Experiment
            : string.Create(CultureInfo.InvariantCulture,
                $"{now:yyyyMMdd-HHmmss}-{trainee.Architecture}-{trainee.ImageSize}");
        return Path.Combine(o.Output.Length > 0 ? o.Output : Path.Combine("output", "train"), name);
    }
}
