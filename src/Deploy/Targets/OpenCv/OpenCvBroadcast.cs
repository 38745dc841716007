using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Sums and products of unequal shapes. OpenCV's dnn takes the values of the smaller one as those of a run of axes that
/// begins with the second: [P, B, Q] with [B, 1]. What covers another run of axes is seen so by reshaping.
/// </summary>
static class OpenCvBroadcast
{
    /// <summary>The sizes before, in and behind the axes that the smaller one covers.</summary>
    readonly record struct Run(Dim Before, Dim Covered, Dim Behind, int First);

    public static bool IsOther(Node n)
    {
        if (IsPlain(n))
            return false;
        var (big, small) = Ordered(n);
        return !big.Shape.Equals(n.Out.Shape) || (n.Op is "Sub" or "Div" && small == n[0])
            || Covers(small, big) is not { First: 1 }
            || (n.Op is "Add" or "Sub" && small.Data is not null && small.Shape.Rank != big.Shape.Rank - 1);
    }

    public static Value[]? Lower(Node n, Rewrite to)
    {
        var (old, oldSmall) = Ordered(n);
        if (!old.Shape.Equals(n.Out.Shape))
            return null;
        var (big, small) = (to[old], to[oldSmall]);
        var op = n.Op;
        if (oldSmall == n[0] && op is "Sub" or "Div")
            (big, op) = op == "Sub" ? (big.Neg(), "Add") : (big.Reciprocal(), "Mul");
        if (Covers(oldSmall, old) is { } run)
            return [Apply(op, big.Reshape(Seen(run)), small.Reshape(SmallSeen(run, oldSmall))).Reshape(old.Shape)];
        return oldSmall.Data is not null || oldSmall.Shape.Count == 1
            ? [Apply(op, big.Reshape(1, old.Shape.Count), Whole(small, old).Reshape(1, old.Shape.Count))
                .Reshape(old.Shape)]
            : null;
    }

    /// <summary>Equal shapes, and constants that are one number.</summary>
    static bool IsPlain(Node n) => n[0].Data is null && n[1].Data is null
        ? n[0].Shape.Equals(n[1].Shape)
        : (n[0].Data is null || n[1].Data is null) && Constant(n) is var c && Other(n, c).Shape.Equals(n.Out.Shape)
            && (c.Shape.Count == 1 || (n.Op is "Add" or "Sub" && c.Shape.Equals(n.Out.Shape)));

    static Value Constant(Node n) => n[0].Data is not null ? n[0] : n[1];

    static Value Other(Node n, Value one) => one == n[0] ? n[1] : n[0];

    static (Value Big, Value Small) Ordered(Node n) =>
        n[0].Data is not null || (n[1].Data is null && n[0].Shape.Count.Factor < n[1].Shape.Count.Factor)
            ? (n[1], n[0])
            : (n[0], n[1]);

    static Value Apply(string op, Value a, Value b) => op switch
    {
        "Add" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        _ => a / b,
    };

    static Shape Seen(Run run) => run.Behind == 1 ? new(run.Before, run.Covered)
        : new(run.Before, run.Covered, run.Behind);

    /// <summary>A constant is looked up from the second axis on; a computed value has all axes.</summary>
    static Shape SmallSeen(Run run, Value small) => new([.. small.Data is null ? [1] : Array.Empty<Dim>(), run.Covered,
        .. run.Behind == 1 ? Array.Empty<Dim>() : [1]]);

    /// <summary>The smaller one at the size of the other.</summary>
    static Value Whole(Value small, Value big) => small.Data is not null
        ? small.Graph.Const(Tensor.Filled(1, big.Shape.Sizes)) * small
        : small.Reshape(1, 1).MatMul(small.Graph.Const(Tensor.Filled(1, 1, big.Shape.Count.Size)));

    /// <summary>The run of axes that a value covers; null for none, or for axes that are not neighbours.</summary>
    static Run? Covers(Value small, Value big)
    {
        var before = big.Shape.Rank - small.Shape.Rank;
        var axes = Enumerable.Range(0, small.Shape.Rank).Where(a => small.Shape[a] != 1).Select(a => a + before)
            .ToArray();
        if (axes is not [var first, ..] || before < 0)
            return null;
        var covered = Enumerable.Range(first, axes[^1] + 1 - first);
        return covered.Any(a => small.Shape[a - before] != big.Shape[a]) ? null : new(
            Product(big.Shape.Take(first)), Product(covered.Select(a => big.Shape[a])),
            Product(big.Shape.Skip(axes[^1] + 1)), first);
    }

    static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate((Dim)1, (a, b) => a * b);
}
