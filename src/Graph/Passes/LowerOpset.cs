using OnnxTimm.Onnx;

namespace OnnxTimm.Passes;

/// <summary>
/// Writes what an opset does not have yet in its own forms, by the rows of <see cref="OperatorForms"/>; what has no
/// such form is refused. Files of others keep theirs.
/// </summary>
public static class LowerOpset
{
    /// <exception cref="UserException">No such opset, or the graph needs a newer one.</exception>
    public static Graph Apply(Graph graph)
    {
        if (graph.IsForeign)
            return graph;
        Supported(graph.Opset);
        var isChanged = false;
        while (graph.Nodes.Any(n => Lowering(n) is not null))
        {
            graph = Rewrite.Apply(graph, (n, to) => Lowering(n)?.Invoke(n, to));
            isChanged = true;
        }
        Refuse(graph);
        return isChanged ? Rewrite.Apply(graph) : graph;
    }

    /// <summary>The opset, if there is such a one.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static int Supported(int opset) => opset is >= OnnxVersions.OldestOpset and <= OnnxVersions.NewestOpset
        ? opset
        : throw new UserException($"There is no opset {opset}: expected one from {OnnxVersions.OldestOpset} to "
            + $"{OnnxVersions.NewestOpset}.");

    static NodeRule? Lowering(Node n) =>
        OperatorForms.Missing(n, n.Graph.Opset).FirstOrDefault(form => form.Lower is not null)?.Lower;

    static void Refuse(Graph graph)
    {
        var missing = graph.Nodes
            .SelectMany(n => OperatorForms.Missing(n, graph.Opset).Select(form => (Node: n, Form: form)))
            .DistinctBy(m => (m.Node.Op, m.Form)).OrderByDescending(m => m.Form.Since).ToArray();
        if (missing.Length > 0)
            throw new UserException($"{graph.Name} needs opset {missing[0].Form.Since}: opset {graph.Opset} has no "
                + $"{string.Join(", no ", missing.Select(m => $"{m.Node.Op}{m.Form.What}"))}.");
    }
}
