namespace OnnxTimm.Train;

/// <summary>
/// AdamP and SGDP (arXiv:2006.08217), as timm/optim/adamp.py and sgdp.py: of a tensor whose gradient is nearly at a
/// right angle to it, the step's part along it is taken out, and it decays less.
/// </summary>
static class Projected
{
    public static Optimizer AdamP(OptimizerSettings s)
    {
        var (beta1, beta2) = s.Betas(0.9, 0.999);
        var (nesterov, projection) = (s.Flag("nesterov"), Projection.Of(s, 0.1));
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq")],
            [
                new("decay", step => step.Lr * step.WeightDecay),
                new("rate", step => step.Lr / (1 - Math.Pow(beta1, step.Step))),
                new("correction", step => 1 / Math.Sqrt(1 - Math.Pow(beta2, step.Step))),
            ],
            (p, g, state, k) =>
            {
                var mean = state[0] * beta1 + g * (1 - beta1);
                var square = state[1] * beta2 + g * g * (1 - beta2);
                var ahead = nesterov ? mean * beta1 + g * (1 - beta1) : mean;
                var (step, decay) = projection.Apply(p, g, ahead / (square.Sqrt() * k[2] + projection.Eps), k[0]);
                return [p * (1 - decay) - step * k[1], mean, square];
            })
        { IsElementwise = false };
    }

    public static Optimizer SgdP(OptimizerSettings s)
    {
        var (momentum, dampening, nesterov) = (s.Number("momentum"), s.Number("dampening"), s.Flag("nesterov"));
        var projection = Projection.Of(s, 0.1);
        return new(s.Name,
            [new("momentum")],
            [new("decay", step => step.Lr * step.WeightDecay / (1 - momentum)), Scalar.Lr],
            (p, g, state, k) =>
            {
                var velocity = state[0] * momentum + g * (1 - dampening);
                var (step, decay) = projection.Apply(p, g, nesterov ? g + velocity * momentum : velocity, k[0]);
                return [p * (1 - decay) - step * k[1], velocity];
            })
        { IsElementwise = false };
    }
}

/// <summary>Takes from a step what lies along its tensor.</summary>
/// <param name="Eps">Added to norms.</param>
/// <param name="Delta">Cosine, times the root of the elements, below which an angle counts as right.</param>
/// <param name="DecayRatio">Factor on the decay of what is projected.</param>
/// <param name="Cautious">Whether only what agrees with the gradient is taken.</param>
sealed record Projection(double Eps, double Delta, double DecayRatio, bool Cautious)
{
    public static Projection Of(OptimizerSettings s, double decayRatio) =>
        new(s.Number("eps", 1e-8), s.Number("delta", 0.1), s.Number("wd_ratio", decayRatio), s.Flag("caution"));

    Gate Gate => Cautious ? Gates.Cautious : Gates.Open;

    /// <summary>The step and the decay in force. A channel is tried first, then the whole tensor.</summary>
    public (Value Step, Value Decay) Apply(Value p, Value g, Value step, Value decay)
    {
        if (p.Shape.Rank < 2)
            return (Gate(step, g), decay);
        var shape = p.Shape.Sizes;
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var (byChannel, ofChannel) = Along(p, g, step, [shape[0], count / shape[0]]);
        var (whole, ofWhole) = Along(p, g, step, [1, count]);
        var result = byChannel.Where(ofChannel, whole.Where(ofWhole, Gate(step, g)));
        return (result, byChannel.Where(decay * DecayRatio, whole.Where(decay * DecayRatio, decay)));
    }

    /// <summary>Whether rows of a form are at right angles to the gradient, and the step without their part.</summary>
    (Value Is, Value Step) Along(Value p, Value g, Value step, long[] form)
    {
        var (rows, slopes, steps) = (Formed(p), Formed(g), Formed(step));
        var (length, slope) = (rows.ReduceL2([1]), slopes.ReduceL2([1]));
        var cosine = ((rows * slopes).ReduceSum([1]) / (length.Max(Eps) * slope.Max(Eps))).Abs();
        var unit = rows / (length + Eps);
        var across = Across(steps);
        if (Cautious)
            across = Across(Gates.Cautious(across, Across(slopes)));
        return (cosine.ReduceMax(keepDims: false).Less(Delta / Math.Sqrt(form[1])),
            across.Reshape([.. p.Shape.Sizes.Select(size => (Dim)size)]));

        Value Formed(Value x) => x.Reshape(form[0], form[1]);

        Value Across(Value x) => x - unit * (unit * x).ReduceSum([1]);
    }
}
