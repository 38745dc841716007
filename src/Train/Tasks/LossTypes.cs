namespace OnnxTimm.Train;

/// <summary>The losses by timm's names.</summary>
public static class LossTypes
{
    /// <summary>A loss by its name.</summary>
    /// <param name="Name">timm's name.</param>
    /// <param name="One">Makes it for one label an image; null where there is no such form.</param>
    /// <param name="Several">Makes it for several labels an image; null where there is no such form.</param>
    sealed record Row(string Name, Func<LossOptions, Classification.Measure>? One,
        Func<LossOptions, Classification.Measure>? Several);

    static readonly Row[] Table =
    [
        new("ce",     _ => Losses.SoftTargetCrossEntropy,                            null),
        new("bce",    o => Losses.BinaryCrossEntropy(o.BceSum, o.BceTargetThresh, o.Weights),
                                                                                     LabelLosses.BinaryCrossEntropy),
        new("asl",    o => Losses.Asymmetric(o.AslGammaNeg, o.AslGammaPos, o.Smoothing), LabelLosses.Asymmetric),
        new("poly",   o => Losses.Poly(o.PolyEpsilon),                               LabelLosses.Poly),
        new("jsd",    o => Losses.JensenShannon(o.JsdSplits, o.JsdAlpha),            null),
        new("twoway", null,                                                          LabelLosses.TwoWay),
        new("zlpr",   null,                                                          _ => LabelLosses.Zlpr),
        new("db",     null,                                                          LabelLosses.DistributionBalanced),
    ];

    /// <summary>What cannot be, and what is said of it.</summary>
    static readonly (Func<LossOptions, string, bool> Is, string What)[] Refusals =
    [
        ((o, type) => !o.Weights.IsNone && !(type == "bce" || (type == "asl" && o.MultiLabel)),
            "takes no weights of classes: bce does, and asl of several labels"),
        ((o, type) => (o.BceSum || o.BceTargetThresh is not null) && type != "bce",
            "takes neither --bce-sum nor --bce-target-thresh: they are bce's"),
        ((o, type) => (o.ClassCounts is not null || o.NumSamples is not null) && type != "db",
            "takes no counts of classes: they are db's"),
        ((o, type) => type == "db" && (o.ClassCounts is null || o.NumSamples is null),
            "needs the number of images of each class and of all: --class-stats"),
        ((o, type) => type == "asl" && !o.MultiLabel && o.SoftTargets,
            "takes no mixed targets with one label an image"),
        ((o, type) => type == "asl" && !o.MultiLabel && o.AslReduction != "batchmean",
            "of one label an image has the reduction batchmean alone"),
        ((o, type) => type is "twoway" or "zlpr" && (o.Smoothing > 0 || o.SoftTargets),
            "takes hard labels: neither smoothing nor mixing"),
        ((o, type) => type == "poly" && !o.MultiLabel && (o.PolyGamma != 0 || o.PolyAlpha is not null),
            "of one label an image has neither --poly-gamma nor --poly-alpha"),
        ((o, type) => type == "jsd" && o.JsdSplits < 2, "needs several views of each image: --aug-splits 2 or more"),
    ];

    /// <summary>All types of loss.</summary>
    public static IEnumerable<string> Names => Table.Select(row => row.Name);

    /// <summary>Those with a form for several labels, or for one.</summary>
    public static IEnumerable<string> NamesOf(bool multiLabel) =>
        Table.Where(row => (multiLabel ? row.Several : row.One) is not null).Select(row => row.Name);

    /// <summary>
    /// Makes a loss. With one label an image the targets are rows that the host has smoothed; with several they are as
    /// they are, and the loss smooths them.
    /// </summary>
    /// <exception cref="UserException">No such name, or options that contradict each other.</exception>
    public static Classification.Measure Create(LossOptions o)
    {
        var type = o.Type.Length > 0 ? o.Type : o.MultiLabel ? "bce" : "ce";
        var row = Table.FirstOrDefault(r => r.Name == type) ?? throw Nearest.Unknown("loss", type, Names);
        var create = (o.MultiLabel ? row.Several : row.One) ?? throw new UserException(
            $"The loss {type} is of {(o.MultiLabel ? "one label" : "several labels")} an image; of "
            + $"{(o.MultiLabel ? "several" : "one")} there are: {string.Join(", ", NamesOf(o.MultiLabel))}.");
        if (o.AslReduction is not ("batchmean" or "sum" or "mean"))
            throw new UserException($"No asl-reduction \"{o.AslReduction}\": there are batchmean, sum and mean.");
        foreach (var (isWrong, what) in Refusals)
            if (isWrong(o, type))
                throw new UserException($"The loss {type} {what}.");
        return create(o);
    }
}
