using System.Collections.Frozen;

namespace OnnxTimm.Passes;

/// <summary>One way of writing some operators, told apart by attributes and inputs.</summary>
/// <param name="Ops">The operators, with spaces between them.</param>
/// <param name="What">What sets the form apart, as " without roi" after the operator's name; empty for any.</param>
/// <param name="Since">The lowest opset that has the form.</param>
/// <param name="Is">Whether a node has this form.</param>
/// <param name="Lower">Writes the node in a form of lower opsets; null where there is none.</param>
public sealed record OperatorForm(string Ops, string What, int Since, Func<Node, bool> Is, NodeRule? Lower = null);

/// <summary>
/// The lowest opset of every form of an operator that Ops/ writes (onnx/docs/Changelog.md), and how a form is written
/// in older opsets. A node needs the highest opset of the forms that it has.
/// </summary>
public static class OperatorForms
{
    /// <summary>The table; operators of other domains are no part of it.</summary>
    public static readonly IReadOnlyList<OperatorForm> Table =
    [
        Any(7, "Identity Neg Abs Exp Log Sqrt Reciprocal Tanh Sigmoid Sin Cos Relu LeakyRelu Elu Selu Softplus "
            + "HardSigmoid Floor Ceil Clip Softmax LogSoftmax LRN Add Sub Mul Div Pow PRelu And Not Greater Less Equal "
            + "Cast Transpose Reshape Flatten Concat Split Slice Squeeze Unsqueeze Pad Tile Gather Shape "
            + "SpaceToDepth DepthToSpace MatMul Gemm Conv ConvTranspose MaxPool AveragePool GlobalAveragePool "
            + "GlobalMaxPool BatchNormalization InstanceNormalization Dropout ReduceSum ReduceMean ReduceMax ReduceMin "
            + "ReduceL2 ReduceSumSquare LSTM"),
        Any(8, "Min Max Expand"),
        Any(9, "Erf Sign Where OneHot ConstantOfShape Sinh Cosh"),
        Any(10, "TopK Resize QuantizeLinear DequantizeLinear MatMulInteger"),
        Any(11, "Round Range DynamicQuantizeLinear GatherElements ScatterElements ScatterND"),
        Any(14, "HardSwish", Primitives.HardSwish),
        Any(17, "LayerNormalization", Primitives.LayerNormalization),
        Any(18, "Mish", Primitives.Mish),
        Any(18, "GroupNormalization", Primitives.GroupNormalization),
        Any(20, "Gelu", Primitives.Gelu),
        Any(23, "RMSNormalization", Primitives.RmsNormalization),
        new("GroupNormalization", " with a scale a channel", 21, n => n[1].Shape[0] != n.Int("num_groups"),
            Primitives.GroupNormalization),
        new("Greater Less", " of integers", 9, n => !IsFloat(n)),
        new("Slice", " with computed bounds or steps", 10, n => n.Has(4) || !HasConstants(n)),
        new("Slice", " with bounds as inputs", 10, n => !n.Has(4) && n.Has(1) && HasConstants(n), Lowerings.Slice),
        new("MaxPool AveragePool", " with ceil_mode", 10, n => n.Int("ceil_mode") == 1 && CountsNoPads(n),
            Lowerings.Ceil),
        new("AveragePool", " with ceil_mode that counts its pads", 10,
            n => n.Int("ceil_mode") == 1 && !CountsNoPads(n)),
        new("MaxPool", " with dilations", 10, n => n.Ints("dilations")?.Any(d => d != 1) == true),
        new("Equal", " of floats", 11, IsFloat),
        new("Clip", " with computed bounds", 11, n => !HasConstants(n)),
        new("Clip", " with bounds as inputs", 11, n => n.In.Length > 1 && HasConstants(n), Lowerings.Clip),
        new("Pad", " with computed pads", 11, n => !HasConstants(n)),
        new("Pad", " with pads as inputs", 11, n => n.Has(1) && !n.Has(3) && HasConstants(n), Lowerings.Pad),
        new("Gemm", " without an offset", 11, n => !n.Has(2), Lowerings.GemmOffset),
        new("DepthToSpace", " of columns first", 11, n => n.Text("mode", "DCR") != "DCR"),
        new("DepthToSpace", " with a mode", 11, n => n.Text("mode") == "DCR", Lowerings.Without("mode")),
        new("Resize", " by a rule of coordinates", 11, n => n.Attributes.Count > 1 && !RepeatsPixels(n)),
        new("Resize", " by the oldest rule of coordinates", 11, n => n.Attributes.Count > 1 && RepeatsPixels(n),
            Lowerings.RepeatPixels),
        new("Softmax LogSoftmax Concat Flatten Split Gather", " with a negative axis", 11, n => n.Int("axis") < 0,
            Lowerings.PositiveAxis),
        new("ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2 ReduceSumSquare Squeeze Unsqueeze",
            " with negative axes", 11, n => n.Ints("axes")?.Any(a => a < 0) == true, Lowerings.PositiveAxes),
        new("Min Max Clip", " of integers", 12, n => !IsFloat(n)),
        new("Pow", " of integers", 12, n => !IsFloat(n)),
        new("Dropout", " with its ratio as input", 12, n => n.Has(1)),
        new("Resize", " without roi", 13, n => n.In.Length > 2 && !n.Has(1), Lowerings.Roi),
        new("Split", " with its sizes as input", 13, n => n.Has(1), Lowerings.Split),
        new("Squeeze Unsqueeze ReduceSum", " with axes as input", 13, n => n.Has(1), Lowerings.Axes),
        new("Softmax LogSoftmax", " along another axis than the last", 13,
            n => n[0].Shape.Axis(n.Int("axis", -1)) != n[0].Shape.Rank - 1, Lowerings.AlongLast),
        new("DequantizeLinear", " along an axis", 13, n => n.Attributes.ContainsKey("axis")),
        new("BatchNormalization", " that trains", 14, n => n.Int("training_mode") == 1),
        new("Shape", " of some axes", 15, n => n.Attributes.Count > 0, Lowerings.Shape),
        new("ScatterElements ScatterND", " with a reduction", 16, n => n.Text("reduction", "none") != "none"),
        new("ScatterElements ScatterND", " with the reduction max or min", 18,
            n => n.Text("reduction") is "max" or "min"),
        new("ReduceMean ReduceMax ReduceMin ReduceL2 ReduceSumSquare", " with axes as input", 18, n => n.Has(1),
            Lowerings.Axes),
        new("Pad", " with axes", 18, n => n.Has(3), Lowerings.PadAllAxes),
    ];

