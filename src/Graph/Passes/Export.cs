namespace OnnxTimm.Passes;

/// <summary>What every exported file goes through.</summary>
public static class Export
{
    /// <summary>
    /// The graph as a runtime should get it: no trace of training, constants computed, batch norms folded; with what
    /// folding did.
    /// </summary>
    public static FoldBatchNorm.Result Optimize(Graph graph)
    {
        graph = StripTraining.Apply(graph);
        graph = FoldConstants.Apply(graph, weights: true);
        var folded = FoldBatchNorm.Apply(graph);
        return folded with { Graph = MergeEqual.Apply(folded.Graph) };
    }
}
