namespace OnnxTimm.Models;

/// <summary>
/// One network while it is built: the options in force, the maps that are worth naming, its blocks' places, its heads.
/// </summary>
public sealed partial class Net(ModelOptions options, Pretrained record)
{
    readonly List<NamedMap> taps = [];
    readonly List<PositionEmbedding> positions = [];
    readonly List<string> unused = [];

    public ModelOptions Options => options;

    /// <summary>The pretrained record whose defaults are in force.</summary>
    public Pretrained Record => record;

    /// <summary>What the family says of the variant.</summary>
    public FamilyFacts Facts { get; internal set; } = new(new LayerGroups(""));

    public int NumClasses { get; } = options.NumClasses ?? record.NumClasses;

    /// <summary>Stochastic depth of the last block.</summary>
    public double DropPathRate => options.DropPathRate ?? Facts.DropPathRate;

    /// <summary>The maps at the ends of stages or blocks, in order: timm's forward_intermediates.</summary>
    public IReadOnlyList<NamedMap> Taps => taps;

    /// <summary>Parameters that belong to a grid of positions, and are resampled for another size of image.</summary>
    public IReadOnlyList<PositionEmbedding> Positions => positions;

    /// <summary>
    /// Names, with * as a wildcard, of weights that files of this network hold and the network does not.
    /// </summary>
    public IReadOnlyList<string> Unused => unused;

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
