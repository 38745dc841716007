namespace OnnxTimm.Passes;

/// <summary>Norms and activations as the sums, products and roots that they are, for who lacks the operator.</summary>
public static class Primitives
{
    /// <summary>Mean and variance over the axes from the named one on; then scale and bias.</summary>
    public static Value[] LayerNormalization(Node n, Rewrite to)
    {
        var x = to[n[0]];
        var axes = Normalized(n);
        var centred = x - x.ReduceMean(axes);
        return [Affine(centred / Root((centred * centred).ReduceMean(axes), n), n, to)];
    }

    /// <summary>The same by the mean of squares alone.</summary>
    public static Value[] RmsNormalization(Node n, Rewrite to)
    {
        var x = to[n[0]];
        return [Affine(x / Root((x * x).ReduceMean(Normalized(n)), n), n, to)];
    }

    /// <summary>Each group of channels is normalized as one row; its scale is one a group or one a channel.</summary>
    public static Value[] GroupNormalization(Node n, Rewrite to)
    {
        var (x, graph, groups) = (to[n[0]], to.Target, n.Int("num_groups"));
        var rows = x.Reshape(new Shape([x.Shape[0], groups, x.Shape.Skip(1).Aggregate((a, b) => a * b).Size / groups]));
        rows = rows.InstanceNormalization(graph.Const(Tensor.Filled(1, groups)), graph.Const(Tensor.Filled(0, groups)),
            n.Float("epsilon", 1e-5f));
        Value Each(Value x, Value parameter) => parameter.Reshape([parameter.Shape[0],
            .. Enumerable.Repeat((Dim)1, x.Shape.Rank - 2)]);
        Value Scaled(Value x) => x * Each(x, to[n[1]]) + Each(x, to[n[2]]);
        var isOfGroups = n[1].Shape[0] == groups;
        return [isOfGroups ? Scaled(rows).Reshape(x.Shape) : Scaled(rows.Reshape(x.Shape))];
    }

    /// <summary>By the error function, or by the hyperbolic tangent where the node says so.</summary>
    public static Value[] Gelu(Node n, Rewrite to)
    {
        var x = to[n[0]];
        return n.Text("approximate", "none") == "none"
            ? [x * ((x / Math.Sqrt(2)).Erf() + 1) * 0.5]
            : [x * ((x * (1 + 0.044715 * (x * x)) * Math.Sqrt(2 / Math.PI)).Tanh() + 1) * 0.5];
    }

    /// <summary>x * hard_sigmoid(x).</summary>
    public static Value[] HardSwish(Node n, Rewrite to) => [to[n[0]].HardSwish()];

    /// <summary>x * tanh(softplus(x)).</summary>
    public static Value[] Mish(Node n, Rewrite to) => [to[n[0]].Mish()];

    static long[] Normalized(Node n) => n[0].Shape.AxesFrom(n[0].Shape.Axis(n.Int("axis", -1)));

    static Value Root(Value variance, Node n) => (variance + n.Float("epsilon", 1e-5f)).Sqrt();

    static Value Affine(Value x, Node n, Rewrite to)
    {
        var scaled = x * to[n[1]];
        return n.Has(2) ? scaled + to[n[2]] : scaled;
    }
}
