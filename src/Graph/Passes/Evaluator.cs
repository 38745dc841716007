using System.Collections.Frozen;

namespace OnnxTimm.Passes;

/// <summary>
/// Computes nodes whose inputs are known, by a table of operators. Arrays are computed when they are read, so that
/// folding a model costs no second copy of its weights. Numbers are float64 or int64 inside, rounded at the end.
/// </summary>
static class Evaluator
{
    delegate ReadOnlyMemory<byte> Rule(Node n, int output);

    static readonly FrozenDictionary<string, Rule> Rules = new (string Ops, Rule Rule)[]
    {
        ("Identity Reshape Flatten Squeeze Unsqueeze", (n, _) => n[0].Data!.Bytes),
        ("Transpose", (n, _) => StridedView.Transposed(n).Copy()),
        ("Slice", (n, _) => StridedView.Sliced(n).Copy()),
        ("Split", (n, output) => StridedView.Part(n, output).Copy()),
        ("Expand", (n, _) => StridedView.Broadcast(n[0], n.Out.Shape).Copy()),
        ("Concat", (n, _) => Blocks.Concat(n)),
        ("Gather", (n, _) => Blocks.Gather(n)),
        ("Cast", (n, _) => Numbers.Cast(n)),
        ("Add Sub Mul Div Pow Min Max", (n, _) => Numbers.Binary(n)),
        ("Neg Abs Exp Log Sqrt Reciprocal Sigmoid Tanh", (n, _) => Numbers.Unary(n)),
        ("ReduceMean ReduceSum ReduceSumSquare ReduceL2 ReduceMax ReduceMin", (n, _) => Numbers.Reduce(n)),
        ("MatMul", (n, _) => Numbers.MatMul(n)),
        ("InstanceNormalization", (n, _) => Numbers.InstanceNorm(n)),
        ("ConstantOfShape", (n, _) => Blocks.Filled(n)),
    }.SelectMany(row => row.Ops.Split(' ').Select(op => KeyValuePair.Create(op, row.Rule))).ToFrozenDictionary();

    /// <summary>The outputs of a node, or null where its inputs are not constant or it is not in the table.</summary>
    public static Tensor[]? Evaluate(Node n, Func<Value, bool> isConstant)
    {
        if (n.Domain.Length > 0 || n.Outs.Any(y => !y.Shape.IsFixed || y.Type is DType.String or DType.Undefined))
            return null;
        if (n.Op == "Shape")
            return ShapeRules.ShapePart(n).ToArray() is var dims && dims.All(d => d.IsFixed)
                ? [Tensor.Ints([.. dims.Select(d => d.Size)])]
                : null;
        var isKnown = n.In.Length > 0 && n.In.All(v => v is null || (v.Data is { Strings: null } && isConstant(v)));
        return isKnown && Rules.TryGetValue(n.Op, out var rule) && Numbers.Knows(n)
            ? [.. n.Outs.Select((y, i) => Lazy(y, () => rule(n, i)))]
            : null;
    }

    static Tensor Lazy(Value y, Func<ReadOnlyMemory<byte>> compute)
    {
        if (y.Type is not (DType.Int64 or DType.Int32))
            return new Tensor(y.Type, y.Shape.Sizes, compute);
        // Integers are axes and sizes, at which shape rules look again and again.
        var bytes = compute();
        return new Tensor(y.Type, y.Shape.Sizes, () => bytes);
    }
}
