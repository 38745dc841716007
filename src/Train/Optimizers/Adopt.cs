namespace OnnxTimm.Train;

/// <summary>
/// ADOPT (arXiv:2411.02853), as timm/optim/adopt.py: the gradient is divided by the second moment before it. The first
/// step makes that moment and moves nothing.
/// </summary>
static class Adopt
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.9999);
        var (eps, exponent, gate) = (s.Number("eps", 1e-6), s.NumberOrNone("clip_exp", 0.333), Gates.Of(s));
        var decay = s.Flag("decoupled") ? FromSecond(Decay.Apart(s)) : Decay.Coupled;
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                decay.Scalar,
                Scalar.Lr,
                new("moves", step => step.Step > 1 ? 1 : 0),
                new("keep_sq", step => step.Step > 1 ? beta2 : 1),
                new("share_sq", step => step.Step > 1 ? 1 - beta2 : 1),
                new("limit", step => exponent is { } power ? Math.Pow(step.Step - 1, power) : 0),
            ],
            (p, g, state, k) =>
            {
                (p, g) = decay.Apply(p, g, k[0]);
                var scaled = g / state[1].Sqrt().Max(eps);
                var step = exponent is null ? scaled : scaled.Max(-k[5]).Min(k[5]);
                var mean = k[2].Greater(0).Where(state[0] * beta1 + step * (1 - beta1), state[0]);
                return [p - gate(mean, g) * k[1], mean, state[1] * k[3] + g * g * k[4]];
            });
    }

    static Decay FromSecond(Decay decay) => decay with
    {
        Scalar = new(decay.Scalar.Name, step => step.Step > 1 ? decay.Scalar.Of(step) : 1),
    };
}
