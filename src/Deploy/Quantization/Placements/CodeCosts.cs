namespace OnnxTimm.Deploy;

/// <summary>
/// What an operator on codes saves, and what the way to codes and back costs: nanoseconds of one thread on a processor
/// with AVX512-VNNI, from ONNX Runtime's own record of its nodes in MobileNetV3, EfficientNet, GhostNet, LCNet and
/// others, beside the same nodes in float32. The signs are what matters: they are alike on other processors.
/// </summary>
static class CodeCosts
{
    /// <summary>A multiply-add of a convolution or a product.</summary>
    const double Mac = 0.0105;

    /// <summary>The same in groups whose channels do not fill the vectors of the kernel in float32.</summary>
    const double NarrowMac = 0.07;

    /// <summary>A result of a convolution, whose sum becomes a code.</summary>
    const double Convolved = -0.1;

    /// <summary>The same of a product with a matrix.</summary>
    const double Multiplied = -0.5;

    /// <summary>A weight that is read as one byte in place of four.</summary>
    const double Weight = 0.1;

    /// <summary>
    /// A place of a group's window that is gathered before a product; a 1x1 convolution of one group needs none.
    /// </summary>
    const double Gathered = -3.4;

    /// <summary>A place of a depthwise window, which the kernel on codes finds by a pointer.</summary>
    const double Pointed = -1.1;

    /// <summary>A result of a depthwise convolution whose channels do not fill the kernel's vectors.</summary>
    const double Ragged = -1.5;

    /// <summary>Channels of a vector of those kernels.</summary>
    const int Vector = 16;

    /// <summary>A number on its way to codes or back.</summary>
    const double Number = 0.55;

    /// <summary>
    /// A place of a window whose largest is sought behind a layer in float32: with channels first, the kernel on codes
    /// has no vectors.
    /// </summary>
    const double Lifted = 3.1;

    /// <summary>
    /// A multiply-add of a product in float32 that reads codes: the runtime puts an integer kernel for numbers in its
    /// place, which is slower than the one in float32.
    /// </summary>
    const double MixedMac = 0.006;

    /// <summary>
    /// What a result of other operators saves. The runtime computes a hard swish and a sum with its convolution in
    /// float32, but each as a kernel of its own on codes, where a clamp is none; a sigmoid of codes is a table.
    /// </summary>
    static readonly Dictionary<string, double> OfResult = new()
    {
        { "Add", -0.1 },
        { "HardSigmoid", -0.13 },
        { "Sigmoid", 0.06 },
        { "Relu", 0.02 },
        { "Clip", 0.02 },
    };

    /// <summary>A place of a window that is averaged: the kernel on codes has no vectors.</summary>
    const double Averaged = -1.4;

    /// <summary>A result of x times a gate of x: the product of a swish.</summary>
    const double Swish = -0.33;

    /// <summary>What an operator saves on codes; less than 0 where it is slower.</summary>
    public static double Saved(Node n) => n.Op switch
    {
        "Conv" when IsDepthwise(n) => Math.Min(Pointed * Places(n),
            n.Out.Shape[1].Factor % Vector == 0 ? 0 : Ragged * Work.Count(n.Out)),
        "Conv" => Products(n, IsNarrow(n) ? NarrowMac : Mac) + Convolved * Work.Count(n.Out)
            + (IsPointwise(n) && Groups(n) == 1 ? 0 : Gathered * Groups(n) * Places(n)),
        "Gemm" or "MatMul" => Products(n, Mac) + Multiplied * Work.Count(n.Out),
        "AveragePool" => Averaged * Window(n) * Work.Count(n.Out),
        "Mul" => IsSwish(n) ? Swish * Work.Count(n.Out) : 0,
        _ => OfResult.GetValueOrDefault(n.Op) * Work.Count(n.Out),
    };

    /// <summary>
    /// What a value costs that becomes codes; behind a pool the runtime takes the codes of what that reads.
    /// </summary>
    public static double IntoCodes(Value v) => v.Producer is { Op: "MaxPool" } pool
        ? Number * Work.Count(pool[0]) + Lifted * Window(pool) * Work.Count(v)
        : Number * Work.Count(v);

    /// <summary>What a value costs that becomes numbers again.</summary>
    /// <param name="v">The value.</param>
    /// <param name="floats">Who reads it as numbers.</param>
    public static double IntoNumbers(Value v, IEnumerable<Node> floats) =>
        Number * Work.Count(v) + floats.Where(n => n.Op == "MatMul").Sum(n => MixedMac * Work.Macs(n));

    static double Products(Node n, double mac) => mac * Work.Macs(n) + Weight * Work.Count(n[1]);

    static long Groups(Node conv) => conv.Int("group", 1);

    static bool IsDepthwise(Node conv) => conv[1].Shape[1] == 1 && Groups(conv) == conv[1].Shape[0].Size;

    static bool IsNarrow(Node conv) => Groups(conv) > 1 && conv[1].Shape[1].Size % Vector != 0;

    static bool IsPointwise(Node n) => n[1].Shape.Skip(2).All(d => d == 1);

    /// <summary>Places of all windows.</summary>
    static double Places(Node n) =>
        (double)Work.Count(n.Out) / n.Out.Shape[1].Factor * Work.Count(n[1]) / n[1].Shape[0].Size / n[1].Shape[1].Size;

    /// <summary>Places of a pool's window.</summary>
    static double Window(Node pool) => pool.Ints("kernel_shape")!.Aggregate(1.0, (all, side) => all * side);

    static bool IsSwish(Node n) => n[0].Shape.Equals(n[1].Shape) && (Gates(n[0], n[1]) || Gates(n[1], n[0]));

    static bool Gates(Value gate, Value x) => gate.Producer is { Op: "Sigmoid" or "HardSigmoid" } g && g[0] == x;
}
