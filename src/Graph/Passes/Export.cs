namespace OnnxTimm.Passes;

/// <summary>What every exported file goes through.</summary>
public static class Export
{
    /// <summary>The graph as a runtime should get it: no training, constants computed, batch norms folded.</summary>
    public static Graph Optimize(Graph graph)
    {
        graph = StripTraining.Apply(graph);
        graph = FoldConstants.Apply(graph, weights: true);
        graph = FoldBatchNorm.Apply(graph).Graph;
        return MergeEqual.Apply(graph);
    }
}
