namespace OnnxTimm.Train;

/// <summary>
/// Adafactor as Big Vision has it (arXiv:2106.04560), as timm/optim/adafactor_bv.py: the two largest dimensions are
/// factored, and the momentum of the scaled steps is kept in bfloat16.
/// </summary>
static class AdafactorBv
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (eps, cap, power) = (s.NumberOrNone("eps", null) ?? 1e-30, s.Number("beta2_cap", 0.999),
            s.Number("decay_rate", 0.8));
        if (power < 0)
            throw s.Wrong("decay_rate", "at least 0");
        var (momentum, limit) = (s.NumberOrNone("momentum", 0.9), s.NumberOrNone("clipping_threshold", null));
        var (least, gate) = (s.Number("min_dim_size_to_factor", 16), Gates.Of(s));
        var rounded = s.Choice("momentum_dtype", "bfloat16", "float32") == "bfloat16"
            ? BFloat16.Round : (Func<Value, Value>)(x => x);
        return new(s.Name,
            [
                new("exp_avg_sq_r") { Shape = shape => Axes(shape) is var (_, row) ? With1(shape, row) : null },
                new("exp_avg_sq_c") { Shape = shape => Axes(shape) is var (col, _) ? With1(shape, col) : null },
                new("exp_avg_sq") { Shape = shape => Axes(shape) is null ? shape : null },
                .. momentum is null ? Array.Empty<Slot>() : [new("exp_avg")],
            ],
            [KeepOf(s), Scalar.Lr, new("beta2", step => Math.Min(cap, 1 - Math.Pow(step.Step, -power)))],
            (p, g, state, k) =>
            {
                var (step, moments) = Axes(p.Shape.Sizes) is var (col, row)
                    ? Factored(g, g * g + eps, state, k[2], (col, row)) : Whole(g, g * g + eps, state, k[2]);
                if (limit is { } most)
                    step /= (Adafactor.Rms(step) / most).Max(1);
                if (momentum is not { } beta)
                    return [p * k[0] - step * k[1], .. moments];
                var mean = rounded(MultiplyAdd(state[^1], rounded(step) - state[^1], 1 - beta));
                return [p * k[0] - gate(mean, g) * k[1], .. moments, mean];
            })
        { IsElementwise = false };

        (int Col, int Row)? Axes(long[] shape)
        {
            int[] bySize = [.. shape.Index().OrderBy(d => d.Item).Select(d => d.Index)];
            return shape.Length > 1 && shape[bySize[^2]] >= least ? (bySize[^2], bySize[^1]) : null;
        }
    }

    static (Value Scaled, Value[] Moments) Factored(
        Value g, Value square, Value[] state, Value beta2, (int Col, int Row) axes)
    {
        var row = Follow(state[0], square.ReduceMean([axes.Row]), beta2);
        var col = Follow(state[1], square.ReduceMean([axes.Col]), beta2);
        return (g / (row / row.ReduceMean([axes.Col])).Sqrt() / col.Sqrt(), [row, col]);
    }

    static (Value Scaled, Value[] Moments) Whole(Value g, Value square, Value[] state, Value beta2)
    {
        var moment = Follow(state[0], square, beta2);
        return (g / moment.Sqrt(), [moment]);
    }

    /// <summary>A sum with a product, rounded once, as processors have it: here by way of double precision.</summary>
    static Value MultiplyAdd(Value x, Value y, double factor) =>
        (x.Cast(DType.Float64) + y.Cast(DType.Float64) * (float)factor).Cast(DType.Float32);

    static Value Follow(Value state, Value to, Value beta2) => state * beta2 + to * (1 - beta2);

    /// <summary>What of a parameter is left by decay.</summary>
    static Scalar KeepOf(OptimizerSettings s) => (s.Flag("unscaled_wd"), s.Flag("corrected_weight_decay")) switch
    {
        (true, false) => new("keep", step => 1 - step.WeightDecay),
        (true, true) => new("keep", step => 1 - step.Lr / step.BaseLr * step.WeightDecay),
        _ => Decay.Apart(s).Scalar,
    };

    static long[] With1(long[] shape, int axis) => [.. shape.Select((size, i) => i == axis ? 1 : size)];
}

/// <summary>The numbers of bfloat16, within float32: any device and any version of ONNX computes with them.</summary>
static class BFloat16
{
    /// <summary>2^16 + 1, which parts the 8 leading bits from the rest (T. J. Dekker, 1971).</summary>
    const double Splitter = 65537;

    /// <summary>The nearest number of 8 bits.</summary>
    public static Value Round(Value x)
    {
        var large = x * Splitter;
        return large - (large - x);
    }
}
