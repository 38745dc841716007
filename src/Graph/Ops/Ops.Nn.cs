namespace OnnxTimm;

public static partial class Ops
{
    /// <summary>Convolution of X [N, C, H, W] with W [M, C/group, kH, kW]; pads are top, left, bottom, right.</summary>
    public static Value Conv(this Value x, Value weight, Value? bias, ConvSpec spec) =>
        x.Op("Conv", [x, weight, bias], ("strides", spec.Strides), ("pads", spec.Pads),
            ("dilations", spec.Dilations), ("group", spec.Group), ("kernel_shape", KernelOf(weight)));

    /// <summary>The transpose of a convolution; weight [C, M/group, kH, kW].</summary>
    public static Value ConvTranspose(this Value x, Value weight, Value? bias, ConvSpec spec, long[] outputPadding) =>
        x.Op("ConvTranspose", [x, weight, bias], ("strides", spec.Strides), ("pads", spec.Pads),
            ("dilations", spec.Dilations), ("group", spec.Group), ("kernel_shape", KernelOf(weight)),
            ("output_padding", outputPadding.All(p => p == 0) ? null : outputPadding));

    /// <summary>
    /// The largest of each window of a map [N, C, H, W]; pads, top, left, bottom, right, are never the largest.
    /// </summary>
    public static Value MaxPool(this Value x, long[] kernel, long[] strides, long[] pads, bool ceil = false) =>
        x.Op("MaxPool", [x], ("kernel_shape", kernel), ("strides", strides), ("pads", pads),
            ("ceil_mode", ceil ? 1 : null));

    /// <summary>The mean of each window of a map [N, C, H, W]; zeros of the pads count only if told so.</summary>
    public static Value AveragePool(this Value x, long[] kernel, long[] strides, long[] pads,
        bool ceil = false, bool countPads = false) =>
        x.Op("AveragePool", [x], ("kernel_shape", kernel), ("strides", strides), ("pads", pads),
            ("ceil_mode", ceil ? 1 : null), ("count_include_pad", countPads ? 1 : null));

    /// <summary>A map [N, C, H, W] as [N, C, 1, 1].</summary>
    public static Value GlobalAveragePool(this Value x) => x.Op("GlobalAveragePool", [x]);

    /// <summary>A map [N, C, H, W] as [N, C, 1, 1].</summary>
    public static Value GlobalMaxPool(this Value x) => x.Op("GlobalMaxPool", [x]);

    /// <summary>
    /// Inference form; <paramref name="momentum"/> is ONNX's, that is 1 - PyTorch's, and serves training.
    /// </summary>
    public static Value BatchNormalization(this Value x, Value scale, Value bias, Value mean, Value variance,
        double epsilon, double momentum) =>
        x.Op("BatchNormalization", [x, scale, bias, mean, variance], ("epsilon", epsilon), ("momentum", momentum));

    /// <summary>
    /// Batch norms of the equal parts of a batch, each with its own scale, bias, mean and variance, one after the
    /// other. Lives only inside the program: for inference the first one's norm stands for it.
    /// </summary>
    public static Value SplitBatchNormalization(
        this Value x, IReadOnlyList<Value> weights, double epsilon, double momentum) =>
        x.Op("onnxtimm:SplitBatchNormalization", [x, .. weights], ("epsilon", epsilon), ("momentum", momentum));

    /// <summary>Mean 0 and variance 1 over the axes from the given one on, then scale and bias. Opset 17.</summary>
    public static Value LayerNormalization(this Value x, Value scale, Value? bias, double epsilon, int axis = -1) =>
        x.Op("LayerNormalization", [x, scale, bias], ("axis", axis), ("epsilon", epsilon));

    /// <summary>Mean 0 and variance 1 over the pixels of each image's channel, then scale and bias [C].</summary>
    public static Value InstanceNormalization(this Value x, Value scale, Value bias, double epsilon) =>
        x.Op("InstanceNormalization", [x, scale, bias], ("epsilon", epsilon));

    /// <summary>
    /// Local response normalization of a map: x over (bias + alpha / size * sum of squares) ^ beta, the sum over an odd
    /// number of neighbouring channels.
    /// </summary>
    public static Value Lrn(this Value x, long size, double alpha, double beta, double bias) =>
        x.Op("LRN", [x], ("size", size), ("alpha", alpha), ("beta", beta), ("bias", bias));

