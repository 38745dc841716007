namespace OnnxTimm.Train;

/// <summary>
/// Stochastic gradient descent, plain, with momentum, or with Nesterov's; torch.optim.SGD and timm/optim/sgdw.py.
/// </summary>
static class Sgd
{
    public static Optimizer Coupled(OptimizerSettings s) => Create(s, Decay.Coupled);

    public static Optimizer Decoupled(OptimizerSettings s) => Create(s, Decay.Apart(s));

    static Optimizer Create(OptimizerSettings s, Decay decay)
    {
        var momentum = s.Number("momentum");
        var nesterov = s.Flag("nesterov");
        var gate = Gates.Of(s);
        return momentum == 0 ? Plain(s.Name, decay) : new(s.Name,
            [new("momentum_buffer")],
            [decay.Scalar, Scalar.Lr],
            (p, g, state, k) =>
            {
                var (decayScalar, lr) = (k[0], k[1]);
                (p, g) = decay.Apply(p, g, decayScalar);
                var velocity = state[0] * momentum + g;
                var step = gate(nesterov ? g + velocity * momentum : velocity, g);
                return [p - step * lr, velocity];
            });
    }

    static Optimizer Plain(string name, Decay decay) => new(name, [], [decay.Scalar, Scalar.Lr], (p, g, _, k) =>
    {
        var (decayScalar, lr) = (k[0], k[1]);
        (p, g) = decay.Apply(p, g, decayScalar);
        return [p - g * lr];
    });
}
