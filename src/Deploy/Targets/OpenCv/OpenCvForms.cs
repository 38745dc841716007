using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Operators as OpenCV's dnn has them.</summary>
static class OpenCvForms
{
    public static bool IsOtherGemm(Node n) => n.Int("transA") == 1 || n.Int("transB") != 1 || n[1].Data is null
        || !n.Has(2) || n[2].Data is null || n[2].Shape.Count != n.Out.Shape[1];

    public static bool IsOtherProduct(Node n) =>
        n[0].Data is not null || (n[1].Data is not null && n[1].Shape.Rank != 2);

    public static bool BroadcastsBatch(Node n) => n[1].Data is null && (n[0].Shape.Rank != n[1].Shape.Rank
        || !n[0].Shape.SkipLast(2).SequenceEqual(n[1].Shape.SkipLast(2)));

    /// <summary>
    /// A row is a channel of one image, which an instance norm has; then scale and bias, one a column.
    /// </summary>
    public static Value[] LayerNormalization(Node n, Rewrite to)
    {
        var (x, axis) = (to[n[0]], n[0].Shape.Axis(n.Int("axis", -1)));
        var rows = x.Shape.Take(axis).Aggregate((Dim)1, (a, b) => a * b);
        var columns = x.Shape.Count / rows;
        Value Flat(Value parameter) => parameter.Reshape(columns);
        var y = x.Reshape(1, rows, columns).InstanceNormalization(to.Target.Const(Tensor.Filled(1, rows.Size)),
            to.Target.Const(Tensor.Filled(0, rows.Size)), n.Float("epsilon", 1e-5f)).Reshape(rows, columns);
        y *= Flat(to[n[1]]);
        return [(n.Has(2) ? y + Flat(to[n[2]]) : y).Reshape(x.Shape)];
    }

    /// <summary>As a product and a sum, unless it is the rows of a constant that are wanted.</summary>
    public static Value[]? Gemm(Node n, Rewrite to)
    {
        if (n[1].Data is null || n.Float("alpha", 1) != 1 || n.Float("beta", 1) != 1)
            return null;
        var columns = n.Out.Shape[1];
        var weight = n.Int("transB") == 1 ? to[n[1]] : to[n[1]].Transpose(1, 0);
        var offset = to.Target.Const(Tensor.Filled(0, columns.Size));
        var x = n.Int("transA") == 1 ? to[n[0]].Transpose(1, 0) : to[n[0]];
        return n.Has(2) && n[2].Data is null ? [x.Gemm(weight, offset, transB: true) + to[n[2]]]
            : [x.Gemm(weight, n.Has(2) ? offset + to[n[2]].Reshape(n[2].Shape.Count) : offset, transB: true)];
    }

    /// <summary>AX = (X'A')'.</summary>
    public static Value[]? Product(Node n, Rewrite to)
    {
        if (n[0].Data is not null && n[1].Data is null && IsMatrix(n[0]) && n[0].Shape.Rank <= n[1].Shape.Rank)
            return [Swapped(Swapped(to[n[1]]).MatMul(Swapped(Matrix(n[0], to))))];
        return n[0].Data is null && n[1].Data is not null && IsMatrix(n[1]) && n[1].Shape.Rank <= n[0].Shape.Rank
            ? [to[n[0]].MatMul(Matrix(n[1], to))]
            : null;
    }

    static bool IsMatrix(Value v) => v.Shape.Rank > 1 && v.Shape.SkipLast(2).All(d => d == 1);

    static Value Matrix(Value v, Rewrite to) => to[v].Reshape(v.Shape[-2], v.Shape[-1]);

    static Value Swapped(Value x)
    {
        var axes = x.Shape.AxesFrom(0);
        (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        return x.Transpose(axes);
    }
}
