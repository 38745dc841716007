namespace OnnxTimm.Passes;

/// <summary>What every exported file goes through.</summary>
public static class Export
{
    /// <summary>The network as it is trained, without what only training needs, in its opset's forms.</summary>
    /// <exception cref="UserException">The graph's opset has no such operators.</exception>
    public static Graph Plain(Graph graph) => LowerOpset.Apply(StripTraining.Apply(graph));

    /// <summary>
    /// The graph as a runtime should get it: no trace of training, constants computed, linear operators merged; of
    /// several heads their mean alone. With what merging did.
    /// </summary>
    /// <exception cref="UserException">The graph's opset has no such operators.</exception>
    public static MergeLinear.Result Optimize(Graph graph)
    {
        graph = StripTraining.Apply(Joined(graph));
        graph = FoldConstants.Apply(graph, weights: true);
        var folded = MergeLinear.Apply(graph);
        return folded with { Graph = MergeEqual.Apply(LowerOpset.Apply(folded.Graph)) };
    }

    /// <summary>Heads beside their mean are for training; unread, those of one source merge into one.</summary>
    public static Graph Joined(Graph graph) => graph.Outputs is not [{ Name: "logits" }, _, ..] ? graph
        : Rewrite.Select(graph, graph.Inputs.Select(v => (v.Name, v)),
            [.. graph.Outputs.Where(v => !v.Name.StartsWith("logits_", StringComparison.Ordinal))]);
}
