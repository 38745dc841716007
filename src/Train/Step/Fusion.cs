namespace OnnxTimm.Train;

/// <summary>
/// Finds what a model's graph says in several nodes and a step says in one: activations written out, and batch norms
/// with the addition and the activation that follow them. Every find stands at its last node, where all inputs are
/// known.
/// </summary>
sealed class Fusion
{
    readonly ILookup<Value, Node> consumers;
    readonly HashSet<Value> outputs;
    readonly Dictionary<Node, Find> finds = [];
    readonly HashSet<Node> absorbed = [];

    /// <param name="model">A graph as the builders emit it.</param>
    public Fusion(Graph model)
    {
        consumers = model.Nodes.SelectMany(n => n.In.OfType<Value>().Distinct().Select(v => (v, n)))
            .ToLookup(e => e.v, e => e.n);
        outputs = [.. model.Outputs];
        foreach (var n in model.Nodes.Reverse())
            if (!absorbed.Contains(n) && (Activated(n) ?? Added(n, n, "")) is { } find)
                finds.Add(n, find);
    }

    /// <summary>Nodes that became one.</summary>
    /// <param name="Input">What goes in: the batch norm's output, or that of anything else.</param>
    /// <param name="Norm">The batch norm, if there is one.</param>
    /// <param name="Residual">What is added to the batch norm's output.</param>
    /// <param name="Act">The activation's name, or none.</param>
    public sealed record Find(Value Input, Node? Norm, Value? Residual, string Act);

    /// <summary>What ends at a node; null for most.</summary>
    public Find? At(Node n) => finds.GetValueOrDefault(n);

    /// <summary>True for a node that went into another.</summary>
    public bool IsAbsorbed(Node n) => absorbed.Contains(n);

    Find? Activated(Node n)
    {
        if (Pattern(n) is not var (act, x, inner))
            return null;
        Node[] whole = [.. inner.Where(i => Only(i.Out, [.. inner, n])), n];
        absorbed.UnionWith(whole.SkipLast(1));
        if (!Only(x, whole) || x.Producer is not { } producer)
            return new(x, null, null, act);
        if (producer.Op == "BatchNormalization")
            return Absorb(producer, null, act);
        var added = IsToldByOutput(act) ? Added(producer, n, act) : null;
        if (added is not null)
            absorbed.Add(producer);
        return added ?? new(x, null, null, act);
    }

    /// <summary>An addition of equal shapes, one side of which is a batch norm that nothing else reads.</summary>
    Find? Added(Node add, Node last, string act)
    {
        if (add.Op != "Add" || !add[0].Shape.Equals(add[1].Shape) || (add != last && !Only(add.Out, last)))
            return null;
        return Side(add, 0) ?? Side(add, 1);

        Find? Side(Node add, int side) => add[side].Producer is { Op: "BatchNormalization" } norm && Only(norm.Out, add)
            && add[0] != add[1] ? Absorb(norm, add[1 - side], act) : null;
    }

    Find Absorb(Node norm, Value? residual, string act)
    {
        absorbed.Add(norm);
        return new(norm.Out, norm, residual, act);
    }

    bool Only(Value v, params Node[] readers) => !outputs.Contains(v) && consumers[v].All(readers.Contains);

    /// <summary>
    /// Activations whose slope is told by the sign and size of the output: the input need not be made again.
    /// </summary>
    public static bool IsToldByOutput(string act) => act is "relu" or "relu6";

    /// <summary>The activation that ends at a node, its input, and the nodes between.</summary>
    static (string Act, Value X, Node[] Inner)? Pattern(Node n) => n.Op switch
    {
        "Relu" => ("relu", n[0], []),
        "Clip" when IsScalar(n, 1, 0) && IsScalar(n, 2, 6) => ("relu6", n[0], []),
        "HardSwish" => ("hard_swish", n[0], []),
        "HardSigmoid" when IsSixth(n) => ("hard_sigmoid", n[0], []),
        "Gelu" when n.Text("approximate", "none") == "none" => ("gelu", n[0], []),
        "Mul" => Gated(n, 0, 1) ?? Gated(n, 1, 0) ?? WrittenGelu(n),
        _ => null,
    };

    static (string, Value, Node[])? Gated(Node n, int x, int gate) => n[gate].Producer switch
    {
        { Op: "Sigmoid" } g when g[0] == n[x] => ("silu", n[x], [g]),
        { Op: "HardSigmoid" } g when g[0] == n[x] && IsSixth(g) => ("hard_swish", n[x], [g]),
        _ => null,
    };

    /// <summary>x (erf(x / sqrt 2) + 1) / 2.</summary>
    static (string, Value, Node[])? WrittenGelu(Node half)
    {
        if (IsScalar(half, 1, 0.5f) && half[0].Producer is { Op: "Mul" } product
            && product[1].Producer is { Op: "Add" } plus && IsScalar(plus, 1, 1)
            && plus[0].Producer is { Op: "Erf" } erf && erf[0].Producer is { } scaled && scaled[0] == product[0]
            && (scaled.Op == "Div" && IsScalar(scaled, 1, MathF.Sqrt(2))
                || scaled.Op == "Mul" && IsScalar(scaled, 1, MathF.Sqrt(0.5f))))
            return ("gelu", product[0], [product, plus, erf, scaled]);
        return null;
    }

    static bool IsSixth(Node n) => n.Float("alpha", 0.2f) == 1 / 6f && n.Float("beta", 0.5f) == 0.5f;

    static bool IsScalar(Node n, int input, float value) =>
        n.Has(input) && n[input].Data is { Type: DType.Float32, Count: 1 } data && data.ToFloats()[0] == value;
}
