namespace OnnxTimm.Train;

/// <summary>
/// LaProp (arXiv:2002.04839), as timm/optim/laprop.py: the momentum is of steps that are scaled already, and it has
/// their learning rates in it, whose average is a state of its own.
/// </summary>
static class LaProp
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (eps, decay, gate) = (s.Number("eps", 1e-15), Decay.Apart(s), Gates.Of(s));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq"), new("exp_avg_lr_1") { Shape = _ => [] }],
            [
                decay.Scalar,
                Scalar.Lr,
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
            ],
            (p, g, state, k) =>
            {
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var mean = state[0] * beta1 + g / (square.Sqrt() * k[2] + eps) * (k[1] * (1 - beta1));
                var rates = state[2] * beta1 + k[1] * (1 - beta1);
                var rate = k[1].Greater(0).Where(k[1] / rates, p.Graph.Scalar(1));
                return [(p - gate(mean, g) * rate) * k[0], mean, square, rates];
            });
    }
}
