namespace OnnxTimm.Deploy;

/// <summary>
/// The part of a group of nodes on codes that saves most: what its operators save less what the ways to codes and back
/// cost, of each border of it. A minimum cut between what stays on codes and what does not.
/// </summary>
sealed class BestPart
{
    readonly MinimumCut cut = new();
    readonly Dictionary<Node, int> things;
    readonly StaticPlan plan;
    readonly Readers readers;

    /// <summary>Finds it.</summary>
    /// <param name="group">The nodes.</param>
    /// <param name="plan">What is on codes beside them.</param>
    /// <param name="readers">Who reads each value.</param>
    public BestPart(IReadOnlyCollection<Node> group, StaticPlan plan, Readers readers)
    {
        (this.plan, this.readers) = (plan, readers);
        things = group.ToDictionary(n => n, n =>
        {
            var saved = CodeCosts.Saved(n);
            return cut.Add(Math.Max(0, -saved), Math.Max(0, saved));
        });
        foreach (var v in group.SelectMany(plan.Activations).Distinct().Where(v => v.Data is null))
            ToCodes(v);
        foreach (var v in group.Where(plan.GivesCodes).SelectMany(n => n.Outs))
            ToNumbers(v);
        foreach (var n in group.Where(n => plan[n]!.Kind != OperatorKind.Weighted))
            FollowsCodes(n);
        var isOnCodes = cut.Solve();
        Nodes = group.Where(n => isOnCodes(things[n])).ToHashSet();
    }

    /// <summary>The nodes that stay on codes.</summary>
    public IReadOnlySet<Node> Nodes { get; }

    IEnumerable<int> ReadersOf(Value v) => readers[v].Where(things.ContainsKey).Select(r => things[r]);

    /// <summary>Numbers become codes where one reads codes and they are made by none.</summary>
    void ToCodes(Value v)
    {
        var cost = CodeCosts.IntoCodes(v);
        var (producer, isWanted) = (Producer(v), cut.Add());
        foreach (var reader in ReadersOf(v))
            cut.Part(reader, isWanted, MinimumCut.Never);
        if (producer is { } p)
            cut.Part(isWanted, p, cost);
        else
            cut.Charge(isWanted, cost);
    }

    /// <summary>Codes become numbers where one reads numbers.</summary>
    void ToNumbers(Value v)
    {
        var (cost, producer) = (CodeCosts.IntoNumbers(v, plan.ReadersOfNumbers(v)), things[v.Producer!]);
        if (plan.IsReadAsNumbers(v))
        {
            cut.Charge(producer, cost);
            return;
        }
        var areAll = cut.Add();
        cut.Part(producer, areAll, cost);
        foreach (var reader in ReadersOf(v))
            cut.Part(areAll, reader, MinimumCut.Never);
    }

    /// <summary>What only passes codes on does so where there are codes: of who makes them, or for a layer.</summary>
    void FollowsCodes(Node n)
    {
        foreach (var v in plan.Activations(n).Where(v => v.Data is null))
            if (Producer(v) is { } p && !readers[v].Any(r => plan[r]?.Kind == OperatorKind.Weighted && r[0] == v))
                cut.Part(things[n], p, MinimumCut.Never);
    }

    int? Producer(Value v) => v.Producer is { } n && things.TryGetValue(n, out var thing) ? thing : null;
}
