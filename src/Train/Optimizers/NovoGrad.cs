namespace OnnxTimm.Train;

/// <summary>
/// NovoGrad (arXiv:1905.11286), as timm/optim/nvnovograd.py: the second moment of a tensor is one number, its
/// gradient's squared norm, which the first step copies.
/// </summary>
static class NovoGrad
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.95, 0.98);
        var (eps, amsgrad) = (s.Number("eps", 1e-8), s.Flag("amsgrad"));
        var share = s.Flag("grad_averaging") ? 1 - beta1 : 1;
        var decay = s.Flag("decoupled_decay") ? Decay.Apart(s) : Decay.Coupled;
        Slot[] state = [new("exp_avg"), Number("exp_avg_sq"), Number("max_exp_avg_sq")];
        return new(s.Name, amsgrad ? state : state[..2], [decay.Scalar, Scalar.Lr], (p, g, state, k) =>
        {
            var norm = (g * g).ReduceSum(keepDims: false);
            var square = state[1].Greater(0).Where(state[1] * beta2 + norm * (1 - beta2), norm);
            var most = amsgrad ? state[2].Max(square) : square;
            (p, g) = decay.Apply(p, g / (most.Sqrt() + eps), k[0]);
            var mean = state[0] * beta1 + g * share;
            Value[] next = [p - mean * k[1], mean, square];
            return amsgrad ? [.. next, most] : next;
        });
    }

    static Slot Number(string name) => new(name) { Shape = _ => [] };
}
