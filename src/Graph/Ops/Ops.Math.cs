namespace OnnxTimm;

public static partial class Ops
{
    public static Value Add(this Value a, Value b) => a.Op("Add", [a, b]);

    public static Value Sub(this Value a, Value b) => a.Op("Sub", [a, b]);

    public static Value Mul(this Value a, Value b) => a.Op("Mul", [a, b]);

    public static Value Div(this Value a, Value b) => a.Op("Div", [a, b]);

    public static Value Pow(this Value a, double exponent) => a.Op("Pow", [a, a.Graph.Scalar(exponent, a.Type)]);

    public static Value Pow(this Value a, Value exponent) => a.Op("Pow", [a, exponent]);

    public static Value Min(this Value a, Value b) => a.Op("Min", [a, b]);

    public static Value Max(this Value a, Value b) => a.Op("Max", [a, b]);

    public static Value Min(this Value a, double b) => a.Min(a.Graph.Scalar(b, a.Type));

    public static Value Max(this Value a, double b) => a.Max(a.Graph.Scalar(b, a.Type));

    public static Value Neg(this Value x) => x.Op("Neg", [x]);

    public static Value Abs(this Value x) => x.Op("Abs", [x]);

    public static Value Exp(this Value x) => x.Op("Exp", [x]);

    public static Value Log(this Value x) => x.Op("Log", [x]);

    public static Value Sqrt(this Value x) => x.Op("Sqrt", [x]);

    public static Value Reciprocal(this Value x) => x.Op("Reciprocal", [x]);

    public static Value Erf(this Value x) => x.Op("Erf", [x]);

    public static Value Tanh(this Value x) => x.Op("Tanh", [x]);

    public static Value Sigmoid(this Value x) => x.Op("Sigmoid", [x]);

    public static Value Sin(this Value x) => x.Op("Sin", [x]);

    public static Value Cos(this Value x) => x.Op("Cos", [x]);

    public static Value Sign(this Value x) => x.Op("Sign", [x]);

    public static Value Floor(this Value x) => x.Op("Floor", [x]);

    public static Value Ceil(this Value x) => x.Op("Ceil", [x]);

    public static Value Relu(this Value x) => x.Op("Relu", [x]);

    public static Value LeakyRelu(this Value x, double alpha = 0.01) => x.Op("LeakyRelu", [x], ("alpha", alpha));

    public static Value Elu(this Value x, double alpha = 1) => x.Op("Elu", [x], ("alpha", alpha));

    /// <summary>ONNX's constants, which are those of arXiv:1706.02515.</summary>
    public static Value Selu(this Value x) => x.Op("Selu", [x]);

    public static Value PRelu(this Value x, Value slope) => x.Op("PRelu", [x, slope]);

    public static Value Softplus(this Value x) => x.Op("Softplus", [x]);

    /// <summary>max(0, min(1, alpha * x + beta)); PyTorch's hard sigmoid has alpha 1/6.</summary>
    public static Value HardSigmoid(this Value x, double alpha = 1 / 6.0, double beta = 0.5) =>
        x.Op("HardSigmoid", [x], ("alpha", alpha), ("beta", beta));

    public static Value Clip(this Value x, double min, double max) =>
        x.Clip(x.Graph.Scalar(min, x.Type), x.Graph.Scalar(max, x.Type));

    public static Value Clip(this Value x, Value min, Value max) => x.Op("Clip", [x, min, max]);

    public static Value Softmax(this Value x, int axis = -1) => x.Op("Softmax", [x], ("axis", axis));

    public static Value LogSoftmax(this Value x, int axis = -1) => x.Op("LogSoftmax", [x], ("axis", axis));

    public static Value Greater(this Value a, Value b) => a.Op("Greater", [a, b]);

    public static Value Greater(this Value a, double b) => a.Greater(a.Graph.Scalar(b, a.Type));

    public static Value Less(this Value a, Value b) => a.Op("Less", [a, b]);

    public static Value Less(this Value a, double b) => a.Less(a.Graph.Scalar(b, a.Type));

    public static Value Equal(this Value a, Value b) => a.Op("Equal", [a, b]);

    public static Value And(this Value a, Value b) => a.Op("And", [a, b]);

    public static Value Where(this Value condition, Value yes, Value no) => yes.Op("Where", [condition, yes, no]);

    public static Value MatMul(this Value a, Value b) => a.Op("MatMul", [a, b]);

    /// <summary>alpha * A' B' + beta * C over matrices, each optionally transposed.</summary>
    public static Value Gemm(this Value a, Value b, Value? c = null, bool transA = false, bool transB = false) =>
        a.Op("Gemm", [a, b, c], ("transA", transA ? 1 : null), ("transB", transB ? 1 : null));

    public static Value ReduceSum(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceSum", axes, keepDims);

    public static Value ReduceMean(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceMean", axes, keepDims);

    public static Value ReduceMax(this Value x, long[]? axes = null, bool keepDims = true) =>
        x.Reduce("ReduceMax", axes, keepDims);

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
