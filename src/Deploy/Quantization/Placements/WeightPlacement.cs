using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Weights as codes of 8 bits, and all arithmetic in float32: a Cast and a Mul make numbers of them, which a runtime
/// computes once, when it loads the file.
/// </summary>
sealed class WeightPlacement(Graph graph, Recipe recipe, Predicate<Node> isExcluded) : IPlacement
{
    /// <summary>Weights with fewer elements save nothing that is worth an error.</summary>
    const long Least = 1024;

    /// <summary>The axis along which each weight has steps of its own.</summary>
    readonly Dictionary<Value, int> axes = graph.Nodes.Where(n => !isExcluded(n))
        .SelectMany(n => n.In.Select((v, i) => (Weight: v, Axis: i == 1 ? OperatorRules.Of(n)?.Channel(n) ?? 0 : 0)))
        .Where(row => row.Weight is { Data: { Type: DType.Float32, Count: >= Least }, Shape.Rank: >= 2 })
        .DistinctBy(row => row.Weight).ToDictionary(row => row.Weight!, row => row.Axis);

    /// <inheritdoc/>
    public IEnumerable<Node> Nodes => graph.Nodes.Where(n => n.In.Any(v => v is not null && axes.ContainsKey(v)));

    /// <inheritdoc/>
    public IEnumerable<Value> Measured => [];

    /// <inheritdoc/>
    public Graph Write(Measurements numbers) => Rewrite.Apply(graph, null, (v, target) =>
        axes.TryGetValue(v, out var axis) ? Numbers(v, axis, target, numbers) : target.Store(v.Name, v.Role, v.Data!));

    Value Numbers(Value old, int axis, Graph target, Measurements numbers)
    {
        var shape = old.Shape.Sizes;
        var weight = numbers.Weight(old.Name, old.Data!.ToFloats(), shape, axis, recipe.Weights);
        long[] broadcast = [.. shape.Select((size, i) => i == axis ? size : 1)];
        var steps = Stored.New(target, $"{old.Name}:scale", Tensor.Of(weight.Steps, broadcast));
        return Stored.New(target, $"{old.Name}:codes", Tensor.Of(weight.Codes, shape)).Cast(DType.Float32).Mul(steps);
    }
}
