using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Products with a constant matrix on codes whose range is found at each call, in the form that ONNX Runtime fuses to
/// one kernel: x becomes codes, the sums of products are multiplied by both steps, and the bias is added as a number.
/// </summary>
sealed class DynamicPlacement(Graph graph, Recipe recipe, Predicate<Node> isExcluded) : IPlacement
{
    /// <summary>
    /// Multiply-adds that are worth one number on its way to codes or back: an int8 product saves about 0.013 ns of
    /// each, and a number costs about half a nanosecond.
    /// </summary>
    const long MacsOfANumber = 40;

    readonly HashSet<Node> nodes = [.. graph.Nodes.Where(n => IsProduct(n) && IsWorthIt(n) && !isExcluded(n))];

    /// <inheritdoc/>
    public IEnumerable<Node> Nodes => nodes;

    /// <inheritdoc/>
    public IEnumerable<Value> Measured => [];

    /// <summary>Whether a node is a product of numbers with a constant matrix.</summary>
    public static bool IsProduct(Node n) => n.Op is "Gemm" or "MatMul" && OperatorRules.Of(n) is not null;

    /// <inheritdoc/>
    public Graph Write(Measurements numbers)
    {
        var codes = new Dictionary<Value, (Value Codes, Value Scale, Value Zero)>();
        return Rewrite.Apply(Rewrite.Apply(graph, (n, to) =>
        {
            if (!nodes.Contains(n))
                return null;
            if (!codes.TryGetValue(n[0], out var input))
                codes[n[0]] = input = to[n[0]].DynamicQuantizeLinear();
            return [Product(n, input, numbers, to)];
        }));
    }

    Value Product(Node n, (Value Codes, Value Scale, Value Zero) x, Measurements numbers, Rewrite to)
    {
        var (matrix, codes) = Matrix.Of(n);
        var weight = numbers.Weight(n[1].Name, matrix, codes, 1, recipe.Weights);
        var steps = Stored.New(to, $"{n[1].Name}:scale", Tensor.Of(weight.Steps, weight.Steps.Length));
        var stored = Stored.New(to, $"{n[1].Name}:codes", Tensor.Of(weight.Codes, codes));
        var y = x.Codes.MatMulInteger(stored, x.Zero).Cast(DType.Float32).Mul(x.Scale.Mul(steps));
        if (n.Has(2))
            y = y.Add(to[n[2]]);
        to.Keep(n.Out, y);
        return y;
    }

    /// <summary>Whether the products save more than the way to codes and back costs.</summary>
    static bool IsWorthIt(Node n) =>
        Work.Macs(n) >= MacsOfANumber * (Work.Count(n[0]) + Work.Count(n.Out));
}

/// <summary>The constant matrix of a product, [K, N].</summary>
static class Matrix
{
    /// <summary>Elements and shape.</summary>
    public static (float[] Elements, long[] Shape) Of(Node n)
    {
        var (data, shape) = (n[1].Data!.AsFloat32(), n[1].Shape.Sizes);
        return n.Op == "Gemm" && n.Int("transB") == 1
            ? (data.Permute(1, 0).ToFloats(), [shape[1], shape[0]])
            : (data.ToFloats(), shape);
    }
}
