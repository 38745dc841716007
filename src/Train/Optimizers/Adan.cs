namespace OnnxTimm.Train;

/// <summary>Adan (arXiv:2208.06677), as timm/optim/adan.py: moments of the gradient and of its change.</summary>
static class Adan
{
    public static Optimizer Create(OptimizerSettings s)
    {
        if (s.Numbers("betas", [0.98, 0.92, 0.99], x => x is >= 0 and < 1) is not [var beta1, var beta2, var beta3])
            throw s.Wrong("betas", "three numbers, each from 0 to below 1");
        var (eps, first, gate) = (s.Number("eps", 1e-8), s.Flag("no_prox"), Gates.Of(s));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_diff"), new("exp_avg_sq"), new("neg_pre_grad")],
            [
                new("keep", step => first ? 1 - step.Lr * step.WeightDecay : 1 / (1 + step.Lr * step.WeightDecay)),
                new("changed", step => step.Step == 1 ? 0 : 1),
                new("rate", step => step.Lr / (1 - Math.Pow(beta1, step.Step))),
                new("rate_diff", step => step.Lr * beta2 / (1 - Math.Pow(beta2, step.Step))),
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta3, step.Step))),
            ],
            (p, g, state, k) =>
            {
                var change = (g + state[3]) * k[1];
                var mean = state[0] * beta1 + g * (1 - beta1);
                var drift = state[1] * beta2 + change * (1 - beta2);
                var ahead = change * beta2 + g;
                var square = state[2] * beta3 + ahead * ahead * (1 - beta3);
                var divisor = square.Sqrt() * k[4] + eps;
                var start = first ? p * k[0] : p;
                var moved = start - gate(mean, g) / divisor * k[2] - drift / divisor * k[3];
                return [first ? moved : moved * k[0], mean, drift, square, -g];
            });
    }
}
