namespace OnnxTimm.Train;

// What the options make of the network.
public static partial class OptionParts
{
    /// <summary>The type of products.</summary>
    /// <exception cref="UserException">No such type.</exception>
    internal static DType Precision(TrainOptions o)
    {
        var type = HalfTypes.TryGetValue(o.AmpDtype, out var half) ? half
            : throw Nearest.Unknown("amp-dtype", o.AmpDtype, HalfTypes.Keys);
        return o.Amp ? type : DType.Float32;
    }

    /// <summary>The looks that have batch norms of their own, as many parts of each batch.</summary>
    /// <exception cref="UserException">There are no such looks, or no equal parts.</exception>
    internal static int Looks(TrainOptions o) => o switch
    {
        { SplitBn: false } => 1,
        { AugSplits: 0, Resplit: false } => throw new UserException("--split-bn norms the looks at an image apart: "
            + "give --aug-splits 2 or more, or --resplit."),
        { FreezeBn: true } => throw new UserException("--split-bn trains several batch norms for one, and --freeze-bn "
            + "none: either, not both."),
        { AugSplits: 0 } when (Sizes(o)?.BatchSizes ?? [o.BatchSize]).FirstOrDefault(size => size % 2 != 0) is not 0
            and var odd => throw new UserException("--split-bn norms the halves of a batch apart: "
                + $"--{(o.TrainBatchSizes.Any() ? "train-batch-sizes" : "batch-size")} {odd} is odd."),
        _ => Math.Max(o.AugSplits, 2),
    };

    static readonly SortedDictionary<string, DType> HalfTypes = new(StringComparer.Ordinal)
    {
        ["bfloat16"] = DType.BFloat16,
        ["float16"] = DType.Float16,
    };

    /// <summary>Weights and running statistics of the batch norms.</summary>
    static string[] Norms(Trainee trainee) =>
        trainee.Graph.Nodes.Where(n => n.Op == "BatchNormalization").SelectMany(n => n.In.Skip(1).Take(4))
            .Select(v => v!.Name).ToArray() is { Length: > 0 } names ? names
            : throw new UserException($"--freeze-bn: {trainee.Architecture} has no batch norms.");

    /// <summary>Changes the classifier's initial weights.</summary>
    static void StartHead(TrainOptions o, Trainee trainee)
    {
        foreach (var weight in trainee.Head.Select(name => trainee.Graph.Find(name)).OfType<Value>())
        {
            if (o.HeadInitScale is { } scale)
                Set(weight, x => x * (float)scale);
            if (o.HeadInitBias is { } bias && weight.Name.EndsWith(".bias", StringComparison.Ordinal))
                Set(weight, _ => (float)bias);
        }

        static void Set(Value weight, Func<float, float> change) =>
            weight.Data = Tensor.Of([.. weight.Data!.ToFloats().Select(change)], weight.Shape.Sizes);
    }
}
