namespace OnnxTimm.Passes;

/// <summary>
/// f(c) is a constant when c is: nodes that read constants only are evaluated, once and for all. With weights too, the
/// transposed weight of a linear layer becomes a constant that a runtime can pack in advance; that is for export only,
/// since training needs the weights as they are.
/// </summary>
public static class FoldConstants
{
    // A constant may be larger than what it is made of, but not by much: an expanded zero stays a node.
    const long SmallResult = 1 << 20;
    const int Growth = 4;

    /// <summary>Evaluates what is constant.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Whether parameters and statistics count as constants.</param>
    public static Graph Apply(Graph graph, bool weights = false) => Rewrite.Apply(Rewrite.Apply(graph, (n, to) =>
    {
        var outs = to.Copy(n);
        var copy = outs[0].Producer!;
        var results = Evaluator.Evaluate(copy, v => v.Role == Role.Constant || (weights && v.IsWeight));
        return results is null || !IsWorthIt(copy, results) ? outs
            : [.. outs.Zip(results, (value, content) => Replace(value, content, RoleOf(copy)))];
    }));

    static bool IsWorthIt(Node n, Tensor[] results) => results.Sum(r => r.ByteCount)
        <= Math.Max(SmallResult, Growth * n.In.Sum(v => v?.Data?.ByteCount ?? 0));

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
