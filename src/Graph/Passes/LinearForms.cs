namespace OnnxTimm.Passes;

/// <summary>Which nodes are linear maps of a source, node by node in the graph's order.</summary>
sealed class LinearForms
{
    readonly Dictionary<Value, LinearMap> maps = [];
    readonly Dictionary<Value, int> uses;

    public LinearForms(Graph graph)
    {
        uses = graph.Nodes.SelectMany(n => n.In.OfType<Value>().Concat(n.Captured)).Concat(graph.Outputs)
            .CountBy(v => v).ToDictionary();
        foreach (var n in graph.Nodes.Where(n => n.Domain.Length == 0 && n.Outs.Length == 1))
            if (Of(n) is { } map)
                maps.Add(n.Out, map);
    }

    /// <summary>How often a value is read: by nodes, by bodies in them, and by the outside.</summary>
    public int Uses(Value v) => uses.GetValueOrDefault(v);

    /// <summary>The map that a node's result is.</summary>
    public LinearMap? this[Node n] => n.Outs.Length == 1 ? maps.GetValueOrDefault(n.Out) : null;

    LinearMap? Of(Node n) => n.Op switch
    {
        "Conv" or "ConvTranspose" or "Gemm" or "MatMul" => Base(n) is { } map ? WithNormBefore(map, n) : null,
        "BatchNormalization" => Normalized(n),
        "Mul" => n[0].Data is null ? Factor(n, n[0], n[1]) : Factor(n, n[1], n[0]),
        "Add" => n[1].Data is not null ? Offset(n, n[0], n[1], 1, 1)
            : n[0].Data is not null ? Offset(n, n[1], n[0], 1, 1)
            : Sum(n, 1),
        "Div" => n[1].Data is { Count: 1 } ? Quotient(n, n[0], n[1]) : null,
        "Sub" => n[1].Data is not null ? Offset(n, n[0], n[1], 1, -1)
            : n[0].Data is not null ? Offset(n, n[1], n[0], -1, 1)
            : Sum(n, -1),
        "Reshape" or "Transpose" => Viewed(n),
        _ => null,
    };

    /// <summary>What a value is of a source: of itself where it is read elsewhere too, or is no map.</summary>
    LinearMap? Of(Value v) => Uses(v) == 1 && maps.TryGetValue(v, out var map) ? map : Identity(v);

    static LinearMap? Identity(Value v)
    {
        if (v.Type != DType.Float32 || !v.Shape.IsKnown || v.Shape.Rank < 2 || !v.Shape[1].IsFixed)
            return null;
        var (channels, rank) = (v.Channels, v.Shape.Rank - 2);
        long[] ones = [.. Enumerable.Repeat(1L, rank)];
        return new(v, null, new(ones, new long[2 * rank], ones, channels),
            KernelLayout.OfConv([channels, 1, .. ones]), () => [.. Enumerable.Repeat(1.0, channels)],
            new double[channels]);
    }

    static LinearMap? Base(Node n)
    {
        if (!n.Has(1) || !n.In.Skip(1).All(v => v is null || IsFloat32(v)) || n[1].Shape.Rank < 2
            || (n.Op == "MatMul" && (n[1].Shape.Rank != 2 || !n.Out.Shape.IsKnown)))
            return null;
        var layout = KernelLayout.Of(n);
        var channels = n.Op == "ConvTranspose" ? layout.Channels * n.Int("group", 1) : layout.Channels;
        if (n.Has(2) && n[2].Data!.Count != 1 && n[2].Data!.Count != channels)
            return null;
        var isSpecific = n.Op == "Conv" && n.Text("auto_pad", "NOTSET") == "NOTSET";
        return new(n[0], n, isSpecific ? ConvSpec.Of(n) : null, layout, () => Doubles(n[1]), BaseBias(n, channels))
        {
            Axis = n.Op == "MatMul" ? n.Out.Shape.Rank - 1 : 1,
            Nodes = [(n, n[0])],
            Parts = layout.Count,
        };
    }

    static double[] BaseBias(Node n, long channels)
    {
        if (!n.Has(2))
            return new double[channels];
        var factor = n.Op == "Gemm" ? n.Float("beta", 1) : 1;
        var bias = Array.ConvertAll(Doubles(n[2]), b => b * factor);
        return bias.Length == channels ? bias : [.. Enumerable.Repeat(bias[0], (int)channels)];
    }

