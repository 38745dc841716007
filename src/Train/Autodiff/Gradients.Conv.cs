namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>
    /// X [N, C, H, W], W [M, C/g, kH, kW]; the two gradients are fused operators, which Fused.Conv.cs defines.
    /// </summary>
    static Value?[] ConvRule(Node n, Value dy)
    {
        var spec = ConvSpec.Of(n);
        return
        [
            EmitConvInputGrad(n[0].Shape, n[1], dy, spec),
            EmitConvWeightGrad(n[0], n[1].Shape, dy, spec),
            BiasGradient(n, dy),
        ];
    }

    static Value? BiasGradient(Node n, Value dy) =>
        n.Has(2) ? dy.ReduceSum(dy.Shape.AllButChannels(), keepDims: false) : null;

    static Value EmitConvInputGrad(Shape x, Value w, Value dy, ConvSpec spec) =>
        dy.Graph.Emit("onnxtimm:ConvInputGrad", [dy, w], 1,
        [.. Attributes(spec), ("size", x.Skip(2).Select(d => d.Size).ToArray())]).Out;

    static Value EmitConvWeightGrad(Value x, Shape w, Value dy, ConvSpec spec) =>
        x.Graph.Emit("onnxtimm:ConvWeightGrad", [x, dy], 1,
        [.. Attributes(spec), ("kernel_shape", w.Skip(2).Select(d => d.Size).ToArray())]).Out;

    static (string, object?)[] Attributes(ConvSpec spec) =>
        [("strides", spec.Strides), ("pads", spec.Pads), ("dilations", spec.Dilations), ("group", spec.Group)];

    /// <summary>
    /// The transpose of a convolution: its dX is the convolution, its dW that of the convolution, roles swapped.
    /// </summary>
    static Value?[] ConvTransposeRule(Node n, Value dy)
    {
        var spec = ConvSpec.Of(n);
        return
        [
            dy.Conv(n[1], null, spec),
            EmitConvWeightGrad(dy, n[1].Shape, n[0], spec),
            BiasGradient(n, dy),
        ];
    }
}
