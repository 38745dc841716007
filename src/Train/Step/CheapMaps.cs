using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>
/// Maps that cost next to nothing to be computed again: what operators that walk a map once make of kept maps, for a
/// product that does so much with each of its numbers that one more walk is a few percent of its time. A sum of maps is
/// kept: shortcuts would lead from one to the next down to the first.
/// </summary>
sealed class CheapMaps
{
    /// <summary>Multiply-adds of the product for each number; it and both its gradients take three times as many.
    /// </summary>
    const long MultiplyAdds = 256;

    /// <summary>Operators from a kept map to one that is computed again.</summary>
    const int MostInARow = 3;

    static readonly FrozenSet<string> Cheap =
    [
        "Activation", "BatchNorm", "BatchNormalization", "Cast", "Clip", "Concat", "Div", "HardSigmoid", "HardSwish",
        "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Mul", "PRelu", "Relu", "Reshape",
        "Sigmoid", "Slice", "Squeeze", "Tanh", "Transpose", "Unsqueeze", "Where",
    ];

    readonly Dictionary<Value, int?> rows = [];
    readonly HashSet<Value> read;
    readonly Dictionary<Value, long> work;

    /// <param name="step">Forward and backward part.</param>
    /// <param name="forward">Nodes of the forward part.</param>
    public CheapMaps(Graph step, int forward)
    {
        read = [.. step.Nodes.Skip(forward).SelectMany(n => n.In.OfType<Value>())];
        var nodes = step.Nodes.Take(forward).ToArray();
        work = nodes.Where(n => Work(n) > 0).GroupBy(n => n[0]).ToDictionary(g => g.Key, g => g.Max(Work));
        foreach (var n in nodes)
            foreach (var y in n.Outs)
                rows[y] = y == n.Out && Again(n) is { } row && (!read.Contains(y) || IsCheapFor(y)) ? row
                    : read.Contains(y) ? 0 : null;
    }

    /// <summary>Whether a value is better kept than computed again.</summary>
    public bool IsKept(Value v) => rows.GetValueOrDefault(v) is null or 0;

    bool IsCheapFor(Value y) => work.GetValueOrDefault(y) >= MultiplyAdds;

    /// <summary>Operators from kept maps to a node's result; null where it is not to be had so.</summary>
    int? Again(Node n)
    {
        if (!Cheap.Contains(n.Op) || (n.Op == "BatchNorm" && n.Has(3)))
            return null;
        // What no node makes is there: images, masks, weights.
        var before = n.In.OfType<Value>().Select(v => v.Producer is null ? 0 : rows[v]).ToArray();
        return before.Contains(null) || before.Max() == MostInARow ? null : before.Max() + 1;
    }

    /// <summary>Multiply-adds for each number of what a product reads first.</summary>
    static long Work(Node n) => n.Op switch
    {
        "Conv" when n[1].Shape.IsFixed => n[1].Shape[0].Size * n[1].Shape.Skip(2).Aggregate(1L, (k, d) => k * d.Size)
            / (n.Int("group", 1) * n.Ints("strides", n[1].Shape.Rank - 2, 1).Aggregate((a, b) => a * b)),
        "MatMul" or "Gemm" when n.Out.Shape[-1].IsFixed => n.Out.Shape[-1].Size,
        _ => 0,
    };
}
