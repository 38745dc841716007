namespace OnnxTimm.Passes;

/// <summary>
/// What becomes of one node in a new graph: the values that stand for its outputs, or null to copy it as it is.
/// Values of the old graph are translated by <see cref="Rewrite.this[Value]"/>.
/// </summary>
public delegate Value[]? NodeRule(Node n, Rewrite to);

/// <summary>What stands in a new graph for a constant, a parameter or a statistic.</summary>
public delegate Value StoredRule(Value stored, Graph target);

/// <summary>
/// The one mechanism of all passes: walks a graph in order, applies a rule to each node that an output needs, and
/// writes the result as a new graph. Inputs, stored values and names are kept; what nothing needs is left behind.
/// </summary>
public sealed class Rewrite
{
    readonly Dictionary<Value, Value> map = [];
    readonly HashSet<Value> named = [];

    Rewrite(Graph target) => Target = target;

    /// <summary>The graph that is being written.</summary>
    public Graph Target { get; }

    /// <summary>What stands in the new graph for a value of the old one.</summary>
    public Value this[Value old] => map[old];

    /// <summary>Rewrites by rules; without any, drops dead nodes and dead stored values.</summary>
    public static Graph Apply(Graph graph, NodeRule? rule = null, StoredRule? storedRule = null) =>
        Apply(graph, graph.Inputs.Select(v => (v.Name, v)), graph.Outputs, rule, storedRule ?? Stored);

    /// <summary>Rewrites by a rule, and leaves behind what its results do not read.</summary>
    /// <param name="graph">A graph.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="reads">What of a node's inputs is read by what the rule makes of it.</param>
    public static Graph Apply(Graph graph, NodeRule rule, Func<Node, IEnumerable<Value?>> reads) =>
        Apply(graph, graph.Inputs.Select(v => (v.Name, v)), graph.Outputs, rule, Stored, reads);

    /// <summary>
    /// The same computation with its nodes in another order, in which each reads only what is before it.
    /// </summary>
    public static Graph Reorder(Graph graph, IReadOnlyList<Node> nodes)
    {
        var to = new Rewrite(new Graph(graph.Name, graph.Opset, graph.Seed) { IsForeign = graph.IsForeign });
        to.CopyFrame(graph, graph.Inputs.Select(v => (v.Name, v)), Live(graph), Stored);
        return to.CopyNodes(nodes, Live(graph), graph.Outputs, null);
    }

    /// <summary>
    /// The same computation behind another interface: inputs in an order and under names of one's own, and any values
    /// as outputs, under their names. What no output needs is left behind, but for the inputs.
    /// </summary>
    public static Graph Select(Graph graph, IEnumerable<(string Name, Value Value)> inputs,
        IReadOnlyList<Value> outputs) =>
        Apply(graph, inputs, outputs, null, Stored);

    /// <summary>
    /// The same computation behind another: the first input is what a function makes in the new graph, whose shapes
    /// need not be known.
    /// </summary>
    public static Graph Behind(Graph graph, Func<Graph, Value> source)
    {
        var to = new Rewrite(new Graph(graph.Name, graph.Opset, graph.Seed) { IsForeign = true });
        var live = Live(graph);
        to.map[graph.Inputs[0]] = source(to.Target);
        to.CopyFrame(graph, graph.Inputs.Skip(1).Select(v => (v.Name, v)), live,
            (v, target) => target.Store(target.Find(v.Name) is null ? v.Name : target.Fresh(v.Name), v.Role, v.Data!));
        return to.CopyNodes(graph.Nodes, live, graph.Outputs, null);
    }

    /// <summary>The same computation over batches whose size is a multiple of a number.</summary>
    public static Graph Batched(Graph graph, int factor)
    {
        var to = new Rewrite(new Graph(graph.Name, graph.Opset, graph.Seed));
        foreach (var input in graph.Inputs)
            to.map[input] = to.Target.Input(input.Name, input.Type,
                new(input.Shape.Select(d => d.IsFixed ? d : d * factor)));
        to.CopyFrame(graph, [], Live(graph), Stored);
        return to.CopyNodes(graph.Nodes, Live(graph), graph.Outputs, null);
    }

    static Graph Apply(Graph graph, IEnumerable<(string Name, Value Value)> inputs, IReadOnlyList<Value> outputs,
        NodeRule? rule, StoredRule storedRule, Func<Node, IEnumerable<Value?>>? reads = null)
    {
        var to = new Rewrite(new Graph(graph.Name, graph.Opset, graph.Seed) { IsForeign = graph.IsForeign });
        var live = Live(graph, outputs, reads);
        to.CopyFrame(graph, inputs, live, storedRule);
        return to.CopyNodes(graph.Nodes, live, outputs, rule);
    }

