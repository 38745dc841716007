using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>
/// Activations as one operator, by timm's name in the attribute <c>act</c>, and their gradient from the input:
/// Activation(x), ActivationGrad(dy, x).
/// </summary>
public static partial class Fused
{
    /// <summary>The derivative of each activation at x.</summary>
    static readonly FrozenDictionary<string, Act> Slopes = new Dictionary<string, Act>
    {
        { "relu",         x => x.Positive() },
        { "relu6",        x => Gradients.Inside(x, 0, 6) },
        { "silu",         x => SiluSlope(x, x.Sigmoid()) },
        { "sigmoid",      x => SigmoidSlope(x.Sigmoid()) },
        { "hard_sigmoid", x => Gradients.Inside(x, -3, 3) / 6 },
        { "hard_swish",   x => Ops.HardSigmoid(x) + x * Gradients.Inside(x, -3, 3) / 6 },
        { "gelu",         GeluSlope },
    }.ToFrozenDictionary();

    /// <summary>Activations that can be fused.</summary>
    public static IEnumerable<string> Acts => Slopes.Keys;

    static Value[] DefineActivation(Node n, Value?[] inputs) => [Activations.Named(n.Text("act"))(inputs[0]!)];

    static Value[] DefineActivationGrad(Node n, Value?[] inputs) => [inputs[0]! * Slopes[n.Text("act")](inputs[1]!)];

    static Value SiluSlope(Value x, Value s) => s * (1 + x * (1 - s));

    static Value SigmoidSlope(Value s) => s * (1 - s);

    /// <summary>Phi(x) + x phi(x).</summary>
    internal static Value GeluSlope(Value x) =>
        ((x * Math.Sqrt(0.5)).Erf() + 1) * 0.5 + x * (x * x * -0.5).Exp() * (1 / Math.Sqrt(2 * Math.PI));
}
