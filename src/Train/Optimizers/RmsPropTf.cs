namespace OnnxTimm.Train;

/// <summary>
/// RMSprop as TensorFlow has it, which EfficientNets are trained with; timm/optim/rmsprop_tf.py. The mean square
/// begins at one, epsilon stands inside the root, and the learning rate is folded into the momentum.
/// </summary>
static class RmsPropTf
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (alpha, eps) = (s.Number("alpha", 0.9), s.Number("eps", 1e-10));
        var momentum = s.Number("momentum");
        var decay = s.Flag("decoupled_decay") ? Decay.Apart(s) : Decay.Coupled;
        var move = momentum == 0 ? Plain : Moving(momentum, s.Flag("lr_in_momentum", true), Gates.Of(s));
        var centered = s.Flag("centered");
        Slot[] moving = momentum == 0 ? [] : [new("momentum_buffer")];
        Slot[] means = centered ? [new("grad_avg")] : [];
        return new(s.Name, [new("square_avg", 1), .. moving, .. means], [decay.Scalar, Scalar.Lr], (p, g, state, k) =>
        {
            var (decayScalar, lr) = (k[0], k[1]);
            (p, g) = decay.Apply(p, g, decayScalar);
            var square = state[0] + (g * g - state[0]) * (1 - alpha);
            Value[] mean = centered ? [state[^1] + (g - state[^1]) * (1 - alpha)] : [];
            var variance = centered ? square - mean[0] * mean[0] : square;
            var (step, rest) = move(g / (variance + eps).Sqrt(), g, state, lr);
            return [p - step, square, .. rest, .. mean];
        });
    }

    /// <summary>From the scaled gradient to the step, with the state that it leaves.</summary>
    delegate (Value Step, Value[] State) Move(Value scaled, Value g, Value[] state, Value lr);

    static (Value, Value[]) Plain(Value scaled, Value g, Value[] state, Value lr) => (scaled * lr, []);

    static Move Moving(double momentum, bool lrInside, Gate gate) => (scaled, g, state, lr) =>
    {
        var velocity = state[1] * momentum + (lrInside ? scaled * lr : scaled);
        var step = gate(velocity, g);
        return (lrInside ? step : step * lr, [velocity]);
    };
}
