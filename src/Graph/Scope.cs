using System.Globalization;

namespace OnnxTimm;

/// <summary>
/// A place in the state-dict's name space: <c>s["layer1"][0]["conv1"]</c>. Immutable; indexing gives a new one.
/// </summary>
/// <param name="graph">Where parameters are declared.</param>
/// <param name="prefix">The names above, joined by dots.</param>
/// <param name="defaults">What layers below assume unless told otherwise.</param>
public readonly struct Scope(Graph graph, string prefix, LayerDefaults defaults)
{
    /// <summary>Where parameters are declared.</summary>
    public Graph Graph => graph;

    /// <summary>The names above, joined by dots; empty at the root.</summary>
    public string Prefix => prefix;

    /// <summary>What layers below assume unless told otherwise.</summary>
    public LayerDefaults Defaults => defaults;

    /// <summary>The scope of a module within this one.</summary>
    public Scope this[string name] => new(graph, prefix.Length == 0 ? name : $"{prefix}.{name}", defaults);

    /// <summary>The scope of a module that a number names, as in PyTorch's lists.</summary>
    public Scope this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Declares a parameter, float32.</summary>
    public Value Param(string name, Init init, params ReadOnlySpan<long> shape) =>
        graph.Weight(this[name].Prefix, Role.Param, init, shape.ToArray()) is var parameter && defaults.IsSpared
            ? parameter.NoDecay()
            : parameter;

    /// <summary>The same place, whose parameters are spared weight decay: timm's no_weight_decay.</summary>
    public Scope NoDecay() => With(d => d with { IsSpared = true });

    /// <summary>Declares a running statistic, or another number that files have and nobody learns, float32.</summary>
    public Value Stat(string name, Init init, params ReadOnlySpan<long> shape) =>
        graph.Weight(this[name].Prefix, Role.Stat, init, shape.ToArray());

    /// <summary>The same place with other assumptions for the layers below.</summary>
    public Scope With(Func<LayerDefaults, LayerDefaults> change) => new(graph, prefix, change(defaults));

    /// <summary>A child that stands after its siblings in the state-dict although it is used before them.</summary>
    public Scope Late(string name) => Placed(name, 1);

    /// <summary>A child that stands before its siblings in the state-dict although it is used after them.</summary>
    public Scope Early(string name) => Placed(name, -1);

    /// <summary>
    /// The order of the children in the state-dict, where it is not that of first use: of "cpe" are cpe, cpe1, cpe2 and
    /// so on, among themselves in order of first use. Children that are not listed stand after those that are.
    /// </summary>
    public Scope Ordered(params string[] children)
    {
        graph.Orders[Below] = children;
        return this;
    }

    /// <summary>
    /// Lists all weights of another place under a child of this one too, as a module does that PyTorch registers twice:
    /// in the state-dict and in checkpoints; there is one parameter.
    /// </summary>
    public void Tied(string name, Scope source) => graph.Tie(this[name].Prefix, source.Prefix);

    string Below => prefix.Length == 0 ? "" : $"{prefix}.";

    Scope Placed(string name, int place)
    {
        var child = this[name];
        graph.Places[child.Below] = place;
        return child;
    }
}
