using System.Collections.Frozen;

namespace OnnxTimm;

/// <summary>What a code base assumes of all its layers: how they begin, and the constants of its norms.</summary>
public sealed record LayerDefaults
{
    /// <summary>
    /// Weights of convolutions and linear layers from a truncated normal of 0.02, biases from zero: how most networks
    /// after ViT begin (timm's _init_weights with trunc_normal_).
    /// </summary>
    public static LayerDefaults TruncNormal { get; } = new()
    {
        Conv = Init.TruncNormal(),
        ConvBias = Init.Zeros,
        Linear = Init.TruncNormal(),
        LinearBias = Init.Zeros,
    };

    /// <summary>Initialization of the weights of all convolutions.</summary>
    public Init Conv { init => ConvBy = _ => value; }

    /// <summary>Initialization of a convolution's weight, by its number of groups.</summary>
    public Func<int, Init> ConvBy { get; init; } = _ => Init.PyTorchDefault;

    /// <summary>Initialization of the biases of all convolutions.</summary>
    public Init ConvBias { init => ConvBiasBy = _ => value; }

    /// <summary>Initialization of a convolution's bias, by the fan-in of its weight.</summary>
    public Func<double, Init> ConvBiasBy { get; init; } = fanIn => Init.Uniform(1 / Math.Sqrt(fanIn));

    /// <summary>Initialization of the weights of all linear layers.</summary>
    public Init Linear { get; init; } = Init.PyTorchDefault;

    /// <summary>Initialization of the biases of all linear layers.</summary>
    public Init LinearBias { init => LinearBiasBy = _ => value; }

    /// <summary>Initialization of a linear layer's bias, by its fan-in.</summary>
    public Func<double, Init> LinearBiasBy { get; init; } = fanIn => Init.Uniform(1 / Math.Sqrt(fanIn));

    /// <summary>Initialization of the scales of all norms.</summary>
    public Init NormWeight { get; init; } = Init.Ones;

    /// <summary>Initialization of the shifts of batch norms.</summary>
    public Init BatchNormBias { get; init; } = Init.Zeros;

    /// <summary>What training drops of a map between a norm and its activation; null for nothing.</summary>
    public Func<Value, Value>? NormDrop { get; init; }

    /// <summary>Epsilon of batch norms, added to the variance.</summary>
    public double BatchNormEps { get; init; } = 1e-5;

    /// <summary>PyTorch's convention: the share of the new batch in a running statistic.</summary>
    public double BatchNormMomentum { get; init; } = 0.1;

    /// <summary>timm's layer norms have 1e-6, PyTorch's 1e-5.</summary>
    public double LayerNormEps { get; init; } = 1e-6;

    /// <summary>Whether parameters are spared weight decay.</summary>
    public bool IsSpared { get; init; }

    /// <summary>
    /// Channels of single convolutions by their full name: a pruned network is a network and this table.
    /// </summary>
    public IReadOnlyDictionary<string, int> Pruned { get; init; } = FrozenDictionary<string, int>.Empty;
}
