namespace OnnxTimm.Models;

/// <summary>
/// One network while it is built: the options in force, the maps that are worth naming, and the head that all share.
/// </summary>
public sealed class Net(ModelOptions options, Pretrained record)
{
    readonly List<NamedMap> taps = [];
    readonly List<PositionEmbedding> positions = [];
    readonly List<string> unused = [];

    public ModelOptions Options => options;

    /// <summary>The pretrained record whose defaults are in force.</summary>
    public Pretrained Record => record;

    public int NumClasses { get; } = options.NumClasses ?? record.NumClasses;

    /// <summary>The maps at the ends of stages or blocks, in order: timm's forward_intermediates.</summary>
    public IReadOnlyList<NamedMap> Taps => taps;

    /// <summary>Parameters that belong to a grid of positions, and are resampled for another size of image.</summary>
    public IReadOnlyList<PositionEmbedding> Positions => positions;

    /// <summary>
    /// Names, with * as a wildcard, of weights that files of this network hold and the network does not.
    /// </summary>
    public IReadOnlyList<string> Unused => unused;

    /// <summary>Which taps features_only gives unless asked otherwise; all when null.</summary>
    public int[]? DefaultIndices { get; set; }

    /// <summary>Stochastic depth of the network's own, for those who leave it to the network.</summary>
    public double DefaultDropPathRate { get; set; }

    /// <summary>Stochastic depth of the last block.</summary>
    public double DropPathRate => options.DropPathRate ?? DefaultDropPathRate;

    /// <summary>The unpooled result: timm's forward_features.</summary>
    public Value? Features { get; private set; }

    /// <summary>What the classifier reads: timm's forward_head(pre_logits=True).</summary>
    public Value? PreLogits { get; private set; }

    /// <summary>Names a map and hands it on.</summary>
    public Value Tap(string module, Value map)
    {
        taps.Add(new(module, () => map));
        return map;
    }

    /// <summary>Names tokens, of which a map is made when somebody asks for it, and hands the tokens on.</summary>
    public Value Tap(string module, Value tokens, Func<Value, Value> map)
    {
        taps.Add(new(module, () => map(tokens)));
        return tokens;
    }

    /// <summary>Marks a parameter as the embedding of a grid of positions and hands it on.</summary>
    public Value Position(PositionEmbedding embedding, Value parameter)
    {
        positions.Add(embedding);
        return parameter;
    }

    /// <summary>Says that files hold weights, named with * as a wildcard, that this network leaves out.</summary>
    public void LeaveOut(string names) => unused.Add(names);

    /// <summary>Marks the unpooled result and hands it on.</summary>
    public Value Unpooled(Value x) => Features = x;

    /// <summary>
    /// Dropout and the classifier over pooled features [N, D]; the features themselves for 0 classes.
    /// </summary>
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

    /// <summary>The same with a 1x1 convolution as the classifier; without pooling it classifies every pixel.</summary>
    public Value ConvHead(Scope s, Value map, string pool = "avg")
    {
        var pooled = Pooling.Named(options.GlobalPool ?? pool)(map);
        PreLogits = pooled;
        if (NumClasses == 0)
            return pooled;
        var x = pooled.Dropout(options.DropRate);
        return pooled.Shape.Rank == 4
            ? x.Conv(s, NumClasses, k: 1)
            : x.Reshape(x.Shape[0], x.Channels, 1, 1).Conv(s, NumClasses, k: 1).Flatten();
    }

    /// <summary>Stochastic depth grows linearly over the blocks.</summary>
    public double DropPath(int block, int blocks) => DropPathRate * block / Math.Max(1, blocks - 1);
}

/// <summary>A map at the end of a stage or block; one that has to be computed is, when it is first read.</summary>
/// <param name="module">Name of the stage or block.</param>
/// <param name="map">Emits the map [N, C, H, W].</param>
public sealed class NamedMap(string module, Func<Value> map)
{
    public string Module => module;

    public Value Map => field ??= map();

    public void Deconstruct(out string name, out Value value) => (name, value) = (Module, Map);
}
