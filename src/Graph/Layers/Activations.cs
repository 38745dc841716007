using System.Collections.Frozen;

namespace OnnxTimm;

/// <summary>A function of each element.</summary>
public delegate Value Act(Value x);

/// <summary>Activations under timm's names (timm/layers/create_act.py).</summary>
public static class Activations
{
    static readonly FrozenDictionary<string, Act> ByName = new Dictionary<string, Act>
    {
        { "relu", Ops.Relu },
        { "relu6", Relu6 },
        { "leaky_relu", x => x.LeakyRelu() },
        { "elu", x => x.Elu() },
        { "silu", Silu },
        { "swish", Silu },
        { "mish", Mish },
        { "gelu", Gelu },
        { "gelu_tanh", GeluTanh },
        { "quick_gelu", QuickGelu },
        { "sigmoid", Ops.Sigmoid },
        { "tanh", Ops.Tanh },
        { "hard_sigmoid", HardSigmoid },
        { "hard_swish", HardSwish },
        { "hard_mish", HardMish },
        { "identity", Identity },
    }.ToFrozenDictionary();

    /// <summary>timm's names.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>
    /// The activation of a name; throws <see cref="UserException"/> with the nearest name for another.
    /// </summary>
    public static Act Named(string name) => ByName.TryGetValue(name, out var act)
        ? act
        : throw Nearest.Unknown("activation", name, Names.Order());

    /// <summary>The value itself: no activation.</summary>
    public static Value Identity(Value x) => x;

    /// <summary>x cut to 0 .. 6 (MobileNet, arXiv:1704.04861).</summary>
    public static Value Relu6(this Value x) => x.Clip(0, 6);

    /// <summary>x * sigmoid(x), also called swish (arXiv:1702.03118).</summary>
    public static Value Silu(this Value x) => x * x.Sigmoid();

    /// <summary>x * tanh(softplus(x)) (arXiv:1908.08681).</summary>
    public static Value Mish(this Value x) => x * x.Softplus().Tanh();

    /// <summary>
    /// By the error function; ONNX's own operator from opset 20 on. Before, with a division, as PyTorch writes it: ONNX
    /// Runtime knows that form, and makes one operator of it.
    /// </summary>
    public static Value Gelu(this Value x) => x.Graph.Opset >= 20
        ? x.GeluOp("none")
        : x * ((x / Math.Sqrt(2)).Erf() + 1) * 0.5;

    /// <summary>By the approximation with tanh; ONNX's own operator from opset 20 on.</summary>
    public static Value GeluTanh(this Value x) => x.Graph.Opset >= 20
        ? x.GeluOp("tanh")
        : x * ((x * (1 + 0.044715 * (x * x)) * Math.Sqrt(2 / Math.PI)).Tanh() + 1) * 0.5;

    /// <summary>x * sigmoid(1.702 x), CLIP's.</summary>
    public static Value QuickGelu(this Value x) => x * (x * 1.702).Sigmoid();

    /// <summary>PyTorch's: x / 6 + 1/2, cut to 0 .. 1.</summary>
    public static Value HardSigmoid(this Value x) => Ops.HardSigmoid(x);

    /// <summary>x * hard_sigmoid(x), of operators that every execution provider has.</summary>
    public static Value HardSwish(this Value x) => x * Ops.HardSigmoid(x);

    /// <summary>x / 2 * (x + 2 cut to 0 .. 2), as timm has it.</summary>
    public static Value HardMish(this Value x) => x * 0.5 * (x + 2).Clip(0, 2);
}
