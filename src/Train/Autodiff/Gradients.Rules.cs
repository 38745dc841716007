using System.Collections.Frozen;

namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>
    /// One row an operator; what takes more than a line is a method in a file named after its theme. Activation,
    /// BatchNorm and the like are operators of <see cref="Fused"/>; BatchNormalization is ONNX's, which in a graph that
    /// is trained stands for one whose statistics are frozen.
    /// </summary>
    static readonly FrozenDictionary<string, Rule> Rules = new Dictionary<string, Rule>
    {
        { "Identity",           (_, dy) => [dy] },
        { "Add",                (_, dy) => [dy, dy] },
        { "Sub",                (_, dy) => [dy, -dy] },
        { "Mul",                (n, dy) => [dy * n[1], dy * n[0]] },
        { "Div",                (n, dy) => [dy / n[1], -dy * n.Out / n[1]] },
        { "Neg",                (_, dy) => [-dy] },
        { "Abs",                (n, dy) => [dy * n[0].Sign()] },
        { "Exp",                (n, dy) => [dy * n.Out] },
        { "Log",                (n, dy) => [dy / n[0]] },
        { "Sqrt",               (n, dy) => [dy * 0.5 / n.Out] },
        { "Reciprocal",         (n, dy) => [-dy * n.Out * n.Out] },
        { "Pow",                (n, dy) =>
            [dy * n[1] * n[0].Pow(n[1] - 1), n[1].Data is null ? dy * n.Out * n[0].Log() : null] },
        { "Erf",                (n, dy) => [dy * (2 / Math.Sqrt(Math.PI)) * (-(n[0] * n[0])).Exp()] },
        { "Sin",                (n, dy) => [dy * n[0].Cos()] },
        { "Cos",                (n, dy) => [-dy * n[0].Sin()] },
        { "Tanh",               (n, dy) => [dy * (1 - n.Out * n.Out)] },
        { "Sigmoid",            (n, dy) => [dy * n.Out * (1 - n.Out)] },
        { "Softplus",           (n, dy) => [dy * n[0].Sigmoid()] },
        { "Relu",               (n, dy) => [dy * n.Out.Positive()] },
        { "LeakyRelu",          (n, dy) => [n[0].Greater(0).Where(dy, dy * n.Float("alpha", 0.01f))] },
        { "Elu",                (n, dy) => [n[0].Greater(0).Where(dy, dy * (n.Out + n.Float("alpha", 1)))] },
        { "Selu",               SeluRule },
        { "PRelu",              (n, dy) => [n[0].Greater(0).Where(dy, dy * n[1]), dy * n[0].Min(0)] },
        { "Clip",               ClipRule },
        { "HardSigmoid",        (n, dy) => [dy * n.Float("alpha", 0.2f) * Inside(n.Out, 0, 1)] },
        { "Gelu",               GeluRule },
        { "Activation",         (n, dy) =>
            [dy.Graph.Emit("onnxtimm:ActivationGrad", [dy, n[0]], 1, ("act", n.Text("act"))).Out] },
        { "Min",                ExtremeRule },
        { "Max",                ExtremeRule },
        { "Where",              (n, dy) => [null, Chosen(n[0], dy, no: false), Chosen(n[0], dy, no: true)] },
        { "Cast",               (n, dy) => [dy.Cast(n[0].Type)] },
        { "Softmax",            (n, dy) =>
            [dy.Graph.Emit("onnxtimm:SoftmaxGrad", [dy, n.Out], 1, n.AttributeList).Out] },
        { "LogSoftmax",         (n, dy) => [dy - n.Out.Exp() * dy.ReduceSum([n.Int("axis", -1)])] },
        { "MatMul",             MatMulRule },
        { "Gemm",               GemmRule },
        { "ReduceSum",          (n, dy) => [Kept(n, dy), null] },
        { "ReduceMean",         (n, dy) => [Kept(n, dy) / n[0].CountOver(n.Out), null] },
        { "ReduceMax",          (n, dy) => [ToLargest(n[0], Kept(n, n.Out), Kept(n, dy), Axes(n)), null] },
        { "ReduceL2",           (n, dy) => [n[0] * Kept(n, dy / n.Out.Max(1e-12)), null] },
        { "Reshape",            (n, dy) => [dy.Reshape(n[0].Shape), null] },
        { "Flatten",            (n, dy) => [dy.Reshape(n[0].Shape)] },
        { "Squeeze",            (n, dy) => [dy.Reshape(n[0].Shape), null] },
        { "Unsqueeze",          (n, dy) => [dy.Reshape(n[0].Shape), null] },
        { "Transpose",          (n, dy) => [TurnedProduct(dy) ?? dy.Transpose(Inverse(n.Permutation()))] },
        { "Concat",             ConcatRule },
        { "Slice",              SliceRule },
        { "Pad",                PadRule },
        { "Expand",             (_, dy) => [dy, null] },
        { "Tile",               TileRule },
        { "Gather",             GatherRule },
        { "DepthToSpace",       (n, dy) => [dy.SpaceToDepth(n)] },
        { "SpaceToDepth",       (n, dy) => [dy.DepthToSpace((int)n.Int("blocksize"))] },
        { "Conv",               ConvRule },
        { "ConvTranspose",      ConvTransposeRule },
        { "AveragePool",        AveragePoolRule },
        { "Resize",             ResizeRule },
        { "GlobalAveragePool",  (n, dy) => [dy / n[0].CountOver(n.Out)] },
        { "GlobalMaxPool",      (n, dy) => [ToLargest(n[0], n.Out, dy, n[0].Shape.AxesFrom(2))] },
        { "BatchNormalization", FrozenBatchNormRule },
        { "InstanceNormalization", InstanceNormRule },
        { "LRN",                LocalResponseNormRule },
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<string, ManyRule> ManyRules = new Dictionary<string, ManyRule>
    {
        { "Split",              SplitRule },
        { "MaxPool",            MaxPoolRule },
        { "BatchNorm",          FusedBatchNormRule },
        { "LayerNormalization", LayerNormRule },
    }.ToFrozenDictionary();
}