    /// <summary>
    /// A long short-term memory over sequences X [L, N, C], in one direction or, by weights of two, in both: the states
    /// [L, directions, N, hidden]. Gates are input, output, forget, cell.
    /// </summary>
    /// <param name="x">Sequences.</param>
    /// <param name="weight">[directions, 4 * hidden, C].</param>
    /// <param name="recurrence">[directions, 4 * hidden, hidden].</param>
    /// <param name="bias">[directions, 8 * hidden]: of the former, then of the latter.</param>
    public static Value Lstm(this Value x, Value weight, Value recurrence, Value bias) =>
        x.Op("LSTM", [x, weight, recurrence, bias], ("hidden_size", recurrence.Shape[2].Size),
            ("direction", weight.Shape[0] == 2 ? "bidirectional" : null));

    /// <summary>ONNX's Gelu, from opset 20 on.</summary>
    public static Value GeluOp(this Value x, string approximate) =>
        x.Op("Gelu", [x], ("approximate", approximate == "none" ? null : approximate));

    /// <summary>ONNX Runtime's GELU by the error function, in any opset.</summary>
    public static Value FusedGelu(this Value x) => x.Op("com.microsoft:Gelu", [x]);

    /// <summary>Zeroes elements in training; a pass feeds the mask, or strips the node for inference.</summary>
    public static Value Dropout(this Value x, double ratio) =>
        ratio == 0 ? x : x.Op("Dropout", [x, x.Graph.Scalar(ratio)]);

    /// <summary>
    /// Stochastic depth (arXiv:1603.09382): zeroes whole samples in training. Lives only inside the program: a pass
    /// turns it into a product with a fed mask, or strips it for inference.
    /// </summary>
    public static Value DropPath(this Value x, double ratio) =>
        ratio == 0 ? x : x.Op("onnxtimm:DropPath", [x], ("ratio", ratio));

    /// <summary>
    /// DropBlock (arXiv:1810.12890): zeroes squares of a map [N, C, H, W] in training, for all channels alike, and
    /// scales the rest. Lives only inside the program, as <see cref="DropPath"/> does.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="ratio">Share of the map that squares would zero if none met another.</param>
    /// <param name="size">Side of a square in pixels; the map's own where that is less.</param>
    /// <param name="scale">Factor on the share.</param>
    public static Value DropBlock(this Value x, double ratio, int size, double scale) => x.Op("onnxtimm:DropBlock", [x],
        ("ratio", ratio), ("block_size", size), ("gamma_scale", scale));

    /// <summary>
    /// A table of a function of angles, which a training computes anew at each step: of the angles times a factor whose
    /// logarithm is uniform. Lives only inside the program, as <see cref="DropPath"/> does.
    /// </summary>
    /// <param name="table">What inference takes.</param>
    /// <param name="angles">The angles.</param>
    /// <param name="function">Sin or Cos.</param>
    /// <param name="most">The largest factor; the smallest is its reciprocal.</param>
    /// <param name="draw">A name for the factor: nodes that share it take the same one.</param>
    public static Value Rescaled(this Value table, Value angles, string function, double most, string draw) =>
        table.Op("onnxtimm:Rescaled", [table, angles], ("function", function), ("most", most), ("draw", draw));

    /// <summary>Whether a node is one of those that act in training and give what they take at inference.</summary>
    public static bool Drops(this Node n) => n.Op is "Dropout" or "DropPath" or "DropBlock" or "Rescaled";

    static long[] KernelOf(Value weight) => [.. weight.Shape.Skip(2).Select(d => d.Size)];
}

/// <summary>Geometry of a convolution, in ONNX's terms.</summary>
/// <param name="Strides">One an axis.</param>
/// <param name="Pads">Begins of all axes, then ends.</param>
/// <param name="Dilations">One an axis.</param>
/// <param name="Group">Number of groups.</param>
public sealed record ConvSpec(long[] Strides, long[] Pads, long[] Dilations, long Group = 1)
{
    /// <summary>
    /// The geometry of a Conv, ConvTranspose or AveragePoolGrad node, whose input 1 has its axes; explicit pads only.
    /// </summary>
    public static ConvSpec Of(Node n)
    {
        var rank = n[1].Shape.Rank - 2;
        return new(n.Ints("strides", rank, 1), n.Ints("pads", 2 * rank, 0), n.Ints("dilations", rank, 1),
            n.Int("group", 1));
    }
}
