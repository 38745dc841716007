namespace OnnxTimm.Train;

/// <summary>
/// Which values are computed in which phase. A reduction ends a phase; what a later phase needs is computed again from
/// inputs and from results that were stored already, so that no temporary of a tensor's size is ever kept.
/// </summary>
sealed class BlockSchedule
{
    readonly Dictionary<Value, int> phases = [];
    readonly Dictionary<Value, int> stores = [];

    BlockSchedule((Value Result, Value Into)[] results)
    {
        Results = results;
        Nodes = [.. Live(results)];
        foreach (var n in Nodes)
            phases[n.Out] = n.In.Max(v => PhaseOf(v!)) + (IsReduction(n) ? 1 : 0);
        foreach (var (result, _) in results)
            stores[result] = PhaseOf(result);
        while (Conflict() is var (result, phase))
            stores[result] = phase;
    }

    public (Value Result, Value Into)[] Results { get; }

    /// <summary>All nodes that a result depends on, in order.</summary>
    public Node[] Nodes { get; }

    public int Count => 1 + Math.Max(stores.Values.Max(), Nodes.Select(n => PhaseOf(n.Out)).DefaultIfEmpty().Max());

    public static BlockSchedule Of((Value Result, Value Into)[] results) => new(results);

    public static bool IsScalar(Value v) => v.Shape.Rank == 0;

    public static bool IsReduction(Node n) => BlockOps.Reductions.ContainsKey(n.Op) && !IsScalar(n[0]);

    public int PhaseOf(Value v) => phases.GetValueOrDefault(v);

    /// <summary>The results that are stored in a phase.</summary>
    public IEnumerable<(Value Result, Value Into)> StoredIn(int phase) =>
        Results.Where(r => stores[r.Result] == phase);

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

    /// <summary>Every value that a phase touches; stored ones stand for themselves.</summary>
    HashSet<Value> Needed(int phase)
    {
        var needed = StoredIn(phase).Select(r => r.Result)
            .Concat(Nodes.Where(n => IsReduction(n) && PhaseOf(n[0]) == phase).Select(n => n[0])).ToHashSet();
        foreach (var n in Nodes.Reverse().Where(n => !IsReduction(n) && !IsScalar(n.Out)))
            if (needed.Contains(n.Out) && StoredBefore(phase, n.Out) is null)
                needed.UnionWith(n.In!);
        needed.RemoveWhere(v => StoredBefore(phase, v) is not null);
        return needed;
    }

    /// <summary>A result that overwrites an input which a later phase still reads, and that phase.</summary>
    (Value Result, int Phase)? Conflict()
    {
        for (var phase = Count - 1; phase > 0; phase--)
        {
            var needed = Needed(phase);
            foreach (var (result, into) in Results.Where(r => stores[r.Result] < phase && needed.Contains(r.Into)))
                return (result, phase);
        }
        return null;
    }
}
