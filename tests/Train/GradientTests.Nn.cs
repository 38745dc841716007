namespace OnnxTimm.Tests.Train;

public sealed partial class GradientTests
{
    static IEnumerable<GradientCheck> Maps =>
    [
        Row("Conv", "3x3, padded, with a bias", x => x[0].Conv(x[1], x[2], Spec(pad: 1)),
            X(N, 2, 4, 5), X(3, 2, 3, 3), X(3)),
        Row("Conv", "3x3 over many channels, as columns", Conv(Spec(pad: 1)), X(N, 6, 4, 4), X(2, 6, 3, 3)),
        Row("Conv", "3x3 over a large map, tap by tap", Conv(Spec(pad: 1)), X(1, 5, 28, 3), X(2, 5, 3, 3)),
        Row("Conv", "3x3, stride 2", Conv(Spec(stride: 2, pad: 1)), X(N, 5, 7, 6), X(3, 5, 3, 3)),
        Row("Conv", "stride 2, rows that no window reaches", Conv(Spec(stride: 3)), X(N, 5, 7, 9), X(3, 5, 2, 2)),
        Row("Conv", "stride 2, padded as SAME", Conv(new([2, 2], [0, 0, 1, 1], [1, 1])), X(N, 5, 6, 6), X(3, 5, 3, 3)),
        Row("Conv", "dilated", Conv(Spec(pad: 2, dilation: 2)), X(N, 5, 6, 6), X(3, 5, 3, 3)),
        Row("Conv", "dilated, stride 2", Conv(Spec(stride: 2, pad: 2, dilation: 2)), X(N, 5, 7, 7), X(3, 5, 3, 3)),
        Row("Conv", "7x1", Conv(new([1, 1], [3, 0, 3, 0], [1, 1])), X(N, 5, 5, 3), X(2, 5, 7, 1)),
        Row("Conv", "1x1", Conv(Spec()), X(N, 3, 4, 3), X(2, 3, 1, 1)),
        Row("Conv", "1x1, stride 2", Conv(Spec(stride: 2)), X(N, 5, 5, 4), X(2, 5, 1, 1)),
        Row("Conv", "patches", Conv(Spec(stride: 4)), X(N, 3, 8, 8), X(5, 3, 4, 4)),
        Row("Conv", "two groups", Conv(Spec(pad: 1, group: 2)), X(N, 6, 4, 4), X(4, 3, 3, 3)),
        Row("Conv", "two groups, stride 2", Conv(Spec(stride: 2, pad: 1, group: 2)), X(N, 6, 5, 5), X(4, 3, 3, 3)),
        Row("Conv", "two groups, 1x1", Conv(Spec(group: 2)), X(N, 6, 3, 3), X(4, 3, 1, 1)),
        Row("Conv", "depthwise", Conv(Spec(pad: 1, group: 6)), X(N, 6, 4, 4), X(6, 1, 3, 3)),
        Row("Conv", "depthwise 5x5", Conv(Spec(pad: 2, group: 6)), X(N, 6, 5, 5), X(6, 1, 5, 5)),
        Row("Conv", "depthwise, stride 2", Conv(Spec(stride: 2, pad: 1, group: 6)), X(N, 6, 5, 6), X(6, 1, 3, 3)),
        Row("Conv", "depthwise, two filters a channel", Conv(Spec(pad: 1, group: 3)), X(N, 3, 4, 4), X(6, 1, 3, 3)),
        Row("Conv", "along one axis", Conv(new([1], [1, 1], [1])), X(N, 1, 6), X(1, 1, 3)),
        Row("Conv", "depthwise, along one axis", Conv(new([1], [1, 1], [1], 4)), X(N, 4, 6), X(4, 1, 3)),
        Row("Conv", "depthwise, of a volume", Conv(new([1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1], 2)),
            X(N, 2, 4, 4, 4), X(2, 1, 3, 3, 3)),
        Row("ConvTranspose", "2x2, stride 2", Transposed(Spec(stride: 2)), X(N, 3, 3, 4), X(3, 2, 2, 2)),
        Row("ConvTranspose", "3x3, stride 2, padded, to an even size", Transposed(Spec(stride: 2, pad: 1), 1),
            X(N, 3, 3, 3), X(3, 2, 3, 3)),
        Row("ConvTranspose", "two groups", Transposed(Spec(pad: 1, group: 2)), X(N, 4, 4, 4), X(4, 2, 3, 3)),
        Row("ConvTranspose", "dilated", Transposed(Spec(pad: 1, dilation: 2)), X(N, 3, 3, 3), X(3, 2, 2, 2)),
        Row("ConvTranspose", "with a bias", x => x[0].ConvTranspose(x[1], x[2], Spec(stride: 2), [0, 0]),
            X(N, 3, 3, 3), X(3, 2, 2, 2), X(2)),
        Row("ConvTranspose", "along one axis, with a bias",
            x => x[0].ConvTranspose(x[1], x[2], new([2], [0, 0], [1]), [0]), X(N, 3, 4), X(3, 2, 2), X(2)),
        Row("MaxPool", "along one axis", x => x[0].Graph.Emit("MaxPool", x, 2, ("kernel_shape", new[] { 2 }),
            ("strides", new[] { 2 })).Out, Apart(N, 2, 6)),
        Row("MaxPool", "2x2", MaxPool(2, 2, 0), Apart(N, 2, 4, 4)),
        Row("MaxPool", "overlapping, padded", MaxPool(3, 2, 1), Apart(N, 2, 6, 5)),
        Row("MaxPool", "at every pixel", MaxPool(3, 1, 1), Apart(N, 1, 4, 4)),
        Row("MaxPool", "windows over the end", MaxPool(3, 2, 0, ceil: true), Apart(N, 2, 6, 6)),
        Row("AveragePool", "2x2", x => x[0].AveragePool([2, 2], [2, 2], [0, 0, 0, 0]), X(N, 2, 4, 4)),
        Row("AveragePool", "overlapping, pads counted",
            x => x[0].AveragePool([3, 3], [2, 2], [1, 1, 1, 1], countPads: true), X(N, 2, 5, 6)),
        Row("AveragePool", "overlapping, pads not counted", x => x[0].AveragePool([3, 3], [2, 2], [1, 1, 1, 1]),
            X(N, 2, 5, 6)),
        Row("AveragePool", "windows over the end", x => x[0].AveragePool([2, 2], [2, 2], [0, 0, 0, 0], ceil: true),
            X(N, 2, 5, 3)),
        Row("AveragePool", "over the end, pads counted",
            x => x[0].AveragePool([3, 3], [2, 2], [1, 1, 1, 1], ceil: true, countPads: true), X(N, 2, 6, 4)),
        Row("AveragePool", "rows that no window reaches", x => x[0].AveragePool([2, 2], [3, 3], [0, 0, 0, 0]),
            X(N, 2, 7, 6)),
        Row("AveragePool", "along one axis", x => x[0].AveragePool([3], [2], [1, 1]), X(N, 2, 6)),
        Row("AveragePool", "of a volume", x => x[0].AveragePool([2, 2, 2], [1, 2, 2], [0, 1, 0, 0, 1, 0]),
            X(N, 2, 3, 4, 4)),
        Row("AveragePool", "dilated", x => x[0].Graph.Emit("AveragePool", x, 1, ("kernel_shape", new[] { 2, 3 }),
            ("dilations", new[] { 2, 1 }), ("pads", new[] { 1, 1, 1, 1 })).Out, X(N, 2, 5, 4)) with { Opset = 19 },
        Row("AveragePool", "an uneven window", x => x[0].AveragePool([3, 2], [1, 2], [1, 0, 1, 0]), X(N, 2, 4, 4)),
        Row("Resize", "pixels repeated", x => x[0].ResizeNearest(2, 3), X(N, 2, 3, 2)),
        Row("Resize", "the nearest centre", x => Resized(x[0], 3, 2, "half_pixel", "round_prefer_floor"),
            X(N, 2, 3, 2)),
        Row("GlobalAveragePool", "of a volume", x => x[0].GlobalAveragePool(), X(N, 3, 2, 4, 3)),
        Row("GlobalAveragePool", "of a line", x => x[0].GlobalAveragePool(), X(N, 3, 5)),
        Row("GlobalAveragePool", "of a map", x => x[0].GlobalAveragePool(), X(N, 3, 2, 4)),
        Row("GlobalMaxPool", "of a line", x => x[0].GlobalMaxPool(), Apart(N, 3, 5)),
        Row("GlobalMaxPool", "of a map", x => x[0].GlobalMaxPool(), Apart(N, 3, 2, 4)),
    ];

