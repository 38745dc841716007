namespace OnnxTimm.Train;

/// <summary>
/// The nearest orthogonal matrix, roughly, by the iteration X = a X + (b X X' + c (X X')^2) X. timm computes it in
/// bfloat16, which is done here by rounding after each product.
/// </summary>
sealed class NewtonSchulz
{
    const int MostSteps = 100;

    /// <summary>Coefficients a, b, c of each step, the last for all that follow (timm/optim/muon.py).</summary>
    static readonly Dictionary<string, double[]> Presets = new()
    {
        ["original"] = [3.4445, -4.7750, 2.0315],
        ["quintic"] =
        [
            4.0848, -6.8946, 2.9270, 3.9505, -6.3029, 2.6377, 3.7418, -5.5913, 2.3037,
            2.8769, -3.1427, 1.2046, 2.8366, -3.0525, 1.2012,
        ],
        ["polar_express"] =
        [
            8.237312490495555, -23.157747414558198, 16.680568411445915,
            4.082441999064835, -2.893047735332586, 0.5252849256975648,
            3.9263479922546582, -2.8547468034765298, 0.5318022422894988,
            3.2982187133085143, -2.424541981026706, 0.48632008358844075,
            2.2970369434552573, -1.63662558125903, 0.4002628455953627,
            1.8763805351440397, -1.2347896577722228, 0.35891887501668385,
            1.8564423485617974, -1.2132449880935525, 0.3568003487825883,
            1.8749994008682747, -1.2499988017229169, 0.3749994008546422,
        ],
        ["polar_express_safer"] =
        [
            8.156554524902461, -22.48329292557795, 15.878769915207462,
            4.0429299351667245, -2.808917465908704, 0.5000178451051299,
            3.8916678022926563, -2.7724841532176825, 0.5060648178503389,
            3.285753657755658, -2.3681294933425394, 0.46449024233003117,
            2.3005307116270983, -1.6111665557258408, 0.3833374427545273,
            1.8631210546382593, -1.2042160621002727, 0.3421879560523383,
            1.8382572152247512, -1.1779263289537742, 0.3396513038637379,
            1.8749999923301852, -1.2499999836060613, 0.374999991275876,
        ],
    };

    readonly (double A, double B, double C)[] steps;
    readonly Func<Value, Value> round;
    readonly double eps, safety;
    readonly bool scales;

    NewtonSchulz(OptimizerSettings s)
    {
        (eps, safety, scales) = (s.Number("eps", 1e-7), s.Number("safety_factor", 1), s.Flag("scale_eps"));
        round = s.Choice("ns_dtype", "bfloat16", "float32") == "bfloat16" ? BFloat16.Round : x => x;
        var count = s.Number("ns_steps", 5);
        if (count != Math.Floor(count) || count >= MostSteps)
            throw s.Wrong("ns_steps", $"a whole number below {MostSteps}");
        var known = Presets.GetValueOrDefault(s.Text("ns_coefficients", "quintic"))
            ?? s.Numbers("ns_coefficients", Presets["quintic"], double.IsFinite);
        if (known.Length == 0 || known.Length % 3 != 0)
            throw s.Wrong("ns_coefficients", $"three numbers a step, or one of {string.Join(", ", Presets.Keys)}");
        steps = [.. Enumerable.Range(0, (int)count).Select(i => Math.Min(i, known.Length / 3 - 1) * 3)
            .Select(i => (known[i], known[i + 1], known[i + 2]))];
    }

    public static NewtonSchulz Of(OptimizerSettings s) => new(s);

    /// <summary>Matrices [.., rows, columns], each made orthogonal.</summary>
    public Value Orthogonal(Value matrix)
    {
        var shape = matrix.Shape.Sizes;
        var isHigh = shape[^2] > shape[^1];
        var x = round(isHigh ? Turn(matrix) : matrix);
        var length = round(round(x.ReduceL2([shape.Length - 2, shape.Length - 1])) * safety);
        x = round(x / (scales ? length + eps * Math.Sqrt((double)shape[^1] / shape[^2]) : length.Max(eps)));
        foreach (var (a, b, c) in steps)
        {
            var square = round(x.MatMul(Turn(x)));
            var factor = round(square * b + square.MatMul(square) * c);
            x = round(x * a + factor.MatMul(x));
        }
        return isHigh ? Turn(x) : x;
    }

    static Value Turn(Value x) => x.Shape.Rank == 2 ? x.Transpose(1, 0) : x.Transpose(0, 2, 1);
}
