namespace OnnxTimm.Train;

public static partial class Fused
{
    /// <summary>
    /// BatchNorm(x, gamma, beta, residual?, running mean?, running variance?): Y = act(gamma (x - mean) / sigma + beta
    /// + residual) by the batch's mean and biased variance, which are given too. Running statistics that come in are
    /// moved where they lie. What there is one of for each channel is computed in float64: its error would be the same
    /// at every pixel, and no later sum would average it out.
    /// </summary>
    static Value[] DefineBatchNorm(Node n, Value?[] inputs)
    {
        var x = inputs[0]!;
        var near = x.ReduceMean(x.Shape.AllButChannels());
        var centred = x - near;
        var rest = BatchMean(centred);
        var mean = near.Cast(DType.Float64) + rest;
        var variance = BatchMean(centred * centred) - rest * rest;
        var y = n.Has(4)
            ? x.BatchNormalizationInPlace(inputs[1]!, inputs[2]!, (inputs[4]!, inputs[5]!), n.Float("epsilon"),
                n.Float("momentum"))
            : Affine(centred, inputs[1]!.Along(x).Cast(DType.Float64) * InverseSigma(variance, n), inputs[2]!.Along(x),
                rest);
        if (n.Has(3))
            y += inputs[3]!;
        if (n.Text("act") is { Length: > 0 } act)
            y = Activations.Named(act)(y);
        return [y, mean.Cast(DType.Float32).Reshape(n.Outs[1].Shape),
            variance.Cast(DType.Float32).Reshape(n.Outs[2].Shape)];
    }

    /// <summary>scale (x - rest) + shift; the factor and the offset of a channel are made in float64.</summary>
    static Value Affine(Value x, Value scale, Value shift, Value rest) => x * scale.Cast(DType.Float32)
        + (shift.Cast(DType.Float64) - rest * scale).Cast(DType.Float32);

    /// <summary>The mean of each channel, in float64.</summary>
    static Value BatchMean(Value x) => x.LongMean(x.Shape.AllButChannels());

    /// <summary>The sum of each channel.</summary>
    static Value ChannelSum(Value x) =>
        x.LongSum(x.Shape.AllButChannels(), keepDims: false).Cast(DType.Float32);

    /// <summary>
    /// BatchNormGrad(dy, x, gamma, beta, mean, variance, y?, more?): gradients of x, gamma, beta and, where there is an
    /// activation, of what goes into it (the residual's). An activation whose slope can be told from its output comes
    /// with y; more is added to dy. In affine form, which reads the map least often: with a = gamma / sigma, dX = a (dY
    /// - mean(dY) - (x - mean) / sigma^2 * mean(dY (x - mean))).
    /// </summary>
    static Value[] DefineBatchNormGrad(Node n, Value?[] inputs)
    {
        var (x, gamma, mean, variance) = (inputs[1]!, inputs[2]!, inputs[4]!, inputs[5]!);
        var inverse = InverseSigma(variance, n);
        var centred = x - mean.Along(x);
        var dy = n.Has(7) ? inputs[0]! + inputs[7]! : inputs[0]!;
        if (n.Text("act") is { Length: > 0 } act)
            dy *= Slopes[act](n.Has(6) ? inputs[6]! : centred * (gamma * inverse).Along(x) + inputs[3]!.Along(x));
        var (beta, moment) = (ChannelSum(dy), ChannelSum(dy * centred));
        var count = x.CountPerChannel();
        var a = gamma * inverse;
        var b = -(a * inverse * inverse) * moment / count;
        var c = -a * beta / count;
        return [a.Along(x) * dy + (b.Along(x) * centred + c.Along(x)), inverse * moment, beta, dy];
    }

    /// <summary>
    /// LayerNormGrad(dy, x, gamma, mean, 1 / sigma): gradients of x, gamma and beta. With xh = (x - mean) / sigma and
    /// g = dY gamma: dX = (g - mean(g) - xh mean(g xh)) / sigma.
    /// </summary>
    static Value[] DefineLayerNormGrad(Node n, Value?[] inputs)
    {
        var (dy, x, gamma, mean, inverse) = (inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, inputs[4]!);
        var axis = x.Shape.Axis(n.Int("axis", -1));
        var inner = x.Shape.AxesFrom(axis);
        var xh = (x - mean) * inverse;
        return [Gradients.Whitened(dy * gamma, xh, inverse, inner), (dy * xh).SumTo(gamma.Shape),
            dy.SumTo(gamma.Shape)];
    }

    /// <summary>SoftmaxGrad(dy, y) along an axis.</summary>
    static Value[] DefineSoftmaxGrad(Node n, Value?[] inputs)
    {
        var (dy, y) = (inputs[0]!, inputs[1]!);
        return [y * (dy - (dy * y).ReduceSum([n.Int("axis", -1)]))];
    }

    static Value InverseSigma(Value variance, Node n) => (variance + n.Float("epsilon")).Sqrt().Reciprocal();
}
