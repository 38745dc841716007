namespace OnnxTimm.Train;

/// <summary>
/// Rectified Adam (arXiv:1908.03265), as torch.optim.RAdam and timm/optim/radam.py: while the second moment rests on
/// too few gradients, the step is the mean gradient alone.
/// </summary>
static class Radam
{
    public static Optimizer Coupled(OptimizerSettings s) => Create(s, Decay.Coupled);

    public static Optimizer Decoupled(OptimizerSettings s) => Create(s, Decay.Decoupled);

    static Optimizer Create(OptimizerSettings s, Decay decay)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (eps, rectification) = (s.Number("eps", 1e-8), new Rectification(beta1, beta2));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                decay.Scalar,
                new("rate", step => step.Lr * rectification.Rate(step.Step)),
                new("adapt", step => rectification.Adapts(step.Step) ? 1 : 0),
            ],
            (p, g, state, k) =>
            {
                (p, g) = decay.Apply(p, g, k[0]);
                var mean = state[0] * beta1 + g * (1 - beta1);
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var divisor = k[2].Greater(0).Where(square.Sqrt() + eps, p.Graph.Scalar(1));
                return [p - mean / divisor * k[1], mean, square];
            });
    }
}

/// <summary>How far the second moment can be relied on, by the length of its memory so far.</summary>
/// <param name="beta1">Decay of the mean.</param>
/// <param name="beta2">Decay of the second moment.</param>
/// <param name="degenerates">Whether there is a step at all before it can be.</param>
sealed class Rectification(double beta1, double beta2, bool degenerates = true)
{
    /// <summary>Gradients that the second moment must rest on.</summary>
    const double Least = 5;

    readonly double longest = 2 / (1 - beta2) - 1;

    public bool Adapts(long step) => Length(step) >= Least;

    /// <summary>Factor on the learning rate, with the corrections of both moments.</summary>
    public double Rate(long step)
    {
        var (length, corrected) = (Length(step), 1 / (1 - Math.Pow(beta1, step)));
        return length < Least ? degenerates ? corrected : 0
            : corrected * Math.Sqrt((1 - Math.Pow(beta2, step)) * (length - 4) / (longest - 4)
                * (length - 2) / length * longest / (longest - 2));
    }

    double Length(long step) => longest - 2 * step * Math.Pow(beta2, step) / (1 - Math.Pow(beta2, step));
}