    static IEnumerable<GradientCheck> Norms =>
    [
        Row("BatchNormalization", "frozen",
            x => x[0].BatchNormalization(x[1], x[2], Of(x[0], 0.3f, -0.2f), Of(x[0], 0.5f, 2), 1e-5, 0.9),
            X(N, 2, 3, 3), X(2), X(2)),
        Row("BatchNorm", "no activation", x => Trained(x), X(N, 2, 3, 3), X(2), X(2)),
        Row("BatchNorm", "of vectors", x => Trained(x), X(7, 2), X(2), X(2)),
        Row("BatchNorm", "of several vectors an image",
            x => Trained([x[0].Reshape(x[0].Shape[0] * 3, 2), x[1], x[2]]), X(N, 3, 2), X(2), X(2)),
        Row("BatchNorm", "and silu", x => Trained(x, "silu"), X(N, 2, 3, 3), X(2), X(2)),
        Row("BatchNorm", "and sigmoid", x => Trained(x, "sigmoid"), X(N, 2, 3, 3), X(2), X(2)),
        Row("BatchNorm", "and relu", x => Trained([x[0], x[1] * 0.3, x[2]], "relu"), X(N, 4, 2, 3), X(4), Sided(4)),
        Row("BatchNorm", "and relu6", x => Trained([x[0], x[1] * 0.3, x[2] * 4], "relu6"),
            X(N, 6, 2, 3), X(6), Sided(6)),
        Row("BatchNorm", "and hard swish", x => Trained([x[0], x[1] * 0.3, x[2]], "hard_swish"),
            X(N, 4, 2, 3), X(4), Sided(4)),
        Row("BatchNorm", "added to", x => Trained(x), X(N, 2, 3, 3), X(2), X(2), X(N, 2, 3, 3)),
        Row("BatchNorm", "added to, and relu", x => Trained([x[0], x[1] * 0.3, x[2] * 0.1, x[3]], "relu"),
            X(N, 2, 3, 3), X(2), X(2), Sided(N, 2, 3, 3)),
        Row("LayerNormalization", "of tokens", x => LayerNorm(-1, x), X(N, 3, 5), X(5), X(5)),
        Row("LayerNormalization", "without a bias", x => LayerNorm(-1, x), X(N, 3, 5), X(5)),
        Row("LayerNormalization", "over several axes", x => LayerNorm(1, x), X(N, 3, 2, 2), X(3, 2, 2), X(3, 2, 2)),
        Row("InstanceNormalization", "of a map", InstanceNorm, X(N, 2, 3, 3), X(2), X(2)),
        Row("InstanceNormalization", "of groups", InstanceNorm, X(N, 2, 8), X(2), X(2)),
        Row("LRN", "of five channels", x => x[0].Lrn(5, 0.3, 0.75, 2), X(N, 7, 2, 2)),
        Row("LRN", "wider than the map", x => x[0].Lrn(5, 0.3, 0.5, 1), X(N, 2, 2, 3)),
    ];

