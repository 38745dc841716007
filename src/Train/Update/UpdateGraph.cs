namespace OnnxTimm.Train;

/// <summary>
/// An optimizer's step as an ONNX graph, for accelerators and for the fused step. Names carry the role: inputs
/// <c>param:NAME</c>, <c>grad:NAME</c>, <c>state:SLOT:NAME</c>, <c>draw:DRAW:NAME</c> of those that draw and, for each
/// parameter group, <c>scalar:GROUP:NAME</c>; outputs <c>next:param:NAME</c>, <c>next:state:SLOT:NAME</c>.
/// </summary>
public static class UpdateGraph
{
    /// <summary>The second half of a split step: gradients are inputs.</summary>
    public static Graph Of(Optimizer optimizer, IEnumerable<(string Name, long[] Shape)> parameters,
        IReadOnlyList<ParamGroup> groups)
    {
        var graph = new Graph($"{optimizer.Name}_update");
        var values = parameters.ToDictionary(p => p.Name, p => (
            graph.Input($"param:{p.Name}", DType.Float32, p.Shape),
            graph.Input($"grad:{p.Name}", DType.Float32, p.Shape)));
        Append(graph, optimizer, values, groups);
        return graph;
    }

    /// <summary>Appends the update to a graph that has the gradients.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="optimizer">The update of one parameter.</param>
    /// <param name="parameters">Parameters and their gradients, by name.</param>
    /// <param name="groups">Which parameters share their scalars; what is in no group is not updated.</param>
    public static void Append(Graph graph, Optimizer optimizer,
        IReadOnlyDictionary<string, (Value P, Value G)> parameters, IReadOnlyList<ParamGroup> groups)
    {
        var shorten = Shorten(optimizer.MaxGradNorm, parameters.Values.Select(v => v.G));
        foreach (var (i, group) in groups.Index())
        {
            Value[] scalars = [.. optimizer.Scalars.Select(k =>
                graph.Input($"scalar:{i}:{k.Name}", DType.Float32, Shape.Scalar))];
            foreach (var name in group.Names)
            {
                var (p, g) = parameters[name];
                var rule = optimizer.In(group);
                Value[] draws = [.. rule.Draws.Select(d =>
                    graph.Input($"draw:{d.Name}:{name}", DType.Float32, d.Shape(p.Shape.Sizes)))];
                Slot[] slots = [.. rule.State.Where(s => s.ShapeOf(p.Shape.Sizes) is not null)];
                Value[] state = [.. slots.Select(s =>
                    graph.Input($"state:{s.Name}:{name}", DType.Float32, s.ShapeOf(p.Shape.Sizes)!))];
                var next = rule.Emit(p, shorten(g), [.. draws, .. state], scalars);
                graph.Output($"next:param:{name}", next[0]);
                foreach (var (slot, value) in slots.Zip(next[1..]))
                    graph.Output($"next:state:{slot.Name}:{name}", value);
            }
        }
    }

    /// <summary>Scales a gradient so that all together have a norm of at most the limit.</summary>
    static Func<Value, Value> Shorten(double? limit, IEnumerable<Value> gradients)
    {
        if (limit is not { } most)
            return g => g;
        var square = gradients.Select(g => (g * g).ReduceSum(keepDims: false)).Aggregate((a, b) => a + b);
        var length = (square.Sqrt() / most).Max(1);
        return g => g / length;
    }
}