    // Whatever is written without a row is written as the default opset has it.
    static readonly OperatorForm[] Unlisted = [Any(18, "")];

    static readonly FrozenDictionary<string, OperatorForm[]> ByOp = Table
        .SelectMany(form => form.Ops.Split(' ').Select(op => (Op: op, Form: form)))
        .GroupBy(row => row.Op).ToFrozenDictionary(g => g.Key, g => g.Select(row => row.Form).ToArray());

    /// <summary>Operators that the table knows.</summary>
    public static IEnumerable<string> Known => ByOp.Keys;

    /// <summary>The forms of a node that an opset does not have, the newest first.</summary>
    public static IEnumerable<OperatorForm> Missing(Node n, int opset) => n.Domain.Length > 0 ? []
        : ByOp.TryGetValue(n.Op, out var forms)
            ? forms.Where(f => f.Since > opset && f.Is(n)).OrderByDescending(f => f.Since)
            : Unlisted.Where(f => f.Since > opset);

    static OperatorForm Any(int since, string ops, NodeRule? lower = null) => new(ops, "", since, _ => true, lower);

    static bool IsFloat(Node n) => n[0].Type is DType.Float32 or DType.Float64 or DType.Float16;

    static bool HasConstants(Node n) => n.In.Skip(1).All(v => v is null || v.Data is not null);

    static bool RepeatsPixels(Node n) => n.Text("coordinate_transformation_mode") == "asymmetric"
        && n.Text("mode", "nearest") == "nearest" && n.Text("nearest_mode") == "floor" && n.Has(2);

    static bool CountsNoPads(Node n) => n.Int("count_include_pad") == 0 || (n.Ints("pads") ?? []).All(p => p == 0);
}
