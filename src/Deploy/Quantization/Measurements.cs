namespace OnnxTimm.Deploy;

/// <summary>What was measured of a network's tensors, and how it becomes codes.</summary>
/// <param name="Method">From statistics to a range.</param>
/// <param name="Tensors">Statistics of tensors by their names.</param>
public sealed record Measurements(RangeMethod Method, IReadOnlyDictionary<string, TensorStatistics> Tensors)
{
    /// <summary>Decibels between each weight that has become codes and its error, by its name.</summary>
    public Dictionary<string, double> Weights { get; } = [];

    /// <summary>The range of a tensor's codes.</summary>
    public Interval Range(Value tensor, Codes codes) => Method.Range(Tensors[tensor.Name], codes);

    /// <summary>The range of a constant.</summary>
    public static Interval RangeOf(Tensor constant)
    {
        var numbers = constant.ToFloats();
        return new(numbers.Min(), numbers.Max());
    }

    /// <summary>The codes of a node's weight and, where it has one or needs one, its bias.</summary>
    /// <param name="n">The node.</param>
    /// <param name="axis">The axis of its channels.</param>
    /// <param name="inputStep">The step of its input's codes.</param>
    /// <param name="codes">The kind of codes.</param>
    public (WeightCodes Weight, float[]? Bias) Layer(Node n, int axis, float inputStep, Codes codes)
    {
        var (weight, shape) = (n[1].Data!.ToFloats(), n[1].Shape.Sizes);
        var bias = n.Has(2) ? n[2].Data!.ToFloats() : null;
        var least = bias is null ? null : BiasCodes.LeastSteps(bias, inputStep);
        var coded = WeightCodes.Of(weight, shape, axis, codes, least);
        if (bias is not null && Fed(n) is { } input)
        {
            var (means, channel) = (input.Means, Equalization.InputChannel(n));
            var errors = BiasCorrection.MeanErrors(weight, coded, i => means[channel(i)]);
            bias = [.. bias.Zip(errors, (b, e) => (float)(b - e))];
        }
        return (Kept(n[1].Name, weight, coded), bias);
    }

    /// <summary>The codes of a weight that is multiplied with numbers in float.</summary>
    public WeightCodes Weight(string name, float[] weight, long[] shape, int axis, Codes codes) =>
        Kept(name, weight, WeightCodes.Of(weight, shape, axis, codes));

    WeightCodes Kept(string name, float[] weight, WeightCodes coded)
    {
        Weights[name] = Decibels.Of(weight, coded.Values());
        return coded;
    }

    /// <summary>What a layer is fed, where its channels were told apart.</summary>
    TensorStatistics? Fed(Node n) => n.Op is "Conv" or "Gemm" && Tensors.GetValueOrDefault(n[0].Name) is { } s
        && s.Most.Count > 0 ? s : null;
}
