namespace OnnxTimm.Deploy;

/// <summary>
/// Which nodes of a network are computed on codes, and which tensors share a grid. Of a group of such nodes that would
/// save less than the way to codes and back costs that part stays in float that makes it so, which may be all of it.
/// </summary>
public sealed class StaticPlan
{
    readonly Readers readers;
    readonly Dictionary<Node, OperatorRule> rules;

    /// <summary>Makes the plan.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="isExcluded">Nodes that stay in float.</param>
    public StaticPlan(Graph graph, Predicate<Node> isExcluded)
    {
        readers = new(graph);
        rules = graph.Nodes.Where(n => !isExcluded(n))
            .Select(n => (Node: n, Rule: OperatorRules.Of(n))).Where(row => row.Rule is not null)
            .ToDictionary(row => row.Node, row => row.Rule!);
        while (Drop(graph.Nodes.Where(IsStray).ToArray()) || Drop(Costly(graph)))
        {
        }
    }

    /// <summary>The rule of a node that is computed on codes; null for one in float.</summary>
    public OperatorRule? this[Node n] => rules.GetValueOrDefault(n);

    /// <summary>Nodes on codes.</summary>
    public IEnumerable<Node> Nodes => rules.Keys;

    /// <summary>The inputs of a node that are codes and no weights.</summary>
    public IEnumerable<Value> Activations(Node n) => rules[n].Activations(n).Select(i => n[i]);

    /// <summary>
    /// Whether a node's result leaves it as codes. The last product of a network gives numbers: its sums are there
    /// anyway.
    /// </summary>
    public bool GivesCodes(Node n) => rules.ContainsKey(n)
        && !(n.Op is "Gemm" or "MatMul" && !readers[n.Out].Any(rules.ContainsKey));

    /// <summary>The clamp that a node's saturation stands for; null for none.</summary>
    public Node? Absorbed(Node n) => n.Outs.Length == 1
        && rules.GetValueOrDefault(n)?.Kind is OperatorKind.Weighted or OperatorKind.Measured
        && readers.Only(n.Out) is { } clamp && rules.GetValueOrDefault(clamp)?.Kind == OperatorKind.Clamp
        ? clamp : null;

    /// <summary>Whether a clamp is gone since the node before it saturates.</summary>
    public bool IsAbsorbed(Node clamp) => clamp.Has(0) && clamp[0].Producer is { } before && Absorbed(before) == clamp;

    /// <summary>The value whose range decides the grid of a value.</summary>
    public Value Source(Value v) => v.Producer is { } n && rules.TryGetValue(n, out var rule) ? rule.Kind switch
    {
        OperatorKind.Shared => Source(n[0]),
        OperatorKind.Clamp => IsAbsorbed(n) ? v : Source(n[0]),
        OperatorKind.Fixed => v,
        _ => Absorbed(n)?.Out ?? v,
    } : v;

    /// <summary>The values whose ranges have to be measured.</summary>
    public IEnumerable<Value> Measured => rules.Keys
        .SelectMany(n => Activations(n).Concat(GivesCodes(n) ? n.Outs : [])).Select(Source)
        .Where(v => v.Data is null && (v.Producer is not { } n || this[n]?.Kind != OperatorKind.Fixed)).Distinct();

    /// <summary>Whether a value becomes codes and nothing else, itself or behind clamps in float.</summary>
    public bool LeadsToCodes(Value v) => !readers.IsOutput(v) && readers[v].Any() && readers[v].All(rules.ContainsKey)
        || readers.Only(v) is { Op: "Relu" or "Clip" } clamp && LeadsToCodes(clamp.Out);

    bool Drop(Node[] nodes)
    {
        foreach (var n in nodes)
            rules.Remove(n);
        return nodes.Length > 0;
    }

    /// <summary>What only passes codes on does not begin with numbers.</summary>
    bool IsStray(Node n) => rules.TryGetValue(n, out var rule) && rule.Kind != OperatorKind.Weighted
        && !Activations(n).All(v => v.Data is not null || HasCodes(v));

    /// <summary>Whether a value is there as codes: by who makes it, or for a layer that reads it.</summary>
    bool HasCodes(Value v) => (v.Producer is { } n && GivesCodes(n))
        || readers[v].Any(r => rules.GetValueOrDefault(r)?.Kind == OperatorKind.Weighted && r[0] == v);

    /// <summary>What makes groups save less than they cost.</summary>
    Node[] Costly(Graph graph) =>
        [.. Groups(graph).Where(g => g.Sum(CodeCosts.Saved) < Borders(g)).SelectMany(Worst)];

    /// <summary>What of a group is better left in float.</summary>
    List<Node> Worst(List<Node> group)
    {
        var best = new BestPart(group, this, readers).Nodes;
        return best.Count == group.Count ? group : [.. group.Where(n => !best.Contains(n))];
    }

    /// <summary>What it costs to get into a group and out of it.</summary>
    double Borders(IReadOnlyCollection<Node> group) =>
        group.SelectMany(Activations).Distinct().Where(IsNumbers).Sum(CodeCosts.IntoCodes)
        + group.Where(GivesCodes).SelectMany(n => n.Outs).Where(IsReadAsNumbers)
            .Sum(v => CodeCosts.IntoNumbers(v, ReadersOfNumbers(v)));

    bool IsNumbers(Value v) => v.Data is null && (v.Producer is not { } p || !rules.ContainsKey(p));

    /// <summary>Whether a value is read by what is not on codes.</summary>
    public bool IsReadAsNumbers(Value v) => readers.IsOutput(v) || ReadersOfNumbers(v).Any();

    /// <summary>Who reads a value and is not on codes.</summary>
    public IEnumerable<Node> ReadersOfNumbers(Value v) => readers[v].Where(r => !rules.ContainsKey(r));

    /// <summary>Nodes that codes connect.</summary>
    IEnumerable<List<Node>> Groups(Graph graph)
    {
        var groups = new Dictionary<Node, List<Node>>();
        foreach (var n in graph.Nodes.Where(rules.ContainsKey))
        {
            var joined = groups[n] = [n];
            foreach (var before in Activations(n).Select(v => v.Producer).OfType<Node>().Where(rules.ContainsKey))
                if (groups[before] is var other && other != joined)
                {
                    var (small, large) = other.Count < joined.Count ? (other, joined) : (joined, other);
                    large.AddRange(small);
                    foreach (var moved in small)
                        groups[moved] = large;
                    joined = large;
                }
        }
        return groups.Values.Distinct();
    }
}
