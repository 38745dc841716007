namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>1 where x is positive, else 0: the cheapest form that ONNX Runtime has.</summary>
    internal static Value Positive(this Value x) => Ops.HardSigmoid(x, alpha: 1e30, beta: 0);

    /// <summary>Where x lies strictly between two bounds, as PyTorch cuts.</summary>
    internal static Value Inside(Value x, double low, double high) =>
        x.Greater(x.Graph.Scalar(low)).And(x.Less(x.Graph.Scalar(high))).Cast(x.Type);

    /// <summary>arXiv:1706.02515, whose constants are ONNX's defaults.</summary>
    static Value?[] SeluRule(Node n, Value dy)
    {
        var (gamma, alpha) = (n.Float("gamma", 1.05070102f), n.Float("alpha", 1.67326319f));
        return [n[0].Greater(0).Where(dy * gamma, dy * (n.Out + gamma * alpha))];
    }

    /// <summary>By a bound, or two; at a bound nothing flows, as in PyTorch's ReLU6.</summary>
    static Value?[] ClipRule(Node n, Value dy)
    {
        if (n.Has(1))
            dy = Chosen(n[0].Greater(n[1]), dy, no: false);
        if (n.Has(2))
            dy = Chosen(n[0].Less(n[2]), dy, no: false);
        return [dy, null, null];
    }

    /// <summary>Min or Max of any number: the gradient goes to the first input that is the result.</summary>
    static Value?[] ExtremeRule(Node n, Value dy)
    {
        var grads = new Value?[n.In.Length];
        for (var i = 0; i < grads.Length - 1; i++)
        {
            var isResult = n[i].Equal(n.Out);
            grads[i] = Chosen(isResult, dy, no: false);
            dy = Chosen(isResult, dy, no: true);
        }
        grads[^1] = dy;
        return grads;
    }

    /// <summary>The gradient where a condition holds (or does not), else zero.</summary>
    static Value Chosen(Value condition, Value dy, bool no)
    {
        var zero = dy.Graph.Scalar(0, dy.Type);
        return no ? condition.Where(zero, dy) : condition.Where(dy, zero);
    }

    /// <summary>Phi(x) + x phi(x), or the derivative of its tanh form.</summary>
    static Value?[] GeluRule(Node n, Value dy)
    {
        var x = n[0];
        if (n.Text("approximate", "none") == "none")
            return [dy * Fused.GeluSlope(x)];
        var scale = Math.Sqrt(2 / Math.PI);
        var t = (x * (1 + 0.044715 * (x * x)) * scale).Tanh();
        return [dy * ((1 + t) * 0.5 + 0.5 * x * (1 - t * t) * scale * (1 + 3 * 0.044715 * (x * x)))];
    }

    static Value?[] MatMulRule(Node n, Value dy)
    {
        var (a, b) = (n[0], n[1]);
        var da = dy.MatMul(b.Turned());
        // A weight meets the whole batch in one product instead of one an item.
        var db = b.Shape.Rank == 2 && a.Shape.Rank > 2
            ? a.Rows().Gemm(dy.Rows(), transA: true)
            : a.Turned().MatMul(dy);
        return [da, db];
    }

    static Value?[] GemmRule(Node n, Value dy)
    {
        if (n.Float("alpha", 1) != 1 || n.Float("beta", 1) != 1 || n.Int("transA") != 0)
            throw NotKnown(n, "it scales its product or its bias, or transposes its first input");
        var turned = n.Int("transB") == 1;
        return
        [
            dy.Gemm(n[1], transB: !turned),
            turned ? dy.Gemm(n[0], transA: true) : n[0].Gemm(dy, transA: true),
            n.Has(2) ? dy : null,
        ];
    }

    /// <summary>
    /// The transpose of a product a^T b as the product b^T a. ONNX Runtime would put that in its place too, as a new
    /// node, which runs elsewhere in the order (<see cref="EarlyLeaves"/>).
    /// </summary>
    static Value? TurnedProduct(Value y) => y.Producer is { Op: "Gemm" } n && n.Int("transA") == 1
        && n.Int("transB") == 0 && !n.Has(2) ? n[1].Gemm(n[0], transA: true) : null;

    /// <summary>The last two axes exchanged.</summary>
    static Value Turned(this Value x)
    {
        var perm = x.Shape.AxesFrom(0);
        (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        return x.Transpose(perm);
    }

    /// <summary>All axes but the last as one.</summary>
    static Value Rows(this Value x) => x.Reshape(new Shape(x.Shape.SkipLast(1)).Count, x.Shape[-1]);

    static long[] Axes(Node n) => n.ConstInts(1) ?? n.Ints("axes") ?? n[0].Shape.AxesFrom(0);

    /// <summary>A reduced value with its reduced axes kept as ones, so that it meets the input.</summary>
    static Value Kept(Node n, Value reduced)
    {
        var gone = Axes(n).Select(axis => n[0].Shape.Axis(axis)).ToHashSet();
        return reduced.Reshape(new Shape(n[0].Shape.Select((d, axis) => gone.Contains(axis) ? 1 : d)));
    }

    /// <summary>
    /// How many elements of x went into each element of a reduction; computed where the batch is among them.
    /// </summary>
    static Value CountOver(this Value x, Value reduced) => x.Number(x.Shape.Count / reduced.Shape.Count);

    /// <summary>How many elements each channel of x [N, C, ...] has.</summary>
    internal static Value CountPerChannel(this Value x) => x.Number(x.Shape.Count / x.Shape[1]);

    /// <summary>
    /// A scalar; where it is not fixed, a multiple of the axis that is not, which may be several times the batch.
    /// </summary>
    static Value Number(this Value x, Dim count)
    {
        if (count.IsFixed)
            return x.Graph.Scalar(count.Size, x.Type);
        var axis = x.Shape.TakeWhile(d => d.IsFixed).Count();
        return x.ShapeOf(axis, axis + 1).Cast(x.Type).Reshape(Shape.Scalar)
            * ((double)count.Factor / x.Shape[axis].Factor);
    }

    /// <summary>The gradient of a maximum goes to the largest elements, in equal parts (PyTorch's amax).</summary>
    static Value ToLargest(Value x, Value max, Value dy, long[] axes)
    {
        var mask = x.Equal(max).Cast(x.Type);
        return mask * (dy / mask.ReduceSum(axes));
    }
}
