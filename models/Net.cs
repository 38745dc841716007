namespace OnnxTimm.Models;

/// <summary>
/// One network while it is built: the options in force, the maps that are worth naming, and the head that all share.
/// </summary>
public sealed class Net(ModelOptions options, Pretrained record)
{
    readonly List<(string Module, Value Map)> taps = [];

    public ModelOptions Options => options;

    /// <summary>The pretrained record whose defaults are in force.</summary>
    public Pretrained Record => record;

    public int NumClasses { get; } = options.NumClasses ?? record.NumClasses;

    /// <summary>The maps at the ends of stages or blocks, in order: timm's forward_intermediates.</summary>
    public IReadOnlyList<(string Module, Value Map)> Taps => taps;

    /// <summary>Which taps features_only gives unless asked otherwise; all when null.</summary>
    public int[]? DefaultIndices { get; set; }

    /// <summary>The unpooled result: timm's forward_features.</summary>
    public Value? Features { get; private set; }

    /// <summary>What the classifier reads: timm's forward_head(pre_logits=True).</summary>
    public Value? PreLogits { get; private set; }

    /// <summary>Names a map and hands it on.</summary>
    public Value Tap(string module, Value map)
    {
        taps.Add((module, map));
        return map;
    }

    /// <summary>Marks the unpooled result and hands it on.</summary>
    public Value Unpooled(Value x) => Features = x;

    /// <summary>Dropout and the classifier over pooled features [N, D]; the features themselves for 0 classes.</summary>
    public Value Classify(Scope s, Value pooled)
    {
        PreLogits = pooled;
        return NumClasses == 0 ? pooled : pooled.Dropout(options.DropRate).Linear(s, NumClasses);
    }

    /// <summary>Pools a map and classifies: the head of most convolutional networks.</summary>
    public Value Head(Scope s, Value map, string pool = "avg")
    {
        var pooled = Pooling.Named(options.GlobalPool ?? pool)(map);
        if (pooled.Shape.Rank == 2)
            return Classify(s, pooled);
        PreLogits = pooled;
        return NumClasses == 0 ? pooled : throw new UserException(
            "Without pooling (global_pool '') there is no classifier: ask for 0 classes.");
    }

    /// <summary>Stochastic depth grows linearly over the blocks.</summary>
    public double DropPath(int block, int blocks) => options.DropPathRate * block / Math.Max(1, blocks - 1);
}
