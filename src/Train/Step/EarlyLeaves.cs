using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// The order of a step that frees maps early. ONNX Runtime begins with the last node of a file that nobody reads, and
/// runs what that one needs; then with the one before it. In the order in which a step is written that is the gradient
/// or the update of the first layer's weights, which needs all others' maps but none of their weights' gradients: all
/// maps and their gradients live until the end. Here such nodes stand behind all others, the last layer's at the end:
/// those that the fewest nodes in a row lead to.
/// </summary>
static class EarlyLeaves
{
    /// <summary>Writes a graph in that order.</summary>
    public static Graph Order(Graph graph)
    {
        var read = graph.Nodes.SelectMany(n => n.In.OfType<Value>().Concat(n.Captured)).ToHashSet();
        var leaves = graph.Nodes.ToLookup(n => !n.Outs.Any(read.Contains));
        var row = new Dictionary<Node, int>();
        foreach (var n in graph.Nodes)
            row[n] = 1 + n.In.Select(v => v?.Producer is { } before ? row[before] : 0).DefaultIfEmpty().Max();
        return Rewrite.Reorder(graph, [.. leaves[false], .. leaves[true].Reverse().OrderByDescending(n => row[n])]);
    }
}
