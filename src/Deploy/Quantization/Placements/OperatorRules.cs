using System.Collections.Frozen;

namespace OnnxTimm.Deploy;

/// <summary>How an operator is computed on codes.</summary>
public enum OperatorKind
{
    /// <summary>A sum of products with a constant weight, and a bias: int32 inside.</summary>
    Weighted,

    /// <summary>Its result has a range of its own, which calibration measures.</summary>
    Measured,

    /// <summary>Its result has the range that the operator has by definition.</summary>
    Fixed,

    /// <summary>It only moves or chooses numbers: its result has the codes of its first input.</summary>
    Shared,

    /// <summary>It cuts numbers off: the operator before it has the range of the result, and saturates there.</summary>
    Clamp,
}

/// <summary>A row of the table of operators.</summary>
/// <param name="Ops">The operators, with blanks between them.</param>
/// <param name="Kind">How they are computed on codes.</param>
/// <param name="Activations">The inputs that are codes.</param>
/// <param name="Fits">Which nodes have such kernels; null for all.</param>
/// <param name="Fixed">The range of the result, where it is fixed.</param>
public sealed record OperatorRule(
    string Ops, OperatorKind Kind, Func<Node, IEnumerable<int>> Activations, Func<Node, bool>? Fits = null,
    Interval Fixed = default)
{
    /// <summary>The axis of a weight along which each index has a step of its own.</summary>
    public Func<Node, int> Channel { get; init; } = _ => 0;
}

/// <summary>
/// The operators that ONNX Runtime computes on codes on a processor (its selectors of QDQ groups), one row a kind of
/// them. What has no row stays in float.
/// </summary>
public static class OperatorRules
{
    /// <summary>The table.</summary>
    public static readonly IReadOnlyList<OperatorRule> Table =
    [
        new("Conv", OperatorKind.Weighted, First, n => HasWeight(n, least: 3)),
        new("Gemm", OperatorKind.Weighted, First, n => HasWeight(n, least: 2) && IsPlain(n))
        {
            Channel = n => n.Int("transB") == 1 ? 0 : 1,
        },
        new("MatMul", OperatorKind.Weighted, First, n => HasWeight(n, least: 2)) { Channel = _ => 1 },
        new("Add Mul", OperatorKind.Measured, All),
        new("Concat", OperatorKind.Measured, All),
        new("GlobalAveragePool LeakyRelu", OperatorKind.Measured, First),
        new("AveragePool", OperatorKind.Measured, First, n => n.Int("ceil_mode") == 0),
        new("Sigmoid HardSigmoid", OperatorKind.Fixed, First, null, new(0, 1)),
        new("MaxPool", OperatorKind.Shared, First, n => n.Outs.Length == 1),
        new("Reshape Flatten Transpose Squeeze Unsqueeze Slice Gather Split DepthToSpace", OperatorKind.Shared, First,
            n => n.In.Skip(1).All(v => v is null || v.Data is not null)),
        new("Pad", OperatorKind.Shared, First, n => n.Has(1) && n.In.Skip(1).All(v => v is null || v.Data is not null)),
        new("Resize", OperatorKind.Shared, First, n => n.Text("mode", "nearest") == "nearest"),
        new("Relu", OperatorKind.Clamp, First),
        new("Clip", OperatorKind.Clamp, First, n => Bounds(n) is { Least: <= 0, Most: >= 0 }),
    ];

    static readonly FrozenDictionary<string, OperatorRule> ByOp = Table
        .SelectMany(rule => rule.Ops.Split(' ').Select(op => KeyValuePair.Create(op, rule))).ToFrozenDictionary();

    /// <summary>The row of a node that can be computed on codes; null for any other.</summary>
    public static OperatorRule? Of(Node n) => n.Domain.Length == 0 && ByOp.TryGetValue(n.Op, out var rule)
        && rule.Activations(n).All(i => n.Has(i) && n[i].Type == DType.Float32 && n[i].Shape.IsKnown)
        && n.Outs.All(y => y.Type == DType.Float32 && y.Shape.IsKnown)
        && (rule.Fits is null || rule.Fits(n)) ? rule : null;

    /// <summary>What a Relu or a Clip keeps; null where its bounds are computed.</summary>
    public static Interval? Bounds(Node n)
    {
        if (n.Op == "Relu")
            return new(0, double.PositiveInfinity);
        if (n.In.Skip(1).Any(v => v is { Data: null }))
            return null;
        return new(n.Has(1) ? n[1].Data!.ToFloats()[0] : n.Float("min", float.NegativeInfinity),
            n.Has(2) ? n[2].Data!.ToFloats()[0] : n.Float("max", float.PositiveInfinity));
    }

    static IEnumerable<int> First(Node n) => [0];

    static IEnumerable<int> All(Node n) => Enumerable.Range(0, n.In.Length);

    static bool HasWeight(Node n, int least) => n.Has(1) && n[1] is { Data: not null, Type: DType.Float32 } weight
        && weight.Shape.Rank >= least && (n.Op == "Conv" || weight.Shape.Rank == 2)
        && (!n.Has(2) || n[2] is { Data: not null, Shape.Rank: 1, Type: DType.Float32 });

    static bool IsPlain(Node n) => n.Int("transA") == 0 && n.Float("alpha", 1) == 1 && n.Float("beta", 1) == 1
        && (!n.Has(2) || n[2].Shape[0] == n.Out.Shape[1]);
}
