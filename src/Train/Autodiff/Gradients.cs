using System.Collections.Frozen;

namespace OnnxTimm.Train;

/// <summary>
/// Reverse-mode differentiation of a graph: a table with one rule an operator (Gradients.Rules.cs), and this driver,
/// which does the chores once: order, accumulation, un-broadcasting, dead branches. XRule is the rule of the operator
/// X; EmitX emits the operator X of <see cref="Fused"/>.
/// </summary>
public static partial class Gradients
{
    /// <summary>Given a node and the gradient of its output: one gradient an input, null where none flows.</summary>
    public delegate Value?[] Rule(Node n, Value dy);

    /// <summary>The same for nodes with several outputs; null where an output has no gradient.</summary>
    public delegate Value?[] ManyRule(Node n, Value?[] dy);

    /// <summary>Operators whose outputs do not move with their inputs, or that nothing is learned through.</summary>
    static readonly FrozenSet<string> Flat =
    [
        "Shape", "Size", "ConstantOfShape", "ArgMax", "ArgMin", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
        "Equal", "And", "Or", "Not", "Xor", "Sign", "Floor", "Ceil", "Round", "OneHot", "IsNaN", "IsInf",
    ];

    /// <summary>Operators that have a rule.</summary>
    public static IEnumerable<string> Differentiable => [.. Rules.Keys, .. ManyRules.Keys];

    /// <summary>Operators that can be differentiated, with those through which nothing flows.</summary>
    public static IEnumerable<string> Known => [.. Differentiable, .. Flat];

    /// <summary>Appends the backward graph of a scalar; returns d(loss)/d(target) for each target.</summary>
    /// <exception cref="NoGradientException">An operator has no rule, or none for this form of it; or a target does not
    /// reach the loss.</exception>
    public static Dictionary<Value, Value> Of(Value loss, IReadOnlyCollection<Value> targets)
    {
        var graph = loss.Graph;
        var moving = Moving(graph, targets);
        var grads = new Dictionary<Value, Value> { [loss] = graph.Scalar(1, loss.Type) };
        foreach (var n in graph.Nodes.ToArray().Reverse())
        {
            if (!n.Outs.Any(grads.ContainsKey) || !n.Outs.Any(moving.Contains))
                continue;
            var dxs = Backward(n, grads);
            foreach (var (i, x) in n.In.Index())
                if (x is not null && moving.Contains(x))
                    Accumulate(grads, x, dxs.ElementAtOrDefault(i) ?? throw NotKnown(n, $"its input {i} moves"));
        }
        return targets.ToDictionary(t => t, t => grads.TryGetValue(t, out var g) ? g.Fit(t)
            : throw new NoGradientException($"No gradient reaches {t}."));
    }

    /// <summary>The nodes through which targets move a value, from its end; none through which nothing flows.</summary>
    public static List<Node> Path(Value end, IReadOnlyCollection<Value> targets)
    {
        var moving = Moving(end.Graph, targets);
        var needed = new HashSet<Value> { end };
        var path = new List<Node>();
        foreach (var n in end.Graph.Nodes.Reverse())
            if (n.Outs.Any(y => needed.Contains(y) && moving.Contains(y)))
            {
                path.Add(n);
                needed.UnionWith(n.In.OfType<Value>().Where(moving.Contains));
            }
        return path;
    }

    /// <summary>The operators on that path which have no rule, from its end.</summary>
    public static IEnumerable<Node> WithoutRule(Value end, IReadOnlyCollection<Value> targets) =>
        Path(end, targets).Where(n => !Rules.ContainsKey(n.Op) && !ManyRules.ContainsKey(n.Op));

    /// <summary>The values that move with a target: a small step of it makes a small step of theirs.</summary>
    static HashSet<Value> Moving(Graph graph, IEnumerable<Value> targets)
    {
        var moving = targets.ToHashSet();
        foreach (var n in graph.Nodes.Where(n => !Flat.Contains(n.Op)))
            if (n.In.Any(v => v is not null && moving.Contains(v)))
                moving.UnionWith(n.Outs.Where(y => y.Type.IsFloat()));
        return moving;
    }

    static NoGradientException NotKnown(Node n, string form) => new($"The gradient of {n} is not known: {form}.");

    static Value?[] Backward(Node n, Dictionary<Value, Value> grads)
    {
        if (Rules.TryGetValue(n.Op, out var rule))
            return grads.TryGetValue(n.Out, out var dy) ? rule(n, dy.Fit(n.Out)) : new Value?[n.In.Length];
        if (!ManyRules.TryGetValue(n.Op, out var many))
            throw new NoGradientException($"No gradient rule for {n}.{Nearest.Hint(n.Op, Known)}");
        return many(n, [.. n.Outs.Select(y => grads.TryGetValue(y, out var d) ? d.Fit(y) : null)]);
    }

    /// <summary>
    /// A gradient is summed over the axes along which its value was repeated; what is left is added up.
    /// </summary>
    static void Accumulate(Dictionary<Value, Value> grads, Value x, Value dx)
    {
        dx = dx.SumTo(x.Shape);
        grads[x] = grads.TryGetValue(x, out var sum) ? sum + dx : dx;
    }

    /// <summary>Sums over the axes that a shape lacks or has once.</summary>
    internal static Value SumTo(this Value dx, Shape shape)
    {
        var extra = dx.Shape.Rank - shape.Rank;
        var axes = Enumerable.Range(0, dx.Shape.Rank)
            .Where(axis => axis < extra || (shape[axis - extra] == 1 && dx.Shape[axis] != 1))
            .Select(axis => (long)axis).ToArray();
        if (axes.Length > 0)
            dx = dx.SumOver(axes);
        return extra > 0 ? dx.Reshape(new Shape(dx.Shape.Skip(extra))) : dx;
    }

    /// <summary>
    /// Where a value was repeated, its sum is a product: cheaper, and without the rounding of a long sum.
    /// </summary>
    static Value SumOver(this Value dx, long[] axes)
    {
        if (dx.Producer is not { Op: "Expand" } expand || expand[0].Shape.Rank != dx.Shape.Rank)
            return dx.Sum(axes);
        var (once, shape) = (expand[0], dx.Shape);
        var repeated = axes.Where(a => once.Shape[(int)a] != shape[(int)a] && shape[(int)a].IsFixed).ToArray();
        if (repeated.Length == 0 || !repeated.Aggregate(shape, (s, a) => s.With((int)a, 1)).Equals(once.Shape))
            return dx.Sum(axes);
        var summed = once * repeated.Aggregate(1.0, (count, a) => count * shape[(int)a].Size);
        return repeated.Length == axes.Length ? summed : summed.ReduceSum([.. axes.Except(repeated)]);
    }

    /// <summary>
    /// The gradient of a single number sums all there is: the longest of sums, and often of much that cancels.
    /// </summary>
    static Value Sum(this Value dx, long[] axes) => axes.Length > 1 && axes.Length == dx.Shape.Rank
        ? dx.LongSum(axes).Cast(dx.Type) : dx.ReduceSum(axes);

    /// <summary>Repeats a gradient that was left small because whoever adds it up repeats it anyhow.</summary>
    static Value Fit(this Value dx, Value x) => dx.ExpandLike(x);
}

/// <summary>A graph cannot be differentiated: an operator, or a form of it, has no rule.</summary>
public sealed class NoGradientException(string message) : Exception(message);
