using OnnxTimm.Data;

namespace OnnxTimm.Train;

public static partial class OptionParts
{
    /// <summary>What is learned.</summary>
    /// <exception cref="UserException">No such loss, or options that it does not take.</exception>
    internal static Classification Task(TrainOptions o) => Task(o, () => Unknown);

    /// <summary>What is learned.</summary>
    /// <param name="o">The options.</param>
    /// <param name="count">How often the classes occur in the data, where no file says it.</param>
    static Classification Task(TrainOptions o, Func<ClassCounts> count)
    {
        var loss = Loss(o, count);
        // Hard labels of several classes are smoothed by the loss.
        return new(LossTypes.Create(loss), loss is { MultiLabel: true, SoftTargets: false } ? 0 : loss.Smoothing);
    }

    /// <summary>Stands for counts while options are checked, before the data are there.</summary>
    static readonly ClassCounts Unknown = new([1], 2);

    /// <summary>How often each class is a label of an image.</summary>
    internal static ClassCounts Count(IDataset data)
    {
        var (counts, row) = (new double[data.Classes.Count], new float[data.Classes.Count]);
        for (var i = 0; i < data.Count; i++)
        {
            data.Targets(i, row);
            for (var c = 0; c < row.Length; c++)
                counts[c] += row[c] > 0 ? 1 : 0;
        }
        return new(counts, data.Count);
    }

    /// <summary>What is learned with a teacher beside the labels.</summary>
    /// <param name="o">The options.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="train">The images to train on.</param>
    /// <exception cref="UserException">There is no such kind of distillation.</exception>
    public static ITask Distilled(TrainOptions o, ITeacher teacher, IDataset train) =>
        new Distillation(Task(o, () => Count(train)), teacher, Distillation(o));

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
    static LossOptions Loss(TrainOptions o, Func<ClassCounts> count)
    {
        var type = o.LossType.Length > 0 ? o.LossType
            : o.JsdLoss ? "jsd"
            : o.MultiLabel || (o.BceLoss && (o.Smoothing > 0 || Mix(o) is not null)) ? "bce" : "ce";
        // Computed once, and only where something asks for it.
        var counts = new Lazy<ClassCounts>(() => o.ClassStats.Length > 0 ? ClassCounts.Read(o.ClassStats) : count());
        var isBalanced = type == "db";
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
            Weights = Weights(o, isIgnored, counts),
            MultiLabel = o.MultiLabel,
            AslClip = o.AslClip > 0 ? o.AslClip : null,
            PolyGamma = o.PolyGamma,
            PolyAlpha = o.PolyAlpha,
            TwowayTp = o.TwowayTp,
            TwowayTn = o.TwowayTn,
            DbNegScale = o.DbNegScale,
            DbInitBias = o.DbInitBias,
            DbFocalGamma = o.DbFocalGamma,
            ClassCounts = isBalanced ? counts.Value.Counts : null,
            NumSamples = isBalanced ? counts.Value.Samples : null,
            AslGammaNeg = o.AslGammaNeg,
            AslGammaPos = o.AslGammaPos,
            PolyEpsilon = o.PolyEpsilon,
        };
    }

    static LossWeights Weights(TrainOptions o, bool isIgnored, Lazy<ClassCounts> counts)
    {
        if (o.BcePosWeight is not null && o.PosWeight.Length > 0)
            throw new UserException("Either --bce-pos-weight or --pos-weight says the weight of positive targets.");
        return new(o.ClassWeight.Length > 0 ? ClassWeights.Parse(o.ClassWeight, "class_weight", counts) : null,
            o.PosWeight.Length > 0 ? ClassWeights.Parse(o.PosWeight, "pos_weight", counts)
                : o.BcePosWeight is { } weight && !isIgnored ? [weight] : null);
    }
}