    /// <summary>
    /// A norm that only this reads, where each result reads each channel once and nothing is padded:
    /// W (s x + o) + b = (W s) x + W o + b.
    /// </summary>
    LinearMap WithNormBefore(LinearMap map, Node n)
    {
        var isPointwise = n.Op == "Gemm" ? n.Int("transB") == 1 && n.Int("transA") == 0 && n.Float("alpha", 1) == 1
            : map.Spec is { Group: 1 } spec && spec.Pads.All(p => p == 0) && n[1].Shape.Skip(2).All(d => d == 1);
        return isPointwise && Uses(n[0]) == 1 && maps.GetValueOrDefault(n[0]) is { Base: null, Sums: 0 } norm
            && norm.Norms.Any() ? map.After(norm) : map;
    }

    /// <summary>With s = scale / sqrt(variance + epsilon), y is s y + (0 - mean) s + bias.</summary>
    LinearMap? Normalized(Node n)
    {
        if (n.Int("training_mode") != 0 || n.Int("spatial", 1) != 1 || !n.In.Skip(1).All(IsFloat32)
            || Of(n[0]) is not { Axis: 1 } map || map.Bias.Length != n[1].Data!.Count)
            return null;
        var (gamma, beta, mean, variance) = (Doubles(n[1]), Doubles(n[2]), Doubles(n[3]), Doubles(n[4]));
        var epsilon = (double)n.Float("epsilon", 1e-5f);
        double[] scale = [.. gamma.Zip(variance, (g, v) => g / Math.Sqrt(v + epsilon))];
        return map.Scaled(scale, (b, c) => (b - mean[c]) * scale[c] + beta[c], n, n[0]);
    }

    LinearMap? Factor(Node n, Value x, Value factor) =>
        IsSameSize(n, x) && Of(x) is { } map && PerChannel(factor, x, map) is { } scale
            ? map.Scaled(scale, (b, c) => b * scale[c], n, x)
            : null;

    LinearMap? Quotient(Node n, Value x, Value divisor) =>
        IsSameSize(n, x) && Of(x) is { } map && PerChannel(divisor, x, map) is { } divisors
            ? map.Scaled([.. divisors.Select(d => 1 / d)], (b, c) => b / divisors[c], n, x)
            : null;

    LinearMap? Offset(Node n, Value x, Value offset, double ofMap, double ofOffset)
    {
        if (!IsSameSize(n, x) || Of(x) is not { } map || PerChannel(offset, x, map) is not { } constant)
            return null;
        double[] scale = [.. Enumerable.Repeat(ofMap, map.Bias.Length)];
        return map.Scaled(scale, (b, c) => ofMap * b + ofOffset * constant[c], n, x);
    }

    LinearMap? Sum(Node n, double sign) => IsSameSize(n, n[0]) && IsSameSize(n, n[1]) && n[0] != n[1]
        && Of(n[0]) is { } a && Of(n[1]) is { } b ? LinearMap.Sum(a, b, sign, n) : null;

    /// <summary>Tokens of a linear layer, in another order or in one row, whose channels are still one axis.</summary>
    LinearMap? Viewed(Node n)
    {
        if (Uses(n[0]) != 1 || !n.Out.Shape.IsKnown || maps.GetValueOrDefault(n[0]) is not { Base.Op: "MatMul" } map)
            return null;
        var axis = n.Op == "Transpose" ? Array.IndexOf(n.Permutation(), (long)map.Axis)
            : map.Axis == n[0].Shape.Rank - 1 && n[0].Shape[-1] == n.Out.Shape[-1] ? n.Out.Shape.Rank - 1
            : -1;
        return axis < 0 ? null : map with { Axis = axis, IsViewed = true };
    }

    /// <summary>Whether nothing was broadcast, as far as can be known: the batch may be any.</summary>
    static bool IsSameSize(Node n, Value x) => n.Out.Shape.IsKnown && x.Shape.IsKnown
        && n.Out.Shape.Equals(x.Shape) && n.Out.Shape.Skip(1).All(d => d.IsFixed);

    /// <summary>A stored value that is one number, or one a channel along their axis.</summary>
    static double[]? PerChannel(Value stored, Value x, LinearMap map)
    {
        if (!IsFloat32(stored))
            return null;
        var (channels, axis) = (map.Bias.Length, map.Axis - x.Shape.Rank + stored.Shape.Rank);
        return stored.Data!.Count == 1 ? [.. Enumerable.Repeat(Doubles(stored)[0], channels)]
            : stored.Data.Count == channels && axis >= 0 && stored.Shape[axis] == channels ? Doubles(stored)
            : null;
    }

    static bool IsFloat32(Value? v) => v is { Type: DType.Float32, Data: not null };

    static double[] Doubles(Value v) => Array.ConvertAll(v.Data!.ToFloats(), x => (double)x);
}
