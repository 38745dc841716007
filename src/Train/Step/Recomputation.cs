using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Has the backward part of a step compute again what it does not keep of the forward part: copies of forward nodes, as
/// few as lead from kept values to what is read. They stand between both parts, so that ONNX Runtime, which looks for
/// what a node needs among the last nodes first, runs them when the gradient that they are needed with is there. What
/// they read is set <see cref="Ops.Apart"/>, or the runtime would find that copy and original compute the same and
/// keep the original. A batch norm's statistics, what is drawn, and what no image moves are never computed again.
/// </summary>
sealed class Recomputation
{
    readonly HashSet<Value> ofBatch, needed;
    readonly Node[] forward, repeated;
    readonly HashSet<Node> backward;
    readonly Dictionary<Value, Value> again = [], apart = [];

    Recomputation(Graph step, int count, Keeping keeping)
    {
        (forward, backward) = ([.. step.Nodes.Take(count)], [.. step.Nodes.Skip(count)]);
        ofBatch = OfBatch(step);
        var keeps = keeping(step, count);
        var dropped = forward.Where(n => !MergeEqual.IsRandom(n) && !n.Attributes.Values.Any(a => a is Opaque))
            .SelectMany(n => n.Op == "BatchNorm" ? n.Outs.Take(1) : n.Outs)
            .Where(v => ofBatch.Contains(v) && !keeps(v)).ToHashSet();
        needed = [.. backward.SelectMany(Reads)];
        foreach (var n in forward.Reverse().Where(n => n.Outs.Any(needed.Contains)))
            needed.UnionWith(Reads(n));
        repeated = [.. forward.Where(n => n.Outs.Any(needed.Contains))];

        IEnumerable<Value> Reads(Node n) => n.In.OfType<Value>().Where(dropped.Contains);
    }

    /// <summary>Writes a step whose backward part keeps what is chosen, without what no output needs.</summary>
    /// <param name="step">Forward and backward part.</param>
    /// <param name="forward">Nodes of the forward part.</param>
    /// <param name="keeping">Chooses.</param>
    public static Graph Apply(Graph step, int forward, Keeping keeping)
    {
        var live = Rewrite.Live(step);
        var count = step.Nodes.Take(forward).Count(n => n.Outs.Any(live.Contains));
        step = Rewrite.Apply(step);
        return Rewrite.Apply(step, new Recomputation(step, count, keeping).Write);
    }

    Value[]? Write(Node n, Rewrite to)
    {
        if (!backward.Contains(n))
            return null;
        if (again.Count == 0)
            Repeat(to);
        return to.Copy(n, [.. n.In.Select(v => v is null ? null : again.GetValueOrDefault(v) ?? to[v])]);
    }

    void Repeat(Rewrite to)
    {
        foreach (var n in repeated)
            foreach (var (old, copy) in n.Outs.Zip(to.CopyUnnamed(n, [.. n.In.Select(v => Source(v, to))])))
                if (needed.Contains(old))
                    again.Add(old, copy);
    }

    /// <summary>What a copied node reads.</summary>
    Value? Source(Value? v, Rewrite to)
    {
        if (v is null)
            return null;
        if (again.TryGetValue(v, out var source) || apart.TryGetValue(v, out source))
            return source;
        return !ofBatch.Contains(v) || v.Shape.Rank == 0 ? to[v] : apart[v] = to[v].Apart();
    }

    /// <summary>What moves with an input that is no weight.</summary>
    static HashSet<Value> OfBatch(Graph step)
    {
        var moving = step.Inputs.Where(v => v.Name.Split(':')[0] is not ("param" or "stat")).ToHashSet();
        foreach (var n in step.Nodes.Where(n => n.In.Any(v => v is not null && moving.Contains(v))))
            moving.UnionWith(n.Outs);
        return moving;
    }
}
