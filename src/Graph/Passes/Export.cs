namespace OnnxTimm.Passes;

/// <summary>What every exported file goes through.</summary>
public static class Export
{
    /// <summary>The network as it is trained, without what only training needs, in its opset's forms.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="lower">Writes what somebody lacks in forms that he has; null where nobody lacks any.</param>
    /// <exception cref="UserException">The graph's opset has no such operators.</exception>
    public static Graph Plain(Graph graph, Func<Graph, Graph>? lower = null) =>
        LowerOpset.Apply(Lowered(StripTraining.Apply(graph), lower));

    /// <summary>
    /// The graph as a runtime should get it: no trace of training, constants computed, linear operators merged; of
    /// several heads their mean alone. With what merging did.
    /// </summary>
    /// <inheritdoc cref="Plain"/>
    public static MergeLinear.Result Optimize(Graph graph, Func<Graph, Graph>? lower = null)
    {
        graph = StripTraining.Apply(Joined(graph));
        graph = FoldConstants.Apply(graph, weights: true);
        var folded = MergeLinear.Apply(graph);
        return folded with { Graph = MergeEqual.Apply(LowerOpset.Apply(Lowered(folded.Graph, lower))) };
    }

    static Graph Lowered(Graph graph, Func<Graph, Graph>? lower) => lower?.Invoke(graph) ?? graph;

    /// <summary>Heads beside their mean are for training; unread, those of one source merge into one.</summary>
    public static Graph Joined(Graph graph) => graph.Outputs is not [{ Name: "logits" }, _, ..] ? graph
        : Rewrite.Select(graph, graph.Inputs.Select(v => (v.Name, v)),
            [.. graph.Outputs.Where(v => !v.Name.StartsWith("logits_", StringComparison.Ordinal))]);
}
