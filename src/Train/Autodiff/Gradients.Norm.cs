namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>
    /// The fused operator: by the batch's own mean and variance, which the forward node gives. Its optional input 3 is
    /// a residual, which was added between norm and activation.
    /// </summary>
    static Value?[] FusedBatchNormRule(Node n, Value?[] dys)
    {
        var act = n.Text("act");
        var residual = n.Has(3);
        var y = Fusion.IsToldByOutput(act) ? n.Out : null;
        var grads = n.Graph.Emit("onnxtimm:BatchNormGrad", [dys[0]!, n[0], n[1], n[2], n.Outs[1], n.Outs[2], y],
            residual && act.Length > 0 ? 4 : 3, n.AttributeList).Outs;
        return [grads[0], grads[1], grads[2], residual ? grads.Length > 3 ? grads[3] : dys[0] : null];
    }

    /// <summary>The standard operator: by the running mean and variance, which stay as they are.</summary>
    static Value?[] FrozenBatchNormRule(Node n, Value dy)
    {
        var x = n[0];
        var axes = x.Shape.AllButChannels();
        var inverse = (n[4] + n.Float("epsilon", 1e-5f)).Sqrt().Reciprocal();
        var moment = (dy * (x - n[3].Along(x))).ReduceSum(axes, keepDims: false);
        return [dy * (n[1] * inverse).Along(x), inverse * moment, dy.ReduceSum(axes, keepDims: false), null, null];
    }

    /// <summary>[C] as [1, C, 1, ...], to meet the channels of x.</summary>
    internal static Value Along(this Value channels, Value x) =>
        channels.Reshape(new Shape(x.Shape.Select((_, axis) => axis == 1 ? channels.Shape.Count : 1)));

    /// <summary>The axes that a statistic of each channel is taken over.</summary>
    internal static long[] AllButChannels(this Shape shape) => [0, .. shape.AxesFrom(2)];

    /// <summary>By mean and 1 / sigma, outputs 1 and 2.</summary>
    static Value?[] LayerNormRule(Node n, Value?[] dys) => n.Graph.Emit("onnxtimm:LayerNormGrad",
        [dys[0]!, n[0], n[1], n.Outs[1], n.Outs[2]], n.Has(2) ? 3 : 2, ("axis", n.Int("axis", -1))).Outs;

    static Value?[] InstanceNormRule(Node n, Value dy)
    {
        var x = n[0];
        var inner = x.Shape.AxesFrom(2);
        var centred = x - x.ReduceMean(inner);
        var inverse = ((centred * centred).ReduceMean(inner) + n.Float("epsilon", 1e-5f)).Sqrt().Reciprocal();
        var xh = centred * inverse;
        var outer = x.Shape.AllButChannels();
        return
        [
            Whitened(dy * n[1].Along(x), xh, inverse, inner),
            (dy * xh).ReduceSum(outer, keepDims: false),
            dy.ReduceSum(outer, keepDims: false),
        ];
    }

    /// <summary>With s the biased sum: dy s^-beta - 2 alpha beta / size x sum(dy x s^(-beta - 1)).</summary>
    static Value?[] LocalResponseNormRule(Node n, Value dy)
    {
        var (x, size) = (n[0], n.Int("size"));
        double alpha = n.Float("alpha", 1e-4f), beta = n.Float("beta", 0.75f), bias = n.Float("bias", 1);
        var s = (x * x).MeanOfNeighbours(size) * alpha + bias;
        var spread = (dy * x * s.Pow(-beta - 1)).MeanOfNeighbours(size);
        return [dy * s.Pow(-beta) - x * spread * (2 * alpha * beta)];
    }

    /// <summary>The mean over neighbouring channels, zeros beyond the ends.</summary>
    static Value MeanOfNeighbours(this Value x, long size)
    {
        var rows = x.Reshape(x.Shape[0], 1, x.Channels, x.Shape.Count / x.Shape[0] / x.Shape[1]);
        return rows.AveragePool([size, 1], [1, 1], [size / 2, 0, size / 2, 0], countPads: true).Reshape(x.Shape);
    }

    /// <summary>
    /// The gradient of xh = (x - mean) / sigma over some axes, given that of xh and 1 / sigma.
    /// </summary>
    internal static Value Whitened(Value g, Value xh, Value inverse, long[] axes) =>
        inverse * (g - g.ReduceMean(axes) - xh * (g * xh).ReduceMean(axes));
}
