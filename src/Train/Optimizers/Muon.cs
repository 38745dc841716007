namespace OnnxTimm.Train;

/// <summary>
/// Muon (Jordan et al. 2024) and AdaMuon (arXiv:2507.11005), as timm/optim/muon.py: the momentum of a matrix is made
/// orthogonal; what is no matrix goes by AdamW, or by NAdamW where Muon goes by Nesterov's momentum.
/// </summary>
static class Muon
{
    /// <summary>The shorter side that a matrix must have, and how much longer the other one may be.</summary>
    const int LeastSide = 4, MostAspect = 128;

    public static Optimizer Create(OptimizerSettings s)
    {
        var rest = s.Flag("nesterov") ? Nadam.Decoupled(Fallback(s)) : Adam.Decoupled(Fallback(s));
        var scale = s.Number("fallback_lr_scale", 1);
        var (isAda, beta2) = (IsAda(s), s.Betas(0.9, 0.95).Item2);
        var matrix = MatrixRule(s);
        Optimizer Where(Func<long[], bool> isMatrix) => new(s.Name,
            [
                Of("momentum_buffer", isMatrix),
                Of("exp_avg", shape => !isMatrix(shape)),
                Of("exp_avg_sq", shape => isAda || !isMatrix(shape)),
            ],
            [
                Decay.Decoupled.Scalar,
                Scalar.Lr,
                new("correction_ada", step => 1 / (1 - Math.Pow(beta2, step.Step))),
                .. rest.Scalars.Select(k => new Scalar($"{k.Name}_fallback",
                    step => k.Of(step with { Lr = step.Lr * scale }))),
            ],
            (p, g, state, k) => isMatrix(p.Shape.Sizes) ? matrix(p, g, state, k) : rest.Emit(p, g, state, k[3..]))
        { IsElementwise = false };
        return Where(IsMatrix) with { Fallback = Where(_ => false) };
    }

    static bool IsAda(OptimizerSettings s) => s.Choice("algo", "muon", "adamuon") == "adamuon";

    static Slot Of(string name, Func<long[], bool> has) => new(name) { Shape = shape => has(shape) ? shape : null };

    /// <summary>Of Muon's options the fallback has these alone.</summary>
    static OptimizerSettings Fallback(OptimizerSettings s) => new(s.Name, new Dictionary<string, string>
    {
        ["eps"] = s.Text("eps", "1e-07"),
        ["betas"] = s.Text("betas", "(0.9, 0.95)"),
    }, new Dictionary<string, string>());

    internal static bool IsMatrix(long[] shape)
    {
        if (shape.Count(size => size > 1) < 2 || shape[0] == 1 || shape[1] == 1)
            return false;
        var (rows, columns) = (shape[0], shape[1..].Aggregate(1L, (product, size) => product * size));
        return Math.Min(rows, columns) >= LeastSide
            && Math.Max(rows, columns) <= MostAspect * (double)Math.Min(rows, columns);
    }

    /// <summary>The update of a matrix, or of a convolution as one.</summary>
    static UpdateRule MatrixRule(OptimizerSettings s)
    {
        var (momentum, nesterov, eps) = (s.Number("momentum"), s.Flag("nesterov"), s.Number("eps", 1e-7));
        var (newton, form) = (NewtonSchulz.Of(s), s.Choice("conv_mode", "flatten", "batched"));
        var (adjust, even) = (s.ChoiceOrNone("adjust_lr_fn", "match_rms_adamw", "original", "rms_to_rms", "rsqrt_in"),
            s.Flag("normalize_spatial", true));
        var (isAda, beta2) = (IsAda(s), s.Betas(0.9, 0.95).Item2);
        if (adjust == (isAda ? "original" : "rsqrt_in"))
            throw s.Wrong("adjust_lr_fn", isAda ? "match_rms_adamw, rms_to_rms, rsqrt_in or None"
                : "match_rms_adamw, original, rms_to_rms or None");
        return (p, g, state, k) =>
        {
            var velocity = state[0] * momentum + g * (1 - momentum);
            var step = nesterov ? g * (1 - momentum) + velocity * momentum : velocity;
            var shape = p.Shape.Sizes;
            var (flat, back) = Matrices(shape, form);
            var turned = back(newton.Orthogonal(flat(step)));
            var scale = Scale(shape, form, adjust, isAda) * (form == "batched" && shape.Length > 2 && even
                ? 1 / Math.Sqrt(Positions(shape)) : 1);
            if (!isAda)
                return [p * k[0] - turned * (k[1] * scale), velocity];
            var square = state[1] * beta2 + turned * turned * (1 - beta2);
            var isRms = adjust is "match_rms_adamw";
            var adapted = turned / ((isRms ? square : square * k[2]).Sqrt() + eps);
            if (isRms)
                adapted /= adapted.ReduceL2(keepDims: false) + eps;
            return [p * k[0] - adapted * (k[1] * scale), velocity, square];
        };
    }

    static long Positions(long[] shape) => shape[2..].Aggregate(1L, (product, size) => product * size);

    /// <summary>From a tensor to its matrix, or to one for each position of a kernel, and back.</summary>
    static (Func<Value, Value> Flat, Func<Value, Value> Back) Matrices(long[] shape, string form)
    {
        if (shape.Length == 2)
            return (x => x, x => x);
        var (positions, whole) = (Positions(shape), (Dim[])[.. shape.Select(size => (Dim)size)]);
        return form == "flatten" ? (x => x.Reshape(shape[0], shape[1] * positions), x => x.Reshape(whole))
            : (x => x.Reshape(shape[0], shape[1], positions).Transpose(2, 0, 1),
                x => x.Transpose(1, 2, 0).Reshape(whole));
    }

    /// <summary>Factor on the learning rate, by the sides of the matrix; AdaMuon's is the whole tensor.</summary>
    static double Scale(long[] shape, string form, string? adjust, bool isAda)
    {
        var isOne = shape.Length > 2 && (isAda || form == "flatten");
        var (rows, columns) = ((double)shape[0], (double)shape[1] * (isOne ? Positions(shape) : 1));
        return adjust switch
        {
            "match_rms_adamw" => 0.2 * Math.Sqrt(isAda ? rows * columns : Math.Max(rows, columns)),
            "original" => Math.Sqrt(Math.Max(1, rows / columns)),
            "rms_to_rms" => Math.Sqrt(rows / columns),
            "rsqrt_in" => 1 / Math.Sqrt(columns),
            _ => 1,
        };
    }
}
