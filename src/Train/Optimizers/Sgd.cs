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
        var (nesterov, dampening) = (s.Flag("nesterov"), s.Number("dampening"));
        if (nesterov && momentum > 0 && dampening != 0)
            throw s.Wrong("dampening", "0 beside Nesterov's momentum");
        var gate = Gates.Of(s);
        return momentum == 0 ? Plain(s.Name, decay) : new(s.Name,
            [new("momentum_buffer")],
            [
                decay.Scalar,
                Scalar.Lr,
                .. dampening == 0 ? Array.Empty<Scalar>()
                    : [new("share", step => step.Step == 1 ? 1 : 1 - dampening)],
            ],
            (p, g, state, k) =>
            {
                var (decayScalar, lr) = (k[0], k[1]);
                (p, g) = decay.Apply(p, g, decayScalar);
                var velocity = state[0] * momentum + (dampening == 0 ? g : g * k[2]);
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
