using System.Globalization;

namespace OnnxTimm;

/// <summary>
/// A place in the state-dict's name space: <c>s["layer1"][0]["conv1"]</c>. Immutable; indexing gives a new one.
/// </summary>
/// <param name="graph">Where parameters are declared.</param>
/// <param name="prefix">The names above, joined by dots.</param>
/// <param name="layers">What layers below assume unless told otherwise.</param>
public readonly struct Scope(Graph graph, string prefix, LayerDefaults layers)
{
    public Graph Graph => graph;

    public string Prefix => prefix;

    public LayerDefaults Layers => layers;

    public Scope this[string name] => new(graph, prefix.Length == 0 ? name : $"{prefix}.{name}", layers);

    public Scope this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Declares a parameter, float32.</summary>
    public Value Param(string name, Init init, params ReadOnlySpan<long> shape) =>
        graph.Weight(this[name].Prefix, Role.Param, init, shape.ToArray());

    /// <summary>Declares a running statistic, float32.</summary>
    public Value Stat(string name, Init init, params ReadOnlySpan<long> shape) =>
        graph.Weight(this[name].Prefix, Role.Stat, init, shape.ToArray());

    /// <summary>The same place with other assumptions for the layers below.</summary>
    public Scope With(LayerDefaults other) => new(graph, prefix, other);

    /// <summary>A child that stands after its siblings in the state-dict although it is used before them.</summary>
    public Scope Late(string name) => Placed(name, 1);

    /// <summary>A child that stands before its siblings in the state-dict although it is used after them.</summary>
    public Scope Early(string name) => Placed(name, -1);

    Scope Placed(string name, int place)
    {
        var child = this[name];
        graph.Places[$"{child.Prefix}."] = place;
        return child;
    }
}
