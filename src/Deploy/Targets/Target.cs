using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>A program or a machine that networks are exported for.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Runs">What it is, in a line.</param>
/// <param name="Opset">The highest opset that it takes.</param>
/// <param name="Ir">The highest IR version that it takes.</param>
public sealed record Target(string Name, string Runs, int Opset, int Ir)
{
    /// <summary>The opset of a file that is not asked for another, if the target takes it.</summary>
    public int Usual { get; init; } = 18;

    /// <summary>Images of one call where the target wants that fixed; null for any number.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Whether its Resize antialiases, from opset 18 on.</summary>
    public bool Antialiases { get; init; }

    /// <summary>Which program has run its files, of which version; empty where none has.</summary>
    public string Tried { get; init; } = "";

    /// <summary>What it does not take; those that can be written otherwise are, in this order.</summary>
    public IReadOnlyList<TargetRule> Rules { get; init; } = [];

    /// <summary>The opset of a file: the asked one, or the usual one as far as the target takes it.</summary>
    /// <exception cref="UserException">The target does not take the asked one.</exception>
    public int OpsetFor(int? asked) => asked is not { } opset ? Math.Min(Usual, Opset)
        : opset <= Opset ? opset
        : throw new UserException($"Target {Name} takes opset {Opset} at most, not {opset}.");

    /// <summary>Writes what the target does not take in forms that it takes.</summary>
    /// <exception cref="UserException">There is what no form changes.</exception>
    public Graph Lower(Graph graph)
    {
        Check(graph, Rules.Where(rule => rule.IsFirst));
        NodeRule[] rules = [.. Rules.Select(rule => rule.Lower).OfType<NodeRule>()];
        return rules.Length == 0 ? graph
            : FoldConstants.Apply(rules.Aggregate(graph, (g, rule) => Rewrite.Apply(g, rule)), weights: true);
    }

    /// <summary>Nothing, if the target takes the graph.</summary>
    /// <exception cref="UserException">It does not: the first reason.</exception>
    public void Check(Graph graph) => Check(graph, Rules);

    /// <summary>What of a graph the target does not take: where it is, and the rule.</summary>
    public IEnumerable<(string Where, TargetRule Rule)> Faults(Graph graph) => Faults(graph, Rules);

    static IEnumerable<(string Where, TargetRule Rule)> Faults(Graph graph, IEnumerable<TargetRule> rules) =>
        rules.SelectMany(rule => rule.Broken(graph).Select(where => (where, rule)));

    void Check(Graph graph, IEnumerable<TargetRule> rules)
    {
        (string Where, TargetRule Rule)[] faults = [.. Faults(graph, rules)];
        if (faults is [var (where, rule), ..])
            throw new UserException($"{graph.Name} cannot be had for target {Name}: {where}: {rule.What} "
                + $"({rule.Page})" + (faults.Length > 1 ? $", and {faults.Length - 1} more." : "."));
    }
}
