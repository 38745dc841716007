namespace OnnxTimm.Train;

/// <summary>Lion (arXiv:2302.06675), as timm/optim/lion.py: steps of one size, by the sign of the momentum.</summary>
static class Lion
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.99);
        var (decay, gate) = (Decay.Apart(s), Gates.Of(s));
        return new(s.Name, [new("exp_avg")], [decay.Scalar, Scalar.Lr], (p, g, state, k) =>
        {
            (p, g) = decay.Apply(p, g, k[0]);
            var step = gate(Sign(state[0] * beta1 + g * (1 - beta1)), g);
            return [p - step * k[1], state[0] * beta2 + g * (1 - beta2)];
        });
    }

    /// <summary>1, 0 or -1.</summary>
    internal static Value Sign(Value x) => x.Greater(0).Cast(DType.Float32) - x.Less(0).Cast(DType.Float32);
}
