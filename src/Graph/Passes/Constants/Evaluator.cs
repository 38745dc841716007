using System.Collections.Frozen;

namespace OnnxTimm.Passes;

/// <summary>
/// Computes nodes whose inputs are known, by a table of operators. Arrays are computed when they are read, so that
/// folding a model costs no second copy of its weights. Numbers are float64 or int64 inside, rounded at the end.
/// </summary>
static class Evaluator
{
    delegate Tensor Rule(Node n, int output);

    static readonly FrozenDictionary<string, Rule> Rules = new (string Ops, Rule Rule)[]
    {
        ("Identity Reshape Flatten Squeeze Unsqueeze", (n, _) => n[0].Data!.Reshape(n.Out.Shape.Sizes)),
        ("Transpose", (n, _) => Views.Transposed(n)),
        ("Slice", (n, _) => Views.Sliced(n)),
        ("Split", Views.Part),
        ("Expand", (n, _) => Views.Expanded(n)),
        ("Tile", (n, _) => Views.Tiled(n)),
        ("Concat", Computed(Blocks.Concat)),
        ("Gather", Computed(Blocks.Gather)),
        ("Cast", Computed(Numbers.Cast)),
        (string.Join(' ', Functions.Binary.Keys), Computed(Numbers.Binary)),
        (string.Join(' ', Functions.Unary.Keys), Computed(Numbers.Unary)),
        ("Clip", Computed(Numbers.Clip)),
        ("Where", Computed(Numbers.Where)),
        ("Softmax", Computed(Numbers.Softmax)),
        ("ReduceMean ReduceSum ReduceSumSquare ReduceL2 ReduceMax ReduceMin", Computed(Numbers.Reduce)),
        ("MatMul", Computed(Numbers.MatMul)),
        ("Gemm", Computed(Numbers.Gemm)),
        ("InstanceNormalization", Computed(Numbers.InstanceNorm)),
        ("ConstantOfShape", Computed(Blocks.Filled)),
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
            ? [.. n.Outs.Select((_, i) => Kept(rule(n, i)))]
            : null;
    }

    static Rule Computed(Func<Node, ReadOnlyMemory<byte>> compute) =>
        (n, _) => new Tensor(n.Out.Type, n.Out.Shape.Sizes, () => compute(n));

    /// <summary>Integers are axes and sizes, at which shape rules look again and again.</summary>
    static Tensor Kept(Tensor tensor)
    {
        if (tensor.Type is not (DType.Int64 or DType.Int32))
            return tensor;
        var bytes = tensor.Bytes;
        return new Tensor(tensor.Type, tensor.Shape, () => bytes);
    }
}
