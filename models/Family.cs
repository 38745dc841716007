using System.Collections;

namespace OnnxTimm.Models;

/// <summary>A family of models as the rest of the program sees it.</summary>
public interface IFamily
{
    /// <summary>timm's module, such as "resnet".</summary>
    string Module { get; }

    /// <summary>Architecture names in the order of the table.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>How parameters are told apart by depth, for layer-wise learning rates.</summary>
    LayerGroups Groups { get; }

    /// <summary>Parameters without weight decay beside those that nobody decays.</summary>
    string[] NoWeightDecay(string name);

    /// <summary>Emits the network of a name over an image and returns its logits.</summary>
    Value Build(string name, Net net, Scope s, Value image);
}

/// <summary>timm's group_matcher: what belongs to the stem, and which number makes the layer.</summary>
/// <param name="Stem">Pattern of the names of the first group.</param>
/// <param name="Blocks">Patterns, each with groups that capture layer numbers, or with a fixed number.</param>
public sealed record LayerGroups(string Stem, params (string Pattern, int[]? Ordinal)[] Blocks)
{
    /// <summary>timm's number for parameters that belong to the layer before them.</summary>
    public const int Previous = 99999;
}

/// <summary>
/// The table of a family's variants: one row is a name and its configuration. A name that is there already throws.
/// </summary>
/// <typeparam name="TConfig">The family's configuration record.</typeparam>
/// <param name="module">timm's module.</param>
/// <param name="build">The paper, as a function.</param>
/// <param name="layers">What the family's code base assumes of its layers.</param>
/// <param name="groups">How its parameters are told apart by depth.</param>
/// <param name="noDecay">timm's no_weight_decay of a variant; none by default.</param>
public sealed class Family<TConfig>(string module, Family<TConfig>.Builder build, Func<TConfig, LayerDefaults> layers,
    LayerGroups groups, Func<TConfig, string[]>? noDecay = null) : IFamily,
    IEnumerable<KeyValuePair<string, TConfig>>
{
    /// <summary>Emits a network over an image [N, C, H, W]; returns logits [N, classes].</summary>
    public delegate Value Builder(TConfig c, Net net, Scope s, Value image);

    readonly Dictionary<string, TConfig> table = [];

    public string Module => module;

    public IEnumerable<string> Names => table.Keys;

    public LayerGroups Groups => groups;

    public TConfig this[string name] => table[name];

    public void Add(string name, TConfig config) => table.Add(name, config);

    public string[] NoWeightDecay(string name) => noDecay?.Invoke(table[name]) ?? [];

    public Value Build(string name, Net net, Scope s, Value image) => Build(table[name], net, s, image);

    /// <summary>The same of a configuration that has no name: a variant of one's own.</summary>
    public Value Build(TConfig config, Net net, Scope s, Value image)
    {
        var assumed = layers(config);
        return build(config, net, s.With(assumed with
        {
            BatchNormEps = net.Options.BnEps ?? assumed.BatchNormEps,
            BatchNormMomentum = net.Options.BnMomentum ?? assumed.BatchNormMomentum,
        }), image);
    }

    public IEnumerator<KeyValuePair<string, TConfig>> GetEnumerator() => table.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
