namespace OnnxTimm.Train;

/// <summary>
/// The layers of a step's forward part: a node belongs to the layer of the weights that it reads, or that what it reads
/// comes from, the latest of them. What a later layer reads is a border.
/// </summary>
sealed class LayerBorders
{
    readonly Dictionary<Value, int> layers = [];
    readonly HashSet<Value> borders = [];
    readonly int last;

    /// <param name="step">Forward and backward part.</param>
    /// <param name="forward">Nodes of the forward part.</param>
    /// <param name="weights">The layer of each weight, from 0 for the stem to the head's.</param>
    public LayerBorders(Graph step, int forward, IReadOnlyDictionary<string, int> weights)
    {
        last = weights.Values.Max();
        foreach (var n in step.Nodes.Take(forward))
        {
            var layer = n.In.OfType<Value>().Select(Of).DefaultIfEmpty().Max();
            foreach (var y in n.Outs)
                layers[y] = layer;
            borders.UnionWith(n.In.OfType<Value>().Where(v => Of(v) < layer));
        }

        int Of(Value v) => layers.TryGetValue(v, out var layer) ? layer
            : weights.GetValueOrDefault(v.Name.StartsWith("param:", StringComparison.Ordinal)
                ? v.Name["param:".Length..] : v.Name);
    }

    /// <summary>Whether a value is of a layer between the stem and the last one before the head.</summary>
    public bool IsWithin(Value v) => layers.GetValueOrDefault(v) is var layer && layer > 0 && layer < last - 1;

    /// <summary>Whether a later layer than its own reads a value.</summary>
    public bool IsBorder(Value v) => borders.Contains(v);
}
