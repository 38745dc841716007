namespace OnnxTimm.Train;

/// <summary>
/// Adafactor (arXiv:1804.04235), as timm/optim/adafactor.py with a given learning rate: the second moment of a large
/// enough matrix is kept as the means of its rows and columns.
/// </summary>
static class Adafactor
{
    public static Optimizer Create(OptimizerSettings s)
    {
        var (eps, limit, power) = (s.Number("eps", 1e-30), s.Number("clip_threshold", 1), s.Number("decay_rate", -0.8));
        if (power > 0)
            throw s.Wrong("decay_rate", "at most 0");
        var (least, gate) = (s.Number("min_dim_size_to_factor", 16), Gates.Of(s));
        var beta1 = s.Has("betas") ? s.Betas(0.9, 0.999).Item1 : (double?)null;
        return new(s.Name,
            [
                new("exp_avg_sq_row") { Shape = shape => Axes(shape) is var (_, row) ? Without(shape, row) : null },
                new("exp_avg_sq_col") { Shape = shape => Axes(shape) is var (col, _) ? Without(shape, col) : null },
                new("exp_avg_sq") { Shape = shape => Axes(shape) is null ? shape : null },
                .. beta1 is null ? Array.Empty<Slot>() : [new("exp_avg")],
            ],
            [
                Decay.Decoupled.Scalar,
                Scalar.Lr,
                new("beta2", step => 1 - Math.Pow(step.Step, power)),
            ],
            (p, g, state, k) =>
            {
                var (scaled, moments) = Axes(p.Shape.Sizes) is var (col, row)
                    ? Factored(g, g * g + eps, state, k[2], (col, row)) : Whole(g, g * g + eps, state, k[2]);
                var step = scaled / (Rms(scaled) / limit).Max(1) * k[1];
                (p, _) = Decay.Decoupled.Apply(p, g, k[0]);
                if (beta1 is not { } beta)
                    return [p - step, .. moments];
                var mean = state[^1] * beta + step * (1 - beta);
                return [p - gate(mean, g), .. moments, mean];
            })
        { IsElementwise = false };

        // Of a convolution the channels, if there are enough of them; else the last two.
        (int Col, int Row)? Axes(long[] shape) =>
            shape.Length > 2 && shape[0] > least && shape[1] > least ? (0, 1)
            : shape.Length > 1 && shape[^2] > least && shape[^1] > least ? (shape.Length - 2, shape.Length - 1) : null;
    }

    static (Value Scaled, Value[] Moments) Factored(
        Value g, Value square, Value[] state, Value beta2, (int Col, int Row) axes)
    {
        var row = state[0] * beta2 + square.ReduceMean([axes.Row], keepDims: false) * (1 - beta2);
        var col = state[1] * beta2 + square.ReduceMean([axes.Col], keepDims: false) * (1 - beta2);
        var byRow = (row / row.ReduceMean([axes.Col])).Sqrt().Unsqueeze(axes.Row);
        return (g / byRow / col.Sqrt().Unsqueeze(axes.Col), [row, col]);
    }

    static (Value Scaled, Value[] Moments) Whole(Value g, Value square, Value[] state, Value beta2)
    {
        var moment = state[0] * beta2 + square * (1 - beta2);
        return (g / moment.Sqrt(), [moment]);
    }

    /// <summary>The root of the mean square.</summary>
    internal static Value Rms(Value x) =>
        x.ReduceL2(keepDims: false) / Math.Sqrt(x.Shape.Sizes.Aggregate(1.0, (product, size) => product * size));

    static long[] Without(long[] shape, int axis) => [.. shape[..axis], .. shape[(axis + 1)..]];
}
