namespace OnnxTimm.Train;

/// <summary>
/// Adam (arXiv:1412.6980) and AdamW (arXiv:1711.05101), as torch.optim.Adam and AdamW: epsilon is added after the
/// correction of the second moment. timm/optim/adamw.py adds caution and corrected decay.
/// </summary>
static class Adam
{
    public static Optimizer Coupled(OptimizerSettings s) => Create(s, Decay.Coupled);

    public static Optimizer Decoupled(OptimizerSettings s) => Create(s, Decay.Apart(s));

    static Optimizer Create(OptimizerSettings s, Decay decay)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var eps = s.Number("eps", 1e-8);
        var (gate, amsgrad) = (Gates.Of(s), s.Flag("amsgrad"));
        Slot[] state = [new("exp_avg"), new("exp_avg_sq"), new("max_exp_avg_sq")];
        return new(s.Name, amsgrad ? state : state[..2],
            [
                decay.Scalar,
                new("rate", step => step.Lr / (1 - Math.Pow(beta1, step.Step))),
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
            ],
            (p, g, state, k) =>
            {
                var (decayScalar, rate, correction) = (k[0], k[1], k[2]);
                (p, g) = decay.Apply(p, g, decayScalar);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var most = amsgrad ? state[2].Max(square) : square;
                var step = gate(mean, g) / (most.Sqrt() * correction + eps);
                Value[] next = [p - step * rate, mean, square];
                return amsgrad ? [.. next, most] : next;
            });
    }
}
