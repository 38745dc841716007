namespace OnnxTimm.Train;

/// <summary>
/// LAMB (arXiv:1904.00962), as timm/optim/lamb.py: the gradient of all parameters is clipped to norm 1 first, and the
/// step of a tensor is scaled to the tensor's own norm, but only where it decays.
/// </summary>
static class Lamb
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (eps, always) = (s.Number("eps", 1e-6), s.Flag("always_adapt"));
        var share = s.Flag("grad_averaging", true) ? 1 - beta1 : 1;
        var decay = s.Flag("decoupled_decay") ? Decay.Apart(s) : Decay.Coupled;
        var (gate, limit) = (Gates.Of(s), s.Flag("trust_clip") ? AtMostOne : (Func<Value, Value>)(ratio => ratio));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                decay.Scalar,
                Scalar.Lr,
                new("correction1", step => 1 / (1 - Math.Pow(beta1, step.Step))),
                new("correction2", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
                new("adapt", step => always || step.WeightDecay != 0 ? 1 : 0),
            ],
            (p, g, state, k) =>
            {
                var (decayScalar, lr, correction1, correction2, adapt) = (k[0], k[1], k[2], k[3], k[4]);
                var mean = state[0] * beta1 + g * share;
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var step = gate(mean * correction1 / (square.Sqrt() * correction2 + eps), g);
                (p, step) = decay.Apply(p, step, decayScalar);
                return [p - step * (lr * TrustRatio(p, step, adapt, limit)), mean, square];
            })
        { MaxGradNorm = s.NumberOrNone("max_grad_norm", 1.0) };
    }

    /// <summary>
    /// Norm of the parameter over norm of the step; 1 where either is zero or where it is not wanted.
    /// </summary>
    static Value TrustRatio(Value p, Value step, Value adapt, Func<Value, Value> limit)
    {
        var (weight, length) = (p.ReduceL2(keepDims: false), step.ReduceL2(keepDims: false));
        var use = weight.Greater(0).And(length.Greater(0)).And(adapt.Greater(0));
        return use.Where(limit(weight / length), p.Graph.Scalar(1));
    }

    static Value AtMostOne(Value ratio) => ratio.Min(1);
}
