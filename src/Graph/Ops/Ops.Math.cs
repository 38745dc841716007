namespace OnnxTimm;

public static partial class Ops
{
    /// <summary>a + b, broadcast.</summary>
    public static Value Add(this Value a, Value b) => a.Op("Add", [a, b]);

    /// <summary>a - b, broadcast.</summary>
    public static Value Sub(this Value a, Value b) => a.Op("Sub", [a, b]);

    /// <summary>a * b by element, broadcast.</summary>
    public static Value Mul(this Value a, Value b) => a.Op("Mul", [a, b]);

    /// <summary>a / b, broadcast; of integers, cut toward 0.</summary>
    public static Value Div(this Value a, Value b) => a.Op("Div", [a, b]);

    /// <summary>a to a power, of a's type.</summary>
    public static Value Pow(this Value a, double exponent) => a.Op("Pow", [a, a.Graph.Scalar(exponent, a.Type)]);

    /// <summary>a to the power of another value, broadcast.</summary>
    public static Value Pow(this Value a, Value exponent) => a.Op("Pow", [a, exponent]);

    /// <summary>The smaller by element, broadcast.</summary>
    public static Value Min(this Value a, Value b) => a.Op("Min", [a, b]);

    /// <summary>The larger by element, broadcast.</summary>
    public static Value Max(this Value a, Value b) => a.Op("Max", [a, b]);

    /// <summary>At most b.</summary>
    public static Value Min(this Value a, double b) => a.Min(a.Graph.Scalar(b, a.Type));

    /// <summary>At least b.</summary>
    public static Value Max(this Value a, double b) => a.Max(a.Graph.Scalar(b, a.Type));

    /// <summary>-x.</summary>
    public static Value Neg(this Value x) => x.Op("Neg", [x]);

    /// <summary>|x|.</summary>
    public static Value Abs(this Value x) => x.Op("Abs", [x]);

    /// <summary>e to the power of x.</summary>
    public static Value Exp(this Value x) => x.Op("Exp", [x]);

    /// <summary>The natural logarithm.</summary>
    public static Value Log(this Value x) => x.Op("Log", [x]);

    /// <summary>The square root; not a number below 0.</summary>
    public static Value Sqrt(this Value x) => x.Op("Sqrt", [x]);

    /// <summary>1 / x.</summary>
    public static Value Reciprocal(this Value x) => x.Op("Reciprocal", [x]);

    /// <summary>The error function.</summary>
    public static Value Erf(this Value x) => x.Op("Erf", [x]);

    /// <summary>The hyperbolic tangent.</summary>
    public static Value Tanh(this Value x) => x.Op("Tanh", [x]);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Value Sigmoid(this Value x) => x.Op("Sigmoid", [x]);

    /// <summary>Of radians.</summary>
    public static Value Sin(this Value x) => x.Op("Sin", [x]);

    /// <summary>Of radians.</summary>
    public static Value Cos(this Value x) => x.Op("Cos", [x]);

    /// <summary>-1, 0 or 1.</summary>
    public static Value Sign(this Value x) => x.Op("Sign", [x]);

    /// <summary>The next integer below, of x's type.</summary>
    public static Value Floor(this Value x) => x.Op("Floor", [x]);

    /// <summary>The nearest integer, of x's type; halves become even.</summary>
    public static Value Round(this Value x) => x.Op("Round", [x]);

    /// <summary>The next integer above, of x's type.</summary>
    public static Value Ceil(this Value x) => x.Op("Ceil", [x]);

    /// <summary>max(0, x).</summary>
    public static Value Relu(this Value x) => x.Op("Relu", [x]);

    /// <summary>x, or alpha * x below 0.</summary>
    public static Value LeakyRelu(this Value x, double alpha = 0.01) => x.Op("LeakyRelu", [x], ("alpha", alpha));

    /// <summary>x, or alpha * (exp(x) - 1) below 0.</summary>
    public static Value Elu(this Value x, double alpha = 1) => x.Op("Elu", [x], ("alpha", alpha));

    /// <summary>ONNX's constants, which are those of arXiv:1706.02515.</summary>
    public static Value Selu(this Value x) => x.Op("Selu", [x]);

    /// <summary>x, or slope * x below 0; the slope is broadcast from the last axis.</summary>
    public static Value PRelu(this Value x, Value slope) => x.Op("PRelu", [x, slope]);

    /// <summary>log(1 + exp(x)).</summary>
    public static Value Softplus(this Value x) => x.Op("Softplus", [x]);

