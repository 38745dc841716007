namespace OnnxTimm.Train;

/// <summary>
/// Which values are computed in which phase. A reduction ends a phase; what a later phase needs is computed again from
/// inputs and from results that were stored already, so that no temporary of a tensor's size is ever kept. A result is
/// stored in the phase in which the least is read and written in all.
/// </summary>
sealed class BlockSchedule
{
    readonly Dictionary<Value, int> phases = [];
    Dictionary<Value, int> stores = [];

    BlockSchedule((Value Result, Value Into)[] results)
    {
        Results = [.. results.Where(r => r.Result != r.Into && !IsScalar(r.Into))];
        Nodes = [.. Live(results)];
        foreach (var n in Nodes)
            phases[n.Out] = n.In.Max(v => PhaseOf(v!)) + (IsReduction(n) ? 1 : 0);
        Count = 1 + phases.Values.DefaultIfEmpty().Max();
        stores = Placings().Where(IsSound).MinBy(Traffic)!;
    }

    /// <summary>The results with dimensions, and the inputs that they overwrite.</summary>
    public (Value Result, Value Into)[] Results { get; }

    /// <summary>All nodes that a result depends on, in order.</summary>
    public Node[] Nodes { get; }

    /// <summary>Phases.</summary>
    public int Count { get; }

    public static BlockSchedule Of((Value Result, Value Into)[] results) => new(results);

    public static bool IsScalar(Value v) => v.Shape.Rank == 0;

    public static bool IsReduction(Node n) => BlockOps.Reductions.ContainsKey(n.Op) && !IsScalar(n[0]);

    public int PhaseOf(Value v) => phases.GetValueOrDefault(v);

    /// <summary>The results that are stored in a phase.</summary>
    public IEnumerable<(Value Result, Value Into)> StoredIn(int phase) =>
        Results.Where(r => stores[r.Result] == phase);

    /// <summary>The inputs of which a phase reads every element.</summary>
    public IEnumerable<Value> ReadIn(int phase) => Touched(phase).Select(v => StoredBefore(phase, v) ?? v)
        .Where(v => !IsScalar(v) && v.Data is null && !phases.ContainsKey(v)).Distinct();

    /// <summary>
    /// The input that a value can be read from in a phase, since it was stored there before; else null.
    /// </summary>
    public Value? StoredBefore(int phase, Value v) =>
        stores.TryGetValue(v, out var stored) && stored < phase ? Results.First(r => r.Result == v).Into : null;

    /// <summary>Nodes over blocks (reductions among them) that run in a phase, in order.</summary>
    public IEnumerable<Node> Blocks(int phase)
    {
        var needed = Needed(phase);
        return Nodes.Where(n => IsReduction(n) ? PhaseOf(n[0]) == phase : needed.Contains(n.Out) && !IsScalar(n.Out));
    }

    static IEnumerable<Node> Live((Value Result, Value Into)[] results)
    {
        var live = results.Select(r => r.Result).ToHashSet();
        foreach (var n in results[0].Into.Graph.Nodes.Reverse().Where(n => live.Contains(n.Out)))
            live.UnionWith(n.In!);
        return results[0].Into.Graph.Nodes.Where(n => live.Contains(n.Out));
    }

    /// <summary>All ways to store each result in the phase that makes it or in a later one, early ones first.</summary>
    IEnumerable<Dictionary<Value, int>> Placings() => Results.DistinctBy(r => r.Result).Aggregate(
        (IEnumerable<Dictionary<Value, int>>)[[]], (placings, r) => placings.SelectMany(placing =>
            Enumerable.Range(PhaseOf(r.Result), Count - PhaseOf(r.Result))
                .Select(phase => new Dictionary<Value, int>(placing) { [r.Result] = phase })));

    /// <summary>Whether no result overwrites an input which a later phase still reads.</summary>
    bool IsSound(Dictionary<Value, int> placing)
    {
        stores = placing;
        return Enumerable.Range(1, Count - 1).All(phase => Needed(phase) is var needed
            && !Results.Any(r => stores[r.Result] < phase && needed.Contains(r.Into)));
    }

    /// <summary>How many tensors are read and written in all phases together.</summary>
    int Traffic(Dictionary<Value, int> placing)
    {
        stores = placing;
        return Results.Length + Enumerable.Range(0, Count).Sum(phase => ReadIn(phase).Count());
    }

    /// <summary>Every value that a phase must compute or read from its own place.</summary>
    HashSet<Value> Needed(int phase) => [.. Touched(phase).Where(v => StoredBefore(phase, v) is null)];

    /// <summary>Every value that a phase touches; stored ones stand for themselves.</summary>
    HashSet<Value> Touched(int phase)
    {
        var touched = StoredIn(phase).Select(r => r.Result)
            .Concat(Nodes.Where(n => IsReduction(n) && PhaseOf(n[0]) == phase).Select(n => n[0])).ToHashSet();
        foreach (var n in Nodes.Reverse().Where(n => !IsReduction(n) && !IsScalar(n.Out)))
            if (touched.Contains(n.Out) && StoredBefore(phase, n.Out) is null)
                touched.UnionWith(n.In!);
        return touched;
    }
}