    static ConvSpec Spec(int stride = 1, int pad = 0, int dilation = 1, int group = 1) =>
        new([stride, stride], [pad, pad, pad, pad], [dilation, dilation], group);

    static Func<Value[], Value> Conv(ConvSpec spec) => x => x[0].Conv(x[1], null, spec);

    static Func<Value[], Value> Transposed(ConvSpec spec, long more = 0) =>
        x => x[0].ConvTranspose(x[1], null, spec, [more, more]);

    /// <summary>A pool that says where it found its maxima, as lowering emits it.</summary>
    static Func<Value[], Value> MaxPool(int k, int stride, int pad, bool ceil = false) =>
        x => x[0].Graph.Emit("MaxPool", x, 2, ("kernel_shape", new[] { k, k }), ("strides", new[] { stride, stride }),
            ("pads", new[] { pad, pad, pad, pad }), ("ceil_mode", ceil)).Out;

    static Value Resized(Value x, float height, float width, string coordinates, string nearest) =>
        x.Graph.Emit("Resize", [x, null, Of(x, 1, 1, height, width)], 1, ("mode", "nearest"),
            ("coordinate_transformation_mode", coordinates), ("nearest_mode", nearest)).Out;

    static Value Of(Value x, params float[] values) => x.Graph.Const(Tensor.Of(values, values.Length));

    /// <summary>A batch norm by the batch's own statistics, as lowering emits it.</summary>
    static Value Trained(Value[] x, string? act = null) =>
        x[0].Graph.Emit("onnxtimm:BatchNorm", x, 3, ("epsilon", 1e-5), ("act", act)).Out;

    static Value LayerNorm(int axis, Value[] x) =>
        x[0].Graph.Emit("LayerNormalization", x, 3, ("axis", axis), ("epsilon", 1e-5)).Out;

    static Value InstanceNorm(Value[] x) => x[0].InstanceNormalization(x[1], x[2], 1e-5);
}