    static Value Stored(Value v, Graph target) => target.Store(v.Name, v.Role, v.Data!);

    Graph CopyNodes(IReadOnlyList<Node> nodes, HashSet<Value> live, IReadOnlyList<Value> outputs, NodeRule? rule)
    {
        foreach (var n in nodes.Where(n => n.Outs.Any(live.Contains)))
        {
            var outs = rule?.Invoke(n, this) ?? Copy(n);
            foreach (var (old, replacement) in n.Outs.Zip(outs))
                map[old] = replacement;
        }
        foreach (var output in outputs)
            Target.Output(output.Name, map[output]);
        return Target;
    }

    /// <summary>Copies a node with its names.</summary>
    /// <inheritdoc cref="CopyUnnamed"/>
    public Value[] Copy(Node n, Value?[]? inputs = null, params (string Name, object? Value)[] changed)
    {
        var outs = CopyUnnamed(n, inputs, changed);
        foreach (var (old, value) in n.Outs.Zip(outs))
            Keep(old, value);
        return outs;
    }

    /// <summary>Copies a node; other values will have the names of its results.</summary>
    /// <param name="n">A node of the old graph.</param>
    /// <param name="inputs">Values of the new graph; by default those that stand for the node's inputs.</param>
    /// <param name="changed">Attributes that are different in the copy.</param>
    public Value[] CopyUnnamed(Node n, Value?[]? inputs = null, params (string Name, object? Value)[] changed)
    {
        var kept = n.Attributes.Where(a => changed.All(c => c.Name != a.Key)).Select(a => (a.Key, (object?)a.Value));
        var op = n.Domain.Length == 0 ? n.Op : $"{n.Domain}:{n.Op}";
        inputs ??= [.. n.In.Select(v => v is null ? null : map[v])];
        var copy = Target.Emit(op, inputs, n.Outs.Length, [.. kept, .. changed]);
        Target.Rename(copy, n.Name);
        copy.Captured = [.. n.Captured.Select(v => map[v])];
        return copy.Outs;
    }

    /// <summary>Puts another operator, over some of the old graph's values, in a node's place.</summary>
    public Value[] Substitute(Node n, string op, IEnumerable<Value?> inputs)
    {
        var copy = Target.Emit(op, [.. inputs.Select(v => v is null ? null : map[v])],
            [.. n.Outs.Select(y => (y.Type, y.Shape))]);
        Target.Rename(copy, n.Name);
        return copy.Outs;
    }

    /// <summary>Every value that an output depends on.</summary>
    public static HashSet<Value> Live(Graph graph) => Live(graph, graph.Outputs, null);

    static HashSet<Value> Live(Graph graph, IEnumerable<Value> outputs, Func<Node, IEnumerable<Value?>>? reads)
    {
        var live = new HashSet<Value>(outputs);
        foreach (var n in graph.Nodes.Reverse().Where(n => n.Outs.Any(live.Contains)))
            live.UnionWith((reads?.Invoke(n) ?? n.In).OfType<Value>().Concat(n.Captured));
        return live;
    }

    /// <summary>
    /// Gives a value of the new graph the name of the one that it stands for; what a rule has made and that happens to
    /// be called so gets another.
    /// </summary>
    public void Keep(Value old, Value value)
    {
        if (old.Name.Length == 0)
            Target.Omit(value);
        else if (IsFree(old.Name, value))
        {
            Target.Rename(value, old.Name);
            named.Add(value);
        }
        value.IsSequence = old.IsSequence;
        if (!value.Shape.IsKnown)
            (value.Type, value.Shape) = (old.Type, old.Shape);
    }

    bool IsFree(string name, Value forValue)
    {
        if (Target.Find(name) is not { } other || other == forValue)
            return true;
        if (other.Role != Role.Node || named.Contains(other))
            return false;
        Target.Rename(other, Target.Fresh($"{name}:made"));
        return true;
    }

    void CopyFrame(Graph graph, IEnumerable<(string Name, Value Value)> inputs, HashSet<Value> live,
        StoredRule storedRule)
    {
        foreach (var (key, text) in graph.Metadata)
            Target.Metadata[key] = text;
        foreach (var (domain, version) in graph.Domains)
            Target.Domains[domain] = version;
        Target.Functions.AddRange(graph.Functions);
        foreach (var (prefix, place) in graph.Places)
            Target.Places[prefix] = place;
        foreach (var (prefix, children) in graph.Orders)
            Target.Orders[prefix] = children;
        foreach (var (name, input) in inputs)
            map[input] = input.IsSequence
                ? Target.SequenceInput(name, input.Type)
                : Target.Input(name, input.Type, input.Shape);
        foreach (var stored in graph.Stored.Where(live.Contains))
            map[stored] = storedRule(stored, Target);
        graph.TieAsHere(Target);
    }
}
