namespace OnnxTimm.Train;

/// <summary>
/// MADGRAD (arXiv:2101.11075), as timm/optim/madgrad.py: averages of all gradients, divided by a cube root, go from
/// the first parameters.
/// </summary>
static class Madgrad
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (eps, momentum) = (s.Number("eps", 1e-6), s.Number("momentum", 0.9));
        var decay = s.Flag("decoupled_decay") ? Decay.Decoupled : Decay.Coupled;
        Slot[] state = [new("grad_sum_sq"), new("s"), new("x0") { FromParameter = true }];
        return new(s.Name, momentum > 0 ? state : state[..2],
            [decay.Scalar, new("lambda", step => (step.Lr + eps) * Math.Sqrt(step.Step))],
            (p, g, state, k) =>
            {
                (p, g) = decay.Apply(p, g, k[0]);
                var start = momentum > 0 ? state[2] : p + state[1] / Root(state[0]);
                var squares = state[0] + g * g * k[1];
                var sum = state[1] + g * k[1];
                var goal = start - sum / Root(squares);
                return momentum > 0 ? [p * momentum + goal * (1 - momentum), squares, sum, start]
                    : [goal, squares, sum];
            });

        Value Root(Value squares) => squares.Pow(1 / 3.0) + eps;
    }
}
