using System.Numerics.Tensors;
using System.Text;

namespace OnnxTimm.Cli.Results;

/// <summary>What two models have each, and what differs: figures, operators, tensors by name.</summary>
/// <param name="a">The one.</param>
/// <param name="b">The other.</param>
sealed class ModelDiff(ModelSide a, ModelSide b)
{
    const int Shown = 8;

    /// <summary>Names that one alone has.</summary>
    readonly string[] onlyA = [.. a.Tensors.Keys.Except(b.Tensors.Keys)],
        onlyB = [.. b.Tensors.Keys.Except(a.Tensors.Keys)];

    /// <summary>Names of both whose shapes differ.</summary>
    readonly string[] reshaped = [.. a.Tensors.Keys.Where(name => b.Tensors.TryGetValue(name, out var other)
        && !a.Tensors[name].Shape.SequenceEqual(other.Shape))];

    /// <summary>Names of both with other values, and the largest difference of one; not of initial values.</summary>
    readonly Lazy<(string Name, float Largest)[]> changed = new(() => !a.HasValues || !b.HasValues ? []
        : [.. a.Tensors.Keys.Where(b.Tensors.ContainsKey)
            .Select(name => (name, Largest(a.Tensors[name], b.Tensors[name]))).Where(pair => pair.Item2 != 0)]);

    int Common => a.Tensors.Keys.Count(b.Tensors.ContainsKey);

    /// <summary>The figures of both, in order; empty where one has none.</summary>
    IEnumerable<(string Figure, string A, string B)> Figures => a.Figures.Keys.Union(b.Figures.Keys)
        .Select(key => (key, a.Figures.GetValueOrDefault(key, ""), b.Figures.GetValueOrDefault(key, "")));

    /// <summary>Operators of which one has more.</summary>
    IEnumerable<(string Op, int A, int B)> Operators => a.Operators is null || b.Operators is null ? []
        : a.Operators.Keys.Union(b.Operators.Keys).Order(StringComparer.Ordinal)
            .Select(op => (op, a.Operators.GetValueOrDefault(op), b.Operators.GetValueOrDefault(op)))
            .Where(row => row.Item2 != row.Item3);

    /// <summary>All of it, for JSON.</summary>
    public IEnumerable<(string, object?)> Fields()
    {
        yield return ("a", Figures.Where(f => f.A.Length > 0).Select(f => KeyValuePair.Create(f.Figure, f.A))
            .Prepend(KeyValuePair.Create("model", a.Name)));
        yield return ("b", Figures.Where(f => f.B.Length > 0).Select(f => KeyValuePair.Create(f.Figure, f.B))
            .Prepend(KeyValuePair.Create("model", b.Name)));
        yield return ("operators", Operators.Select(row => KeyValuePair.Create(row.Op,
            (object?)new[] { row.A, row.B })));
        yield return ("only_a", onlyA);
        yield return ("only_b", onlyB);
        yield return ("reshaped", reshaped.Select(name => KeyValuePair.Create(name,
            (object?)new[] { a.Tensors[name].Shape, b.Tensors[name].Shape })));
        yield return ("changed", changed.Value.Select(pair => KeyValuePair.Create(pair.Name, (object?)pair.Largest)));
    }

    /// <summary>For people: a row a figure, then what differs; long lists are cut.</summary>
    public string Text()
    {
        List<(string, string, string)> rows = [("", a.Name, b.Name), .. Figures];
        rows.AddRange(Operators.Select(row => (row.Op, $"{row.A}", $"{row.B}")));
        var (first, second) = (rows.Max(row => row.Item1.Length), rows.Max(row => row.Item2.Length));
        var text = new StringBuilder();
        foreach (var (head, x, y) in rows)
            text.Append($"{head.PadRight(first)}  {x.PadRight(second)}  {(x == y ? "=" : y)}".TrimEnd()).Append('\n');
        text.Append($"{Amount.Of(Common, "tensor")} of the same name in both.\n");
        List(text, $"{onlyA.Length} only in {a.Name}", onlyA.Select(name => Described(a, name)));
        List(text, $"{onlyB.Length} only in {b.Name}", onlyB.Select(name => Described(b, name)));
        List(text, $"{reshaped.Length} of another shape", reshaped.Select(name =>
            $"{Described(a, name)} and {Shape(b.Tensors[name])}"));
        if (a.HasValues && b.HasValues)
            List(text, $"{changed.Value.Length} of the same shape with other values, by at most "
                + $"{changed.Value.Select(pair => pair.Largest).DefaultIfEmpty(0).Max():0.0e+0}",
                changed.Value.Select(pair => $"{pair.Name} {pair.Largest:0.0e+0}"));
        return text.ToString().TrimEnd('\n');
    }

    static void List(StringBuilder text, string head, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length == 0)
            return;
        text.Append($"{head}:\n");
        foreach (var name in all.Take(Shown))
            text.Append($"  {name}\n");
        if (all.Length > Shown)
            text.Append($"  and {all.Length - Shown} more (--json has all)\n");
    }

    static string Described(ModelSide side, string name) => $"{name} {Shape(side.Tensors[name])}";

    static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";

    /// <summary>The largest difference of two values; 0 for tensors of other shapes, which are named elsewhere.
    /// </summary>
    static float Largest(Tensor x, Tensor y)
    {
        if (!x.Shape.SequenceEqual(y.Shape) || x.Count == 0 || x.Strings is not null || y.Strings is not null
            || (x.Type == y.Type && x.Bytes.Span.SequenceEqual(y.Bytes.Span)))
            return 0;
        var (first, second) = (x.ToFloats(), y.ToFloats());
        TensorPrimitives.Subtract(first, second, first);
        return TensorPrimitives.MaxMagnitude<float>(first) is var largest && float.IsNaN(largest) ? largest
            : Math.Abs(largest);
    }
}