    /// <summary>max(0, min(1, alpha * x + beta)); PyTorch's hard sigmoid has alpha 1/6.</summary>
    public static Value HardSigmoid(this Value x, double alpha = 1 / 6.0, double beta = 0.5) =>
        x.Op("HardSigmoid", [x], ("alpha", alpha), ("beta", beta));

    /// <summary>max(min, min(max, x)).</summary>
    public static Value Clip(this Value x, double min, double max) =>
        x.Clip(x.Graph.Scalar(min, x.Type), x.Graph.Scalar(max, x.Type));

    /// <summary>The same with limits that are scalars of the graph.</summary>
    public static Value Clip(this Value x, Value min, Value max) => x.Op("Clip", [x, min, max]);

    /// <summary>The k largest along the last axis, the largest first, and where they are, as int64.</summary>
    public static (Value Values, Value Indices) TopK(this Value x, long k) =>
        x.Graph.Emit("TopK", [x, x.Ints(k)], 2).Outs is [var values, var indices] ? (values, indices)
            : throw new InvalidOperationException("TopK gives two values.");

    /// <summary>exp(x) over its sum along an axis.</summary>
    public static Value Softmax(this Value x, int axis = -1) => x.Op("Softmax", [x], ("axis", axis));

    /// <summary>The logarithm of softmax, without its underflow.</summary>
    public static Value LogSoftmax(this Value x, int axis = -1) => x.Op("LogSoftmax", [x], ("axis", axis));

    /// <summary>a > b as bool, broadcast.</summary>
    public static Value Greater(this Value a, Value b) => a.Op("Greater", [a, b]);

    /// <summary>a > b as bool.</summary>
    public static Value Greater(this Value a, double b) => a.Greater(a.Graph.Scalar(b, a.Type));

    /// <summary>a &lt; b as bool, broadcast.</summary>
    public static Value Less(this Value a, Value b) => a.Op("Less", [a, b]);

    /// <summary>a &lt; b as bool.</summary>
    public static Value Less(this Value a, double b) => a.Less(a.Graph.Scalar(b, a.Type));

    /// <summary>a = b as bool, broadcast.</summary>
    public static Value Equal(this Value a, Value b) => a.Op("Equal", [a, b]);

    /// <summary>Of two bool, broadcast.</summary>
    public static Value And(this Value a, Value b) => a.Op("And", [a, b]);

    /// <summary>By element one or the other, broadcast.</summary>
    public static Value Where(this Value condition, Value yes, Value no) => yes.Op("Where", [condition, yes, no]);

    /// <summary>The product of the last two axes, [..., n, k] and [..., k, m]; those before are broadcast.</summary>
    public static Value MatMul(this Value a, Value b) => a.Op("MatMul", [a, b]);

    /// <summary>The sum of all elements up to each one along an axis.</summary>
    public static Value CumSum(this Value x, int axis) => x.Op("CumSum", [x, x.Ints(axis)]);

    /// <summary>alpha * A' B' + beta * C over matrices, each optionally transposed.</summary>
    public static Value Gemm(this Value a, Value b, Value? c = null, bool transA = false, bool transB = false) =>
        a.Op("Gemm", [a, b, c], ("transA", transA ? 1 : null), ("transB", transB ? 1 : null));

    /// <summary>
    /// The sum over axes, over all where none is given; a reduced axis stays with size 1 unless told otherwise.
    /// </summary>
    public static Value ReduceSum(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceSum", axes, keepDims);

    /// <summary>
    /// The mean over axes, over all where none is given; a reduced axis stays with size 1 unless told otherwise.
    /// </summary>
    public static Value ReduceMean(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceMean", axes, keepDims);

    /// <summary>
    /// The largest over axes, over all where none is given; a reduced axis stays with size 1 unless told otherwise.
    /// </summary>
    public static Value ReduceMax(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceMax", axes, keepDims);

    /// <summary>
    /// The root of the sum of squares over axes, over all where none is given; a reduced axis stays with size 1 unless
    /// told otherwise.
    /// </summary>
    public static Value ReduceL2(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceL2", axes, keepDims);

    /// <summary>Up to opset 17 the axes are an attribute (of ReduceSum since 13 an input).</summary>
    static Value Reduce(this Value x, string op, long[]? axes, bool keepDims)
    {
        var asInput = x.Graph.Opset >= 18 || op == "ReduceSum";
        return x.Op(op, [x, axes is null || !asInput ? null : x.Ints(axes)],
            ("axes", asInput ? null : axes), ("keepdims", keepDims ? null : 0));
    }
}
