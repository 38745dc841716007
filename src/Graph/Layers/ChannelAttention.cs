namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Squeeze and excitation (arXiv:1709.01507): a gate for each channel from the mean of all. timm's layer "se".
    /// </summary>
    public static Value SqueezeExcite(this Value x, Scope s, int reduced, Act? act = null)
    {
        var hidden = (act ?? Ops.Relu)(x.GlobalAveragePool().Conv(s["fc1"], reduced, k: 1));
        return x * hidden.Conv(s["fc2"], x.Channels, k: 1).Sigmoid();
    }

    /// <summary>
    /// Effective squeeze and excitation (arXiv:1911.06667): one layer decides. timm's layer "ese".
    /// </summary>
    public static Value EffectiveSqueezeExcite(this Value x, Scope s) =>
        x * x.GlobalAveragePool().Conv(s["fc"], x.Channels, k: 1).HardSigmoid();

    /// <summary>
    /// Efficient channel attention (arXiv:1910.03151): the gate of a channel sees its neighbours only.
    /// </summary>
    public static Value EfficientChannelAttention(this Value x, Scope s, int k)
    {
        var weight = s["conv"].Param("weight", Init.PyTorchDefault, 1, 1, k);
        var gate = x.GlobalAveragePool().Reshape(x.Shape[0], 1, x.Channels)
            .Conv(weight, null, new([1], [k / 2, k / 2], [1]));
        return x * gate.Sigmoid().Reshape(x.Shape[0], x.Channels, 1, 1);
    }

    /// <summary>
    /// Global context (arXiv:1904.11492): the gate of squeeze and excitation from an attentive mean of the pixels.
    /// timm's layer "gc".
    /// </summary>
    public static Value GlobalContext(this Value x, Scope s, int reduced, Act act) =>
        x * x.AttentiveMean(s["conv_attn"]).ContextMlp(s["mlp_scale"], reduced, act).Sigmoid();

    /// <summary>
    /// The same added to each pixel, in place of a gate; it begins as nothing. timm's layer "gca".
    /// </summary>
    public static Value GlobalContextSum(this Value x, Scope s, int reduced, Act act)
    {
        var context = x.AttentiveMean(s["conv_attn"].With(d => d with { Conv = Init.KaimingFanIn }));
        return x + context.ContextMlp(s["mlp_add"], reduced, act, Init.Zeros);
    }

    /// <summary>The mean of the pixels, weighed by a softmax of what a 1x1 convolution says: [N, C, 1, 1].</summary>
    static Value AttentiveMean(this Value x, Scope s)
    {
        var pixels = (Dim)(x.Height * x.Width);
        var attention = x.Conv(s, 1, k: 1).Reshape(x.Shape[0], 1, pixels).Softmax();
        return x.Reshape(x.Shape[0], x.Channels, pixels).MatMul(attention.Reshape(x.Shape[0], pixels, 1))
            .Reshape(x.Shape[0], x.Channels, 1, 1);
    }

    static Value ContextMlp(this Value x, Scope s, int reduced, Act act, Init? last = null)
    {
        var hidden = act(x.Conv(s["fc1"], reduced, k: 1).LayerNorm2d(s["norm"]));
        return hidden.Conv(last is null ? s["fc2"] : s["fc2"].With(d => d with { Conv = last }), x.Channels, k: 1);
    }
}
