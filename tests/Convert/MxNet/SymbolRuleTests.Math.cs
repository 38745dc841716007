namespace OnnxTimm.Tests.Conversion;

public sealed partial class SymbolRuleTests
{
    static readonly Grid Plain = Grid.Random("plain", 2, 6);
    static readonly Grid Slopes = Grid.Random("slopes", 4);
    static readonly Grid One = Grid.Random("one", 1);
    static readonly Grid Gates = Grid.Random("gates", 2, 4, 1, 1);
    static readonly Grid Matrix = Grid.Random("matrix", 6, 3);
    static readonly Grid Square = Grid.Random("square", 3, 3);
    static readonly Grid BatchA = Grid.Random("a", 2, 3, 4);
    static readonly Grid BatchB = Grid.Random("b", 2, 5, 4);

    static Grid Positive => X.Each(v => 1.9 + v);

    /// <summary>Multiples of a half, so that some are equal.</summary>
    static Grid Halves => X.Each(v => Math.Round(2 * v) / 2);

    static Grid OtherHalves => Y.Each(v => Math.Round(2 * v) / 2);

    /// <summary>1 and -1, where tables give the error function.</summary>
    static Grid Units => X.Each(v => v < 0 ? -1 : 1);

    static IEnumerable<SymbolRow> Elementwise =>
    [
        Row("relu", "", X, X.Each(v => Math.Max(v, 0))),
        Row("sigmoid", "", X, X.Each(Sigmoid)),
        Row("hard_sigmoid", "", X, X.Each(v => Math.Clamp(0.2 * v + 0.5, 0, 1))),
        Row("tanh", "", X, X.Each(Math.Tanh)),
        Row("softsign", "", X, X.Each(v => v / (1 + Math.Abs(v)))),
        Row("exp", "", X, X.Each(Math.Exp)),
        Row("expm1", "", X, X.Each(v => Math.Exp(v) - 1)),
        Row("log", "", Positive, Positive.Each(Math.Log)),
        Row("log1p", "", Positive, Positive.Each(v => Math.Log(1 + v))),
        Row("sqrt", "", Positive, Positive.Each(Math.Sqrt)),
        Row("rsqrt", "", Positive, Positive.Each(v => 1 / Math.Sqrt(v))),
        Row("square", "", X, X.Each(v => v * v)),
        Row("abs", "", X, X.Each(Math.Abs)),
        Row("sign", "", Halves, Halves.Each(v => Math.Sign(v))),
        Row("floor", "", X, X.Each(Math.Floor)),
        Row("ceil", "", X, X.Each(Math.Ceiling)),
        Row("negative _neg", "", X, X.Each(v => -v)),
        Row("reciprocal", "", Positive, Positive.Each(v => 1 / v)),
        Row("erf", "", Units, Units.Each(v => v * 0.8427007929497149)),
        Row("sin", "", X, X.Each(Math.Sin)),
        Row("cos", "", X, X.Each(Math.Cos)),
        Row("clip", "a_min=-0.5 a_max=1", X, X.Each(v => Math.Clamp(v, -0.5, 1))),
        Row("Cast cast", "dtype=float16", X, X),
        Row("_copy identity BlockGrad stop_gradient MakeLoss make_loss IdentityAttachKLSparseReg", "", X, X),
        Row("LinearRegressionOutput MAERegressionOutput SVMOutput", "", X, X),
        Row("LogisticRegressionOutput", "", X, X.Each(Sigmoid)),
        Row("Dropout", "p=0.3", X, X),
        Row("Activation", "act_type=relu", X, X.Each(v => Math.Max(v, 0))),
        Row("Activation", "act_type=sigmoid", X, X.Each(Sigmoid)),
        Row("Activation", "act_type=log_sigmoid", X, X.Each(v => Math.Log(Sigmoid(v)))),
        Row("Activation", "act_type=tanh", X, X.Each(Math.Tanh)),
        Row("Activation", "act_type=softrelu", X, X.Each(v => Math.Log(1 + Math.Exp(v)))),
        Row("Activation", "act_type=softsign", X, X.Each(v => v / (1 + Math.Abs(v)))),
        Row("Activation", "act_type=mish", X, X.Each(v => v * Math.Tanh(Math.Log(1 + Math.Exp(v))))),
        Row("LeakyReLU", "", X, X.Each(v => v > 0 ? v : 0.25 * v)),
        Row("LeakyReLU", "act_type=leaky slope=0.1", X, X.Each(v => v > 0 ? v : 0.1 * v)),
        Row("LeakyReLU", "act_type=elu", X, X.Each(v => v > 0 ? v : 0.25 * (Math.Exp(v) - 1))),
        Row("LeakyReLU", "act_type=selu", X,
            X.Each(v => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * (Math.Exp(v) - 1)))),
        Row("LeakyReLU", "act_type=gelu", Units, Units.Each(v => v * (1 + v * 0.6826894921370859) / 2)),
        Row("LeakyReLU", "act_type=gelu_erf", Units, Units.Each(v => v * (1 + v * 0.6826894921370859) / 2)),
        Row("LeakyReLU", "act_type=gelu_tanh", X,
            X.Each(v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))))),
        Row("LeakyReLU", "act_type=rrelu", X, X.Each(v => v > 0 ? v : v * (0.125 + 0.334) / 2)),
        Row("LeakyReLU", "act_type=prelu", X,
            Grid.Of(X.Shape, at => Math.Max(X[at], 0) + Slopes[at[1]] * Math.Min(X[at], 0)), Slopes),
        Row("LeakyReLU", "act_type=prelu slope=0.1", Plain, Plain.Each(v => v > 0 ? v : v * One[0]), One),
        Row("softmax", "", X, Softmax(X, [3])),
        Row("softmax", "axis=1 temperature=2", X, Softmax(X.Each(v => v / 2), [1])),
        Row("softmin", "", X, Softmax(X.Each(v => -v), [3])),
        Row("log_softmax", "axis=2", X, Softmax(X, [2]).Each(Math.Log)),
        Row("SoftmaxActivation", "", X, Softmax(X, [1, 2, 3])),
        Row("SoftmaxActivation", "mode=channel", X, Softmax(X, [1])),
        Row("SoftmaxOutput Softmax", "", Plain, Softmax(Plain, [1])),
        Row("SoftmaxOutput", "grad_scale=2", X, Softmax(X, [1, 2, 3])),
        Row("SoftmaxOutput", "multi_output=True", X, Softmax(X, [1])),
        Row("SoftmaxOutput", "preserve_shape=True", X, Softmax(X, [3])),
    ];

    static IEnumerable<SymbolRow> Arithmetic =>
    [
        Row("elemwise_add broadcast_add broadcast_plus _Plus _plus _add _grad_add", "", [X, Y],
            X.With(Y, (a, b) => a + b)),
        Row("elemwise_sub broadcast_sub broadcast_minus _Minus _minus _sub", "", [X, Y], X.With(Y, (a, b) => a - b)),
        Row("elemwise_mul broadcast_mul _Mul _mul", "", [X, Y], X.With(Y, (a, b) => a * b)),
        Row("elemwise_div broadcast_div _Div _div", "", [X, Positive], X.With(Positive, (a, b) => a / b)),
        Row("broadcast_mul", "", [X, Gates], Grid.Of(X.Shape, at => X[at] * Gates[at[0], at[1], 0, 0])),
        Row("broadcast_power _power _Power", "", [Positive, Y], Positive.With(Y, Math.Pow)),
        Row("broadcast_maximum _maximum _Maximum", "", [X, Y], X.With(Y, Math.Max)),
        Row("broadcast_minimum _minimum _Minimum", "", [X, Y], X.With(Y, Math.Min)),
        .. Comparisons("broadcast_{0} _{0} {1}", "", [Halves, OtherHalves],
            (a, f) => a.With(OtherHalves, (v, w) => f(v, w) ? 1 : 0)),
        .. Comparisons("_{0}_scalar _{2}Scalar", "scalar=0.5", [Halves], (a, f) => a.Each(v => f(v, 0.5) ? 1 : 0)),
        Row("add_n ElementWiseSum", "num_args=3", [X, Y, Z], X.With(Y, (a, b) => a + b).With(Z, (a, b) => a + b)),
        Row("where", "", [Units.Each(v => v + 1), X, Y], Grid.Of(X.Shape, at => X[at] >= 0 ? X[at] : Y[at])),
        Row("dot", "", Plain, Grid.Of([2, 3], at => Sum(6, k => Plain[at[0], k] * Matrix[k, at[1]])), Matrix),
        new("dot", "transpose_a=True transpose_b=True", [], [Square, Square],
            [Grid.Of([3, 3], at => Sum(3, k => Square[k, at[0]] * Square[at[1], k]))]),
        Row("batch_dot", "transpose_b=True", [BatchA, BatchB],
            Grid.Of([2, 3, 5], at => Sum(4, k => BatchA[at[0], at[1], k] * BatchB[at[0], at[2], k]))),
        Row("_plus_scalar _PlusScalar", "scalar=1.5", X, X.Each(v => v + 1.5)),
        Row("_minus_scalar _MinusScalar", "scalar=1.5", X, X.Each(v => v - 1.5)),
        Row("_rminus_scalar _RMinusScalar", "scalar=1.5", X, X.Each(v => 1.5 - v)),
        Row("_mul_scalar _MulScalar", "scalar=1.5", X, X.Each(v => v * 1.5)),
        Row("_div_scalar _DivScalar", "scalar=1.5", X, X.Each(v => v / 1.5)),
        Row("_rdiv_scalar _RDivScalar", "scalar=1.5", Positive, Positive.Each(v => 1.5 / v)),
        Row("_power_scalar _PowerScalar", "scalar=1.5", Positive, Positive.Each(v => Math.Pow(v, 1.5))),
        Row("_rpower_scalar _RPowerScalar", "scalar=1.5", X, X.Each(v => Math.Pow(1.5, v))),
        Row("_maximum_scalar _MaximumScalar", "scalar=0.5", X, X.Each(v => Math.Max(v, 0.5))),
        Row("_minimum_scalar _MinimumScalar", "scalar=0.5", X, X.Each(v => Math.Min(v, 0.5))),
    ];

    /// <summary>The six comparisons: {0} is the name, {1} and {2} the old ones of both forms.</summary>
    static IEnumerable<SymbolRow> Comparisons(
        string names, string attributes, Grid[] inputs, Func<Grid, Func<double, double, bool>, Grid> of) =>
        new (string Name, string Old, string OldScalar, Func<double, double, bool> Holds)[]
        {
            ("equal", "_Equal", "Equal", (a, b) => a == b),
            ("not_equal", "_Not_Equal", "NotEqual", (a, b) => a != b),
            ("greater", "_Greater", "Greater", (a, b) => a > b),
            ("lesser", "_Lesser", "Lesser", (a, b) => a < b),
            ("greater_equal", "_Greater_Equal", "GreaterEqual", (a, b) => a >= b),
            ("lesser_equal", "_Lesser_Equal", "LesserEqual", (a, b) => a <= b),
        }.Select(row => Row(string.Format(names, row.Name, row.Old, row.OldScalar), attributes, inputs,
            of(inputs[0], row.Holds)));

    static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));

    static Grid Softmax(Grid x, int[] axes)
    {
        var exp = x.Each(Math.Exp);
        return exp.With(Folded(exp, axes, 0, (a, b) => a + b, spread: true), (a, b) => a / b);
    }
}
