namespace OnnxTimm.Passes;

/// <summary>
/// Drops what is the identity at inference: Dropout(x) = DropPath(x) = DropBlock(x) = Rescaled(x) = Identity(x) = x,
/// and Clip without bounds. A Dropout whose mask is read, or that is told to train, stays. Of split batch norms the
/// first look's stays.
/// </summary>
public static class StripTraining
{
    /// <summary>A new graph; the given one stays as it is.</summary>
    public static Graph Apply(Graph graph)
    {
        var live = Rewrite.Live(graph);
        return Rewrite.Apply(graph, (n, to) => IsIdentity(n, live) ? [.. n.Outs.Select(_ => to[n[0]])]
            : n.Op == "SplitBatchNormalization" ? [FirstLook(n, to)] : null);
    }

    static bool IsIdentity(Node n, HashSet<Value> live) => (n.Domain, n.Op) switch
    {
        ("", "Identity") => true,
        ("", "Dropout") => !n.Outs.Skip(1).Any(live.Contains) && !Trains(n),
        ("", "Clip") => n.Has(2) && IsAll(n[1], float.NegativeInfinity) && IsAll(n[2], float.PositiveInfinity),
        ("onnxtimm", _) => n.Drops(),
        _ => false,
    };

    static bool IsAll(Value v, float bound) =>
        v.Data is { Type: DType.Float32 } data && data.ToFloats().All(x => x == bound);

    static Value FirstLook(Node n, Rewrite to) => to[n[0]].BatchNormalization(
        to[n[1]], to[n[2]], to[n[3]], to[n[4]], n.Float("epsilon"), n.Float("momentum"));

    static bool Trains(Node n) => n.Has(2) && (n[2].Data is not { } mode || mode.ToInts()[0] != 0);
}
