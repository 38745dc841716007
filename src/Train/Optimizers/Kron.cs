namespace OnnxTimm.Train;

/// <summary>
/// PSGD with Kronecker factors (arXiv:1512.04202), as timm/optim/kron.py: a factor for each axis of a tensor,
/// triangular or diagonal, that is fitted to the gradient by a random probe.
/// </summary>
static class Kron
{
    const int MostAxes = 6;

    const double BalanceProbability = 0.01, LargestRms = 1.1;

    public static Optimizer Create(OptimizerSettings s)
    {
        var beta = s.Number("momentum", 0.9);
        var factors = new KronFactors(s);
        var updates = new UpdateSteps(s.NumberOrNone("preconditioner_update_probability", null));
        var (byMomentum, rate) = (s.Flag("momentum_into_precond_update", true), s.Number("precond_lr", 0.1));
        var (isDecoupled, isStochastic) = (s.Flag("decoupled_decay"), s.Flag("stochastic_weight_decay"));
        var isCorrected = s.Flag("corrected_weight_decay");
        _ = s.ChoiceOrNone("mu_dtype", "None", "float32");
        _ = s.ChoiceOrNone("precond_dtype", "None", "float32");
        return new(s.Name,
            [
                new("momentum_buffer") { Shape = factors.Flat },
                .. Enumerable.Range(0, MostAxes).Select(factors.Slot),
            ],
            [
                Scalar.Lr,
                new("correction", step => 1 / (1 - Math.Pow(beta, step.Step))),
                new("decay", step => step.WeightDecay * (!isDecoupled ? 1
                    : isCorrected ? step.Lr * step.Lr / step.BaseLr : step.Lr)),
                new("fits", step => updates.Has(step.Step) ? 1 : 0),
            ],
            (p, g, state, k) =>
            {
                var (chance, probe, sway, momentum) = (state[0], state[1], state[2], state[3]);
                var gradient = g.Reshape(factors.Shape(p.Shape.Sizes));
                momentum = momentum * beta + gradient * (1 - beta);
                var mean = momentum * k[1];
                var (lr, decay) = (k[0], isStochastic ? k[2] * sway * 2 : k[2]);
                var axes = KronFactors.Balanced(state[4..], chance.Less(BalanceProbability).Cast(DType.Float32) * k[3]);
                axes = KronFactors.Fitted(axes, byMomentum ? mean : gradient, probe, k[3] * rate);
                var step = KronFactors.Apply(axes, mean);
                step *= (LargestRms / ((step * step).ReduceMean(keepDims: false).Sqrt() + 1e-8)).Min(1);
                step = step.Reshape(p.Shape);
                var next = isDecoupled ? p * (1 - decay) - step * lr : p - (step + p * decay) * lr;
                return [next, momentum, .. axes];
            })
        {
            IsElementwise = false,
            Draws =
            [
                new("chance", _ => [1]),
                new("probe", factors.Flat) { IsNormal = true },
                new("sway", _ => [1]),
            ],
        };
    }

    /// <summary>The steps at which the factors are fitted: all at first, then every few.</summary>
    /// <param name="probability">One over how many steps; null for timm's schedule.</param>
    sealed class UpdateSteps(double? probability)
    {
        const double Least = 0.03, Decay = 0.001, Flat = 500;

        readonly List<bool> known = [false];
        int counter;

        public bool Has(long step)
        {
            lock (known)
            {
                while (known.Count <= step)
                {
                    var isDue = ++counter >= 1 / (probability ?? Scheduled(known.Count - 1));
                    counter = isDue ? 0 : counter;
                    known.Add(isDue);
                }
                return known[(int)step];
            }
        }

        static float Scheduled(int step) => (float)Math.Clamp(MathF.Exp((float)(-Decay * (step - Flat))), Least, 1);
    }
}
