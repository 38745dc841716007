namespace OnnxTimm.Passes;

/// <summary>
/// A linear map of a linear map of x is one of x, and so is a sum of such: convolutions and linear layers take in the
/// batch norms, scales and offsets behind them, and the branches beside them that read the same (arXiv:2101.03697).
/// With s = scale / sqrt(variance + epsilon), (W x + b - mean) s + bias = (s W) x + (b - mean) s + bias. A norm
/// moves forward into a product or a 1x1 convolution alone: before a padded one it changes what the pads mean.
/// Calculated in float64.
/// </summary>
public static class MergeLinear
{
    /// <summary>What merging did.</summary>
    /// <param name="Graph">The new graph.</param>
    /// <param name="Count">Batch norms that are gone.</param>
    /// <param name="Error">
    /// The largest error that rounding brought, measured: of a weight or offset relative to the largest of its channel.
    /// </param>
    /// <param name="Refused">Nodes that were left since their error, in brackets, was above the tolerance.</param>
    /// <param name="Branches">Sums that became one operator.</param>
    public sealed record Result(Graph Graph, int Count, double Error, IReadOnlyList<string> Refused, int Branches = 0);

    /// <summary>Merges what can be merged.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tolerance">The largest error that is accepted; float32 rounding alone is 6e-8.</param>
    public static Result Apply(Graph graph, double tolerance = 1e-6)
    {
        var forms = new LinearForms(graph);
        var (taken, refused) = Choose(graph, forms, tolerance);
        var byBase = taken.ToDictionary(t => t.Map.Base!, t => t.Map);
        var through = taken.SelectMany(t => t.Map.Nodes.Where(n => n.Node != t.Map.Base)).ToDictionary();
        var result = Rewrite.Apply(graph, (n, to) =>
            byBase.TryGetValue(n, out var map) ? Emit(map, to, v => forms.Uses(v) == 1)
            : through.TryGetValue(n, out var input) ? [to[input]]
            : null);
        return new(Rewrite.Apply(result), taken.Sum(t => t.Map.Norms.Count()),
            taken.Select(t => t.Error).DefaultIfEmpty().Max(), refused, taken.Sum(t => t.Map.Sums));
    }

    /// <summary>Whether parallel branches could become one operator; no weight of one is read to know it.</summary>
    public static bool HasBranches(Graph graph)
    {
        var forms = new LinearForms(graph);
        return graph.Nodes.Any(n => forms[n] is { Base: not null, Sums: > 0 });
    }

    /// <summary>The largest maps first: what a map takes in is in no other, unless it is refused.</summary>
    static (List<(LinearMap Map, double Error)> Taken, string[] Refused) Choose(
        Graph graph, LinearForms forms, double tolerance)
    {
        var (taken, claimed, refused) = (new List<(LinearMap, double)>(), new HashSet<Node>(), new List<string>());
        foreach (var n in graph.Nodes.Reverse().Where(n => !claimed.Contains(n)))
        {
            if (forms[n] is not { Base: not null } map || map.Sums == 0 && !map.Norms.Any() || map.Nodes[^1].Node != n)
                continue;
            var error = map.MeasureError();
            if (error <= tolerance)
            {
                taken.Add((map, error));
                claimed.UnionWith(map.Nodes.Select(part => part.Node));
            }
            else
                refused.Add($"{n.Name} ({error:0.0e-00})");
        }
        return (taken, [.. Enumerable.Reverse(refused)]);
    }

    /// <summary>
    /// The operator with other weights, under the names of the old ones; where others read these, beside them.
    /// </summary>
    static Value[] Emit(LinearMap map, Rewrite to, Func<Value, bool> mayReplace)
    {
        var linear = map.Base!;
        var weight = Put(to, linear[1], map.Rounded(), mayReplace);
        var bias = PutBias(map, to, mayReplace);
        if (linear.Op == "MatMul")
            return [to.Copy(linear, [to[map.Source], weight])[0].Add(bias)];
        return to.Copy(linear, [to[map.Source], weight, bias], linear.Op == "Gemm" ? [("beta", null)]
            : map.Sums == 0 || map.Spec is not { } spec ? []
            : [("strides", spec.Strides), ("pads", spec.Pads), ("dilations", spec.Dilations), ("group", spec.Group),
                ("kernel_shape", map.Layout.Shape[2..])]);
    }

    /// <summary>The offset of the operator itself, or that which is added behind it, has its place.</summary>
    static Value PutBias(LinearMap map, Rewrite to, Func<Value, bool> mayReplace)
    {
        var linear = map.Base!;
        var content = Tensor.Of(Array.ConvertAll(map.Bias, o => (float)o), map.Bias.Length);
        var old = linear.Has(2) ? linear[2]
            : map.Nodes.Where(n => n.Node.Op == "Add" && n.Through == linear.Out)
                .Select(n => n.Node.In.FirstOrDefault(v => v!.Data is not null)).FirstOrDefault();
        return old is not null && old.Shape.Equals((Shape)content.Shape)
            ? Put(to, old, content, mayReplace)
            : to.Target.Store(to.Target.Fresh(BiasName(linear[1].Name)), linear[1].Role, content);
    }

    static Value Put(Rewrite to, Value old, Tensor content, Func<Value, bool> mayReplace)
    {
        if (!mayReplace(old) || !old.Shape.Equals((Shape)content.Shape))
            return to.Target.Store(to.Target.Fresh($"{old.Name}:folded"), old.Role, content);
        to[old].Data = content;
        return to[old];
    }

    static string BiasName(string weight) =>
        weight.EndsWith(".weight", StringComparison.Ordinal) ? $"{weight[..^"weight".Length]}bias" : $"{weight}:bias";
}
