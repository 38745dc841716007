using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Codes in the form that TensorRT looks for: a pair of its own before each convolution and product and before the
/// other branch of a sum with one, none behind them, and biases in float; what is between is the builder's to fuse.
/// </summary>
sealed class InputPlacement(Graph graph, Recipe recipe, Predicate<Node> isExcluded) : IPlacement
{
    readonly Readers readers = new(graph);

    /// <inheritdoc/>
    public IEnumerable<Node> Nodes => graph.Nodes.Where(IsWeighted);

    /// <inheritdoc/>
    public IEnumerable<Value> Measured => Nodes.Select(n => n[0])
        .Concat(graph.Nodes.Where(n => Branch(n) is not null).Select(n => n[Branch(n)!.Value])).Distinct();

    /// <inheritdoc/>
    public Graph Write(Measurements numbers) => Rewrite.Apply(Rewrite.Apply(graph, (n, to) =>
        IsWeighted(n) ? to.Copy(n, Inputs(n, numbers, to))
        : Branch(n) is { } i ? to.Copy(n, [.. n.In.Select((v, at) => at == i ? Through(v!, numbers, to) : to[v!])])
        : null));

    bool IsWeighted(Node n) => OperatorRules.Of(n)?.Kind == OperatorKind.Weighted && !isExcluded(n);

    /// <summary>
    /// The input of a sum with a convolution that is the other branch; null where there is no such sum.
    /// </summary>
    int? Branch(Node n) => n.Op == "Add" && n.In.All(v => v is { Data: null, Type: DType.Float32 })
        ? Enumerable.Range(0, 2).Where(i => FromWeighted(n[i])).Select(i => (int?)1 - i).FirstOrDefault()
        : null;

    bool FromWeighted(Value v) => v.Producer is { } n && IsWeighted(n) && readers.Only(v) is not null;

    Value?[] Inputs(Node n, Measurements numbers, Rewrite to)
    {
        var axis = OperatorRules.Of(n)!.Channel(n);
        var weight = numbers.Weight(n[1].Name, n[1].Data!.ToFloats(), n[1].Shape.Sizes, axis, recipe.Weights);
        return [Through(n[0], numbers, to), CodedWeights.Weight(n[1], weight, axis, to),
            .. n.In.Skip(2).Select(v => v is null ? null : to[v])];
    }

    Value Through(Value old, Measurements numbers, Rewrite to)
    {
        var grid = Grid.Of(numbers.Range(old, recipe.Activations!), recipe.Activations!);
        var (step, zero) = (to.Target.Const(grid.StepTensor), to.Target.Const(grid.ZeroTensor));
        return to[old].QuantizeLinear(step, zero).DequantizeLinear(step, zero);
    }
}
