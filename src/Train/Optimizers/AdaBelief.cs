namespace OnnxTimm.Train;

/// <summary>
/// AdaBelief (arXiv:2010.07468), as timm/optim/adabelief.py: the second moment is that of the gradient's distance from
/// its mean, and epsilon is added to it at each step.
/// </summary>
static class AdaBelief
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (eps, amsgrad, rectify) = (s.Number("eps", 1e-16), s.Flag("amsgrad"), s.Flag("rectify", true));
        var (decay, rectification) = (DecayOf(s), new Rectification(beta1, beta2, s.Flag("degenerated_to_sgd", true)));
        Slot[] state = [new("exp_avg"), new("exp_avg_var"), new("max_exp_avg_var")];
        return new(s.Name, amsgrad ? state : state[..2],
            [
                decay.Scalar,
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
                new("rate", step => rectify ? step.Lr * rectification.Rate(step.Step)
                    : step.Lr / (1 - Math.Pow(beta1, step.Step))),
                new("adapt", step => !rectify || rectification.Adapts(step.Step) ? 1 : 0),
            ],
            (p, g, state, k) =>
            {
                (p, g) = decay.Apply(p, g, k[0]);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var rest = g - mean;
                var variance = state[1] * beta2 + rest * rest * (1 - beta2) + eps;
                var most = amsgrad ? state[2].Max(variance) : variance;
                var length = rectify ? variance.Sqrt() : most.Sqrt() * k[1];
                var divisor = k[3].Greater(0).Where(length + eps, p.Graph.Scalar(1));
                Value[] next = [p - mean / divisor * k[2], mean, variance];
                return amsgrad ? [.. next, most] : next;
            });
    }

    static Decay DecayOf(OptimizerSettings s) => (s.Flag("decoupled_decay", true), s.Flag("fixed_decay")) switch
    {
        (false, _) => Decay.Coupled,
        (_, false) => Decay.Decoupled,
        _ => Decay.Decoupled with { Scalar = new("keep", step => 1 - step.WeightDecay) },
    };
}
