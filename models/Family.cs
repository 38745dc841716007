using System.Collections;

namespace OnnxTimm.Models;

/// <summary>A family of models as the rest of the program sees it.</summary>
public interface IFamily
{
    /// <summary>timm's module, such as "resnet".</summary>
    string Module { get; }

    /// <summary>Architecture names in the order of the table.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>What is known of a variant beside its network.</summary>
    FamilyFacts Facts(string name);

    /// <summary>Emits the network of a name over an image and returns its logits.</summary>
    Value Build(string name, Net net, Scope s, Value image);
}

/// <summary>
/// The table of a family's variants: one row is a name, or several that differ in nothing, and its configuration. A
/// name that is there already throws.
/// </summary>
/// <typeparam name="TConfig">The family's configuration record.</typeparam>
/// <param name="module">timm's module.</param>
/// <param name="build">The paper, as a function from an image [N, C, H, W] to logits [N, classes].</param>
/// <param name="facts">What is known of a variant beside its network.</param>
public sealed class Family<TConfig>(string module, NetPart<TConfig> build, Func<TConfig, FamilyFacts> facts) : IFamily,
    IEnumerable<KeyValuePair<string, TConfig>>
{
    readonly Dictionary<string, TConfig> table = [];

    /// <inheritdoc/>
    public string Module => module;

    /// <inheritdoc/>
    public IEnumerable<string> Names => table.Keys;

    /// <summary>The configuration of a name, which must be in the table.</summary>
    public TConfig this[string name] => table[name];

    /// <summary>Adds a row; its names are separated by blanks.</summary>
    public void Add(string names, TConfig config)
    {
        foreach (var name in names.Split(' '))
            table.Add(name, config ?? throw new InvalidOperationException($"{name}: the row has no configuration."));
    }

    /// <inheritdoc/>
    public FamilyFacts Facts(string name) => facts(table[name]);

    /// <inheritdoc/>
    public Value Build(string name, Net net, Scope s, Value image) => Build(table[name], net, s, image);

    /// <summary>The same of a configuration that has no name: a variant of one's own.</summary>
    public Value Build(TConfig config, Net net, Scope s, Value image)
    {
        (net.Graph, net.Facts) = (s.Graph, facts(config));
        var assumed = net.Facts.Layers;
        return build(image, s.With(_ => assumed with
        {
            BatchNormEps = net.Options.BnEps ?? assumed.BatchNormEps,
            BatchNormMomentum = net.Options.BnMomentum ?? assumed.BatchNormMomentum,
        }), config, net);
    }

    /// <summary>The rows, a name each, in the order of the table.</summary>
    public IEnumerator<KeyValuePair<string, TConfig>> GetEnumerator() => table.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
