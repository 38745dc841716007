namespace OnnxTimm.Passes;

/// <summary>
/// A batch norm after a linear operator is another linear operator: with s = scale / sqrt(variance + epsilon),
/// (W x + b - mean) s + bias = (s W) x + (b - mean) s + bias. Folds Conv, ConvTranspose and Gemm whose result nothing
/// else reads; a batch norm that stands elsewhere is left. Calculated in float64.
/// </summary>
public static class FoldBatchNorm
{
    /// <summary>What folding did.</summary>
    /// <param name="Graph">The new graph.</param>
    /// <param name="Count">Batch norms that are gone.</param>
    /// <param name="Error">
    /// The largest error that rounding brought, measured: of a weight or offset relative to the largest of its channel.
    /// </param>
    /// <param name="Refused">Nodes that were left since their error, in brackets, was above the tolerance.</param>
    public sealed record Result(Graph Graph, int Count, double Error, IReadOnlyList<string> Refused);

    /// <summary>Folds what can be folded.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tolerance">The largest error that is accepted; float32 rounding alone is 6e-8.</param>
    public static Result Apply(Graph graph, double tolerance = 1e-6)
    {
        var uses = Uses(graph);
        var folds = graph.Nodes.Where(n => IsFoldable(n, uses)).Select(n => new BatchNormFold(n))
            .Select(fold => (Fold: fold, Error: fold.MeasureError())).ToArray();
        var taken = folds.Where(f => f.Error <= tolerance).ToArray();
        var byLinear = taken.ToDictionary(f => f.Fold.Linear, f => f.Fold);
        var norms = taken.Select(f => f.Fold.Norm).ToHashSet();
        var result = Rewrite.Apply(graph, (n, to) =>
            byLinear.TryGetValue(n, out var fold) ? fold.Emit(to, v => uses[v] == 1)
            : norms.Contains(n) ? [to[n[0]]]
            : null);
        return new(Rewrite.Apply(result), taken.Length, taken.Select(f => f.Error).DefaultIfEmpty().Max(),
            [.. folds.Where(f => f.Error > tolerance).Select(f => $"{f.Fold.Norm.Name} ({f.Error:0.0e-00})")]);
    }

    /// <summary>How often each value is read: by nodes, by bodies in them, and by the outside.</summary>
    static Dictionary<Value, int> Uses(Graph graph) => graph.Nodes
        .SelectMany(n => n.In.OfType<Value>().Concat(n.Captured)).Concat(graph.Outputs)
        .CountBy(v => v).ToDictionary();

    static bool IsFoldable(Node n, Dictionary<Value, int> uses) =>
        n is { Domain: "", Op: "BatchNormalization", Outs.Length: 1 }
        && n.Int("training_mode") == 0 && n.Int("spatial", 1) == 1 && n.In.Skip(1).All(IsFloat32)
        && n[0].Producer is { Domain: "", Op: "Conv" or "ConvTranspose" or "Gemm" } linear && uses[n[0]] == 1
        && linear.In.Skip(1).All(v => v is null || IsFloat32(v))
        && (!linear.Has(2) || linear[2].Data!.Count == 1 || linear[2].Data!.Count == n[1].Data!.Count);

    static bool IsFloat32(Value? v) => v is { Type: DType.Float32, Data: not null };
}
