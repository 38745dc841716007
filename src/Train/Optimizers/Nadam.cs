namespace OnnxTimm.Train;

/// <summary>
/// Adam with Nesterov's momentum: Dozat's with a momentum that grows (torch.optim.NAdam, timm/optim/nadam.py), and the
/// plain form with decoupled decay (timm/optim/nadamw.py).
/// </summary>
static class Nadam
{
    /// <summary>The growth of the momentum is called so by PyTorch, and otherwise by timm's older file.</summary>
    public static Optimizer Coupled(OptimizerSettings s) => Growing(s, s.Number("momentum_decay", 0.004));

    /// <inheritdoc cref="Coupled"/>
    public static Optimizer Legacy(OptimizerSettings s) => Growing(s, s.Number("schedule_decay", 0.004));

    public static Optimizer Decoupled(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (eps, decay, gate) = (s.Number("eps", 1e-8), Decay.Apart(s), Gates.Of(s));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                decay.Scalar,
                new("rate", step => step.Lr / (1 - Math.Pow(beta1, step.Step))),
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
            ],
            (p, g, state, k) =>
            {
                (p, g) = decay.Apply(p, g, k[0]);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var ahead = mean * beta1 + g * (1 - beta1);
                return [p - gate(ahead, g) / (square.Sqrt() * k[2] + eps) * k[1], mean, square];
            });
    }

    static Optimizer Growing(OptimizerSettings s, double growth)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var eps = s.Number("eps", 1e-8);
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                Decay.Coupled.Scalar,
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
                new("rate", step => step.Lr * (1 - Momentum(step.Step)) / (1 - Product(step.Step))),
                new("rate_mean", step => step.Lr * Momentum(step.Step + 1) / (1 - Product(step.Step + 1))),
            ],
            (p, g, state, k) =>
            {
                (p, g) = Decay.Coupled.Apply(p, g, k[0]);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var divisor = square.Sqrt() * k[1] + eps;
                return [p - g / divisor * k[2] - mean / divisor * k[3], mean, square];
            });

        double Momentum(long step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * growth));

        // All momenta so far; some thousand steps of them are nothing in double precision.
        double Product(long steps)
        {
            var product = 1.0;
            for (var step = 1L; step <= steps && product > 0; step++)
                product *= Momentum(step);
            return product;
        }
    }
}
