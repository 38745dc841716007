using System.Collections.Frozen;

namespace OnnxTimm;

/// <summary>
/// The type and shape of every operator's outputs, as a table: operator to rule. A rule reads inputs and attributes
/// of any opset from 7 on. Operators without a rule (of somebody else's files) have unknown shapes.
/// </summary>
static partial class ShapeRules
{
    delegate IEnumerable<(DType, Shape)> Rule(Node n, int outputs);

    static readonly FrozenDictionary<string, Rule> Rules =
        new[] { Elementwise, Reductions, Layouts, Networks, Training, Types }
            .SelectMany(table => table)
            .SelectMany(row => row.Ops.Split(' ').Select(op => KeyValuePair.Create(op, row.Rule)))
            .ToDictionary().ToFrozenDictionary();

    /// <summary>Operators that have a shape rule.</summary>
    public static IEnumerable<string> Known => Rules.Keys;

    public static (DType Type, Shape Shape)[] Infer(Node n, int outputs)
    {
        if (!Rules.TryGetValue(n.Op, out var rule) || (n.Graph.IsForeign
            && n.Domain is not ("" or "com.microsoft" or "onnxtimm")))
            return n.Graph.IsForeign ? Guess(n, outputs) : throw new InvalidOperationException($"No shape rule for "
                + $"{n}.");
        try
        {
            (DType, Shape)[] result = [.. rule(n, outputs)];
            return result.Length >= outputs ? result[..outputs]
                : [.. result, .. Enumerable.Repeat((DType.Undefined, Shape.Unknown), outputs - result.Length)];
        }
        catch (Exception e) when (n.Graph.IsForeign
            || e is InvalidOperationException or IndexOutOfRangeException or InvalidCastException)
        {
            // What a rule expects need not hold in a file of somebody else.
            return n.Graph.IsForeign ? Guess(n, outputs) : throw new InvalidOperationException($"{n}: {e.Message}", e);
        }
    }

    /// <summary>Without a rule the type is most likely the first input's; the file's value_info corrects it.</summary>
    static (DType, Shape)[] Guess(Node n, int outputs) =>
        [.. Enumerable.Repeat((n.In.FirstOrDefault()?.Type ?? DType.Undefined, Shape.Unknown), outputs)];

    static (DType, Shape)[] One(DType type, Shape shape) => [(type, shape)];

    static (string Ops, Rule Rule)[] Elementwise =>
    [
        ("Identity Neg Abs Exp Log Sqrt Reciprocal Erf Tanh Sigmoid Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh "
            + "Atanh Relu LeakyRelu Elu Selu Celu ThresholdedRelu Softplus Softsign HardSigmoid HardSwish Mish Gelu "
            + "FastGelu QuickGelu Swish "
            + "Sign Floor Ceil Round Not Clip Softmax LogSoftmax Hardmax DropPath DropBlock Rescaled LpNormalization "
            + "LRN Activation ActivationGrad SoftmaxGrad MeanVarianceNormalization CumSum Trilu RandomNormalLike "
            + "RandomUniformLike Bernoulli BitwiseNot",
            (n, _) => One(n[0].Type, n[0].Shape)),
        ("Add Sub Mul Div Pow Mod PRelu BitShift And Or Xor BitwiseAnd BitwiseOr BitwiseXor BiasGelu",
            (n, _) => One(n[0].Type, Shape.Broadcast(n[0].Shape, n[1].Shape))),
        ("Min Max Sum Mean", (n, _) => One(n[0].Type, n.In.Select(v => v!.Shape).Aggregate(Shape.Broadcast))),
        ("Greater Less Equal GreaterOrEqual LessOrEqual",
            (n, _) => One(DType.Bool, Shape.Broadcast(n[0].Shape, n[1].Shape))),
        ("IsNaN IsInf", (n, _) => One(DType.Bool, n[0].Shape)),
        ("Where", (n, _) => One(n[1].Type,
            Shape.Broadcast(n[0].Shape, Shape.Broadcast(n[1].Shape, n[2].Shape)))),
        ("Cast", (n, _) => One((DType)n.Int("to"), n[0].Shape)),
        ("CastLike", (n, _) => One(n[1].Type, n[0].Shape)),
        ("Dropout", (n, _) => [(n[0].Type, n[0].Shape), (n.Graph.Opset < 10 ? n[0].Type : DType.Bool, n[0].Shape)]),
        ("QuantizeLinear", (n, _) => One(n.Has(2) ? n[2].Type : DType.UInt8, n[0].Shape)),
        ("DequantizeLinear", (n, _) => One(n[1].Type, n[0].Shape)),
        ("DynamicQuantizeLinear", (n, _) =>
            [(DType.UInt8, n[0].Shape), (DType.Float32, Shape.Scalar), (DType.UInt8, Shape.Scalar)]),
    ];
}
