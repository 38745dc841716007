namespace OnnxTimm.Passes;

/// <summary>What is made of logits inside the graph: probabilities, and the best classes.</summary>
public static class ScoreTail
{
    /// <param name="graph">A network whose first output is logits [N, classes].</param>
    /// <param name="softmax">Whether <c>probabilities</c> take the place of the logits.</param>
    /// <param name="topK">How many <c>top_values</c> and <c>top_classes</c>, best first; null for none.</param>
    /// <exception cref="UserException">There are no logits, or fewer classes.</exception>
    public static Graph Apply(Graph graph, bool softmax, int? topK)
    {
        if (!softmax && topK is null)
            return graph;
        graph = Export.Joined(graph);
        if (graph.Outputs is not [{ Name: "logits", Shape: { IsKnown: true, Rank: 2 } shape } logits, ..])
            throw new UserException($"{graph.Name} gives no logits: --softmax and --top-k are for classifiers.");
        if (topK > shape[1].Size)
            throw new UserException($"{graph.Name} has {shape[1]} classes, not {topK} best ones.");
        var tailed = Rewrite.Apply(graph, (n, to) => softmax && n.Out == logits
            ? [to.CopyUnnamed(n)[0].Softmax()] : null);
        if (softmax)
            tailed.Rename(tailed.Outputs[0], "probabilities");
        if (topK is { } k)
        {
            var (values, classes) = tailed.Outputs[0].TopK(k);
            tailed.Output("top_values", values);
            tailed.Output("top_classes", classes);
        }
        return tailed;
    }
}
