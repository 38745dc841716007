namespace OnnxTimm.Train;

/// <summary>
/// PyTorch's older adaptive rates: Adagrad (Duchi et al. 2011), Adadelta (arXiv:1212.5701), Adamax (arXiv:1412.6980)
/// and RMSprop (Hinton's lecture), as torch.optim has them.
/// </summary>
static class Adaptive
{
    public static Optimizer Adagrad(OptimizerSettings s)
    {
        var (eps, slowing) = (s.Number("eps", 1e-10), s.Number("lr_decay"));
        return new(s.Name,
            [new("sum", (float)s.Number("initial_accumulator_value"))],
            [Decay.Coupled.Scalar, new("rate", step => step.Lr / (1 + (step.Step - 1) * slowing))],
            (p, g, state, k) =>
            {
                (p, g) = Decay.Coupled.Apply(p, g, k[0]);
                var sum = state[0] + g * g;
                return [p - g / (sum.Sqrt() + eps) * k[1], sum];
            });
    }

    public static Optimizer Adadelta(OptimizerSettings s)
    {
        var (rho, eps) = (s.Number("rho", 0.9), s.Number("eps", 1e-6));
        return new(s.Name,
            [new("square_avg"), new("acc_delta")],
            [Decay.Coupled.Scalar, Scalar.Lr],
            (p, g, state, k) =>
            {
                (p, g) = Decay.Coupled.Apply(p, g, k[0]);
                var square = state[0] * rho + g * g * (1 - rho);
                var step = (state[1] + eps).Sqrt() / (square + eps).Sqrt() * g;
                return [p - step * k[1], square, state[1] * rho + step * step * (1 - rho)];
            });
    }

    public static Optimizer Adamax(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var eps = s.Number("eps", 1e-8);
        return new(s.Name,
            [new("exp_avg"), new("exp_inf")],
            [Decay.Coupled.Scalar, new("rate", step => step.Lr / (1 - Math.Pow(beta1, step.Step)))],
            (p, g, state, k) =>
            {
                (p, g) = Decay.Coupled.Apply(p, g, k[0]);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var most = (state[1] * beta2).Max(g.Abs() + eps);
                return [p - mean / most * k[1], mean, most];
            });
    }

    public static Optimizer RmsProp(OptimizerSettings s)
    {
        var (alpha, eps) = (s.Number("alpha", 0.99), s.Number("eps", 1e-8));
        var (momentum, centered) = (s.Number("momentum"), s.Flag("centered"));
        return new(s.Name,
            [
                new("square_avg"),
                .. momentum > 0 ? [new Slot("momentum_buffer")] : Array.Empty<Slot>(),
                .. centered ? [new Slot("grad_avg")] : Array.Empty<Slot>(),
            ],
            [Decay.Coupled.Scalar, Scalar.Lr],
            (p, g, state, k) =>
            {
                (p, g) = Decay.Coupled.Apply(p, g, k[0]);
                var square = state[0] * alpha + g * g * (1 - alpha);
                Value[] mean = centered ? [state[^1] * alpha + g * (1 - alpha)] : [];
                var length = (centered ? square - mean[0] * mean[0] : square).Sqrt() + eps;
                var step = momentum > 0 ? state[1] * momentum + g / length : g / length;
                Value[] velocity = momentum > 0 ? [step] : [];
                return [p - step * k[1], square, .. velocity, .. mean];
            });
    }
}
