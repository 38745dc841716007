namespace OnnxTimm.Train;

/// <summary>
/// LARS (arXiv:1708.03888) and LARC, as timm/optim/lars.py: the gradient of a tensor is scaled to the tensor's own
/// norm, but only where it decays.
/// </summary>
static class Lars
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (momentum, dampening, nesterov) = (s.Number("momentum"), s.Number("dampening"), s.Flag("nesterov"));
        var (trust, eps, clip) = (s.Number("trust_coeff", 0.001), s.Number("eps", 1e-8), s.Flag("trust_clip"));
        var always = s.Flag("always_adapt");
        return new(s.Name,
            momentum > 0 ? [new("momentum_buffer")] : [],
            [
                Decay.Coupled.Scalar,
                Scalar.Lr,
                new("adapt", step => always || step.WeightDecay != 0 ? 1 : 0),
                new("share", step => step.Step == 1 ? 1 : 1 - dampening),
            ],
            (p, g, state, k) =>
            {
                var ratio = Ratio(p, g, k[0]);
                ratio = clip ? (ratio / k[1]).Min(1) : ratio;
                g = (g + p * k[0]) * k[2].Greater(0).Where(ratio, p.Graph.Scalar(1));
                if (momentum == 0)
                    return [p - g * k[1]];
                var velocity = state[0] * momentum + g * k[3];
                return [p - (nesterov ? g + velocity * momentum : velocity) * k[1], velocity];
            });

        Value Ratio(Value p, Value g, Value decay)
        {
            var (weight, length) = (p.ReduceL2(keepDims: false), g.ReduceL2(keepDims: false));
            return weight.Greater(0).And(length.Greater(0))
                .Where(weight * trust / (length + weight * decay + eps), p.Graph.Scalar(1));
        }
    }
}
