namespace OnnxTimm.Train;

/// <summary>
/// MARS (arXiv:2411.10438), as timm/optim/mars.py: the change of the gradient since the last step is added to it, and
/// the sum is shortened to norm 1. Vectors go by AdamW, unless they are asked for too.
/// </summary>
static class Mars
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (betas, eps, gate) = (s.Betas(0.9, 0.99), s.Number("eps", 1e-8), Gates.Of(s));
        var (isLion, gamma) = (s.Choice("mars_type", "adamw", "lion") == "lion", s.Number("gamma", 0.025));
        var (allVectors, factor) = (s.Flag("optimize_1d"), s.Number("lr_1d_factor", 1));
        var vectorBetas = s.Betas(betas.Item1, betas.Item2, "betas_1d");
        return new(s.Name,
            [new("exp_avg"), new("exp_avg_sq"), new("last_grad")],
            [
                Scalar.Lr,
                Decay.Coupled.Scalar,
                new("change", step => step.Step == 1 ? 0 : gamma * betas.Item1 / (1 - betas.Item1)),
                .. Corrections("", betas),
                .. Corrections("_1d", vectorBetas),
            ],
            (p, g, state, k) =>
            {
                if (p.Shape.Rank < 2 && !allVectors)
                {
                    var (meanOfVector, squareOfVector, stepOfVector) = Adam(g, g, state, k[5..], vectorBetas);
                    return [p - (p * k[1] + stepOfVector) * (k[0] * factor), meanOfVector, squareOfVector, g];
                }
                var corrected = g + (g - state[2]) * k[2];
                corrected /= corrected.ReduceL2(keepDims: false).Max(1);
                var (mean, square, step) = Adam(corrected, g, state, k[3..], betas);
                if (isLion)
                    (square, step) = (state[1], Lion.Sign(gate(mean, g)));
                return [p - (p * k[1] + step) * k[0], mean, square, g];
            })
        { IsElementwise = false };

        (Value Mean, Value Square, Value Step) Adam(
            Value corrected, Value g, Value[] state, Value[] k, (double First, double Second) beta)
        {
            var mean = state[0] * beta.First + corrected * (1 - beta.First);
            var square = state[1] * beta.Second + corrected * corrected * (1 - beta.Second);
            return (mean, square, gate(mean, g) * k[0] / (square.Sqrt() * k[1] + eps));
        }
    }

    static Scalar[] Corrections(string suffix, (double First, double Second) beta) =>
    [
        new($"correction1{suffix}", step => 1 / (1 - Math.Pow(beta.First, step.Step))),
        new($"correction2{suffix}", step => 1 / Math.Sqrt(1 - Math.Pow(beta.Second, step.Step))),
    ];
}
