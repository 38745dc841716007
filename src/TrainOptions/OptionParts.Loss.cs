namespace OnnxTimm.Train;

public static partial class OptionParts
{
    /// <summary>What is learned.</summary>
    /// <exception cref="UserException">No such loss, or options that it does not take.</exception>
    internal static Classification Task(TrainOptions o)
    {
        var loss = Loss(o);
        return new(LossTypes.Create(loss), loss.Smoothing);
    }

    /// <summary>What is learned with a teacher beside the labels.</summary>
    /// <param name="o">The options.</param>
    /// <param name="teacher">The teacher.</param>
    /// <exception cref="UserException">There is no such kind of distillation.</exception>
    public static ITask Distilled(TrainOptions o, ITeacher teacher) =>
        new Distillation(Task(o), teacher, Distillation(o));

    internal static DistillationOptions Distillation(TrainOptions o) => new()
    {
        Type = o.KdLossType == "kl" ? o.KdDistillType
            : throw new UserException($"No kd-loss-type \"{o.KdLossType}\": there is kl."),
        Temperature = o.KdTemperature,
        IsHard = o.KdTokenDistillType switch
        {
            "soft" => false,
            "hard" => true,
            var other => throw new UserException($"No kd-token-distill-type \"{other}\": there are soft and hard."),
        },
        TaskWeight = o.TaskLossWeight,
        Weight = o.DistillLossWeight,
    };

    /// <summary>
    /// As timm chooses: without a type jsd where it is asked for, and binary cross entropy where it is and targets are
    /// soft.
    /// </summary>
    static LossOptions Loss(TrainOptions o)
    {
        var type = o.LossType.Length > 0 ? o.LossType
            : o.JsdLoss ? "jsd"
            : o.BceLoss && (o.Smoothing > 0 || Mix(o) is not null) ? "bce" : "ce";
        // timm passes over the options of a bce that it does not choose.
        var isIgnored = o.LossType.Length == 0 && type != "bce";
        return new()
        {
            Type = type,
            Smoothing = o.Smoothing,
            SoftTargets = Mix(o) is not null,
            JsdSplits = o.AugSplits,
            BceSum = o.BceSum && !isIgnored,
            BceTargetThresh = isIgnored ? null : o.BceTargetThresh,
            Weights = Weights(o, isIgnored),
            AslGammaNeg = o.AslGammaNeg,
            AslGammaPos = o.AslGammaPos,
            PolyEpsilon = o.PolyEpsilon,
        };
    }

    static LossWeights Weights(TrainOptions o, bool isIgnored)
    {
        if (o.BcePosWeight is not null && o.PosWeight.Length > 0)
            throw new UserException("Either --bce-pos-weight or --pos-weight says the weight of positive targets.");
        var counts = o.ClassStats.Length > 0 ? ClassCounts.Read(o.ClassStats) : null;
        return new(o.ClassWeight.Length > 0 ? ClassWeights.Parse(o.ClassWeight, "class_weight", counts) : null,
            o.PosWeight.Length > 0 ? ClassWeights.Parse(o.PosWeight, "pos_weight", counts)
                : o.BcePosWeight is { } weight && !isIgnored ? [weight] : null);
    }
}
