namespace OnnxTimm.Passes;

/// <summary>
/// f(c) is a constant when c is: nodes that read constants only are evaluated, once and for all. With weights too, the
/// transposed weight of a linear layer becomes a constant that a runtime can pack in advance; that is for export only,
/// since training needs the weights as they are.
/// </summary>
public static class FoldConstants
{
    // What only repeats a constant may be larger than it, but not by much: an expanded zero stays a node.
    const long SmallResult = 1 << 20;
    const int Growth = 4;

    /// <summary>
    /// How large all that is stored may become, as a multiple of what it was, by reading rows of weights at places that
    /// are constant, such as a bias for each pair of pixels from a table of offsets. Beyond that the tables stay, with
    /// the indices.
    /// </summary>
    public const double LargestByTables = 1.1;

    /// <summary>Evaluates what is constant.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Whether parameters and statistics count as constants.</param>
    public static Graph Apply(Graph graph, bool weights = false)
    {
        var folded = Apply(graph, weights, tables: true);
        return weights && Stored(folded) > LargestByTables * Stored(graph)
            ? Apply(graph, weights, tables: false)
            : folded;
    }

    static Graph Apply(Graph graph, bool weights, bool tables) => Rewrite.Apply(Rewrite.Apply(graph, (n, to) =>
    {
        var outs = to.Copy(n);
        var copy = outs[0].Producer!;
        var results = Evaluator.Evaluate(copy, v => v.Role == Role.Constant || (weights && v.IsWeight));
        return results is null || !IsWorthIt(copy, results, tables) ? outs
            : [.. outs.Zip(results, (value, content) => Replace(value, content, RoleOf(copy)))];
    }));

    static long Stored(Graph graph) => graph.Stored.Sum(v => v.Data!.ByteCount);

    static bool IsWorthIt(Node n, Tensor[] results, bool tables)
    {
        var (before, after) = (n.In.Sum(v => v?.Data?.ByteCount ?? 0), results.Sum(r => r.ByteCount));
        return n.Op switch
        {
            "Gather" when n[0].IsWeight => tables || after <= n[0].Data!.ByteCount,
            "Gather" or "Expand" or "Tile" or "ConstantOfShape" => after <= Math.Max(SmallResult, Growth * before),
            _ => true,
        };
    }

    /// <summary>What is made of a parameter is learned as well.</summary>
    static Role RoleOf(Node n) => n.In.Any(v => v is { Role: Role.Param }) ? Role.Param : Role.Constant;

    /// <summary>The constant takes the name; the node is dead.</summary>
    static Value Replace(Value value, Tensor content, Role role)
    {
        var name = value.Name;
        value.Graph.Rename(value, value.Graph.Fresh($"{name}:folded"));
        return value.Graph.Store(name, role, content);
    }
}
