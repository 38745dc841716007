namespace OnnxTimm.Passes;

/// <summary>
/// Whether a network is one computation for images of any size, which is seen by building it for several: then nodes
/// and constants are the same, and only shapes differ.
/// </summary>
public static class AnySize
{
    /// <summary>What depends on the size of the image; null for nothing.</summary>
    /// <param name="a">The network for one size.</param>
    /// <param name="b">The same for another.</param>
    public static string? Difference(Graph a, Graph b)
    {
        (a, b) = (Plain(a), Plain(b));
        var places = new Dictionary<Value, Value>();
        foreach (var (x, y) in a.Inputs.Zip(b.Inputs))
            places[x] = y;
        foreach (var (n, m) in a.Nodes.Zip(b.Nodes))
        {
            if (Difference(n, m, places) is { } what)
                return $"{n.Op} \"{n.Name}\" {what}";
            foreach (var (x, y) in n.Outs.Zip(m.Outs))
                places[x] = y;
        }
        return a.Nodes.Count == b.Nodes.Count ? null
            : $"it has {a.Nodes.Count} nodes for {a.Inputs[0].Shape} and {b.Nodes.Count} for {b.Inputs[0].Shape}";
    }

    /// <summary>The graph with symbols for sizes that differ from those of the network for another image.</summary>
    /// <param name="graph">What is to be written.</param>
    /// <param name="other">The network for an image of another height and width.</param>
    /// <param name="multiple">What height and width are multiples of.</param>
    public static Graph Open(Graph graph, Graph other, int multiple)
    {
        var open = Rewrite.Apply(graph);
        foreach (var v in open.Outputs)
            v.Shape = new(v.Shape.Zip(other.Outputs.First(o => o.Name == v.Name).Shape).Index().Select(d =>
                d.Item.First == d.Item.Second ? d.Item.First : new Dim(1, $"{v.Name}_{d.Index}")));
        foreach (var v in open.Inputs)
            v.Shape = new(v.Shape[0], v.Shape[1], new Dim(multiple, "height"), new Dim(multiple, "width"));
        return open;
    }

    /// <summary>What an export does that may look at sizes.</summary>
    static Graph Plain(Graph graph) =>
        LowerOpset.Apply(FoldConstants.Apply(StripTraining.Apply(Export.Joined(graph)), weights: true));

    static string? Difference(Node n, Node m, Dictionary<Value, Value> places)
    {
        if (n.Op != m.Op || n.In.Length != m.In.Length || n.Outs.Length != m.Outs.Length)
            return $"is {m.Op} for another size";
        foreach (var (key, value) in n.Attributes)
            if (!m.Attributes.TryGetValue(key, out var other) || !Same(value, other))
                return $"has other {key} for another size";
        foreach (var (x, y) in n.In.Zip(m.In))
            if (!Same(x, y, places))
                return x?.Data is null ? "reads something else for another size"
                    : $"reads \"{x.Name}\", which follows the size";
        return n.Attributes.Count == m.Attributes.Count ? null : "has other attributes for another size";
    }

    static bool Same(Value? x, Value? y, Dictionary<Value, Value> places) => (x, y) switch
    {
        (null, null) => true,
        ({ Data: { } a, Role: var role }, { Data: { } b }) => role == y.Role && a.Type == b.Type
            && a.Shape.AsSpan().SequenceEqual(b.Shape)
            && (role != Role.Constant || a.Bytes.Span.SequenceEqual(b.Bytes.Span)),
        (not null, not null) => places.GetValueOrDefault(x) == y,
        _ => false,
    };

    static bool Same(object a, object b) => (a, b) switch
    {
        (long[] x, long[] y) => x.AsSpan().SequenceEqual(y),
        (float[] x, float[] y) => x.AsSpan().SequenceEqual(y),
        (Tensor x, Tensor y) => $"{x}" == $"{y}" && x.Bytes.Span.SequenceEqual(y.Bytes.Span),
        _ => a.Equals(b),
    };
}
