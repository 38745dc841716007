using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>What a batch norm does in training.</summary>
public enum BatchNormMode
{
    /// <summary>
    /// Takes the batch's statistics and gives the next running ones, with PyTorch's unbiased variance.
    /// </summary>
    Unbiased,

    /// <summary>
    /// Takes the batch's statistics and moves the running ones where they lie, with the biased variance.
    /// </summary>
    InPlace,

    /// <summary>Takes the running statistics, as in inference.</summary>
    Frozen,
}

/// <summary>What the batch norm of two running statistics does.</summary>
delegate BatchNormMode NormModes(Value mean, Value variance);

/// <summary>
/// Turns a model's graph, which does not know whether it is trained, into the forward part of a training step: weights
/// and masks become inputs, batch norms use the batch's statistics and give the running ones anew.
/// </summary>
sealed class Lowering
{
    readonly List<Mask> masks = [];
    readonly Dictionary<string, Value> stats = [], factors = [];
    readonly Fusion fusion;
    readonly NormModes norms;

    Lowering(Graph model, NormModes norms)
    {
        model = SplitBatchNorm.Batched(model);
        (fusion, this.norms) = (new(model), norms);
        Graph = Rewrite.Apply(model, Lower, Declare);
    }

    /// <summary>The forward graph; weights are inputs <c>param:NAME</c> and <c>stat:NAME</c>.</summary>
    public Graph Graph { get; }

    public IReadOnlyList<Mask> Masks => masks;

    /// <summary>The next value of each running statistic, by name.</summary>
    public IReadOnlyDictionary<string, Value> NextStats => stats;

    /// <param name="model">A network.</param>
    /// <param name="norms">What its batch norms do; by default all are unbiased.</param>
    public static Lowering Of(Graph model, NormModes? norms = null) =>
        new(model, norms ?? ((_, _) => BatchNormMode.Unbiased));

    static Value Declare(Value stored, Graph target) => stored.Role switch
    {
        Role.Param => target.Input($"param:{stored.Name}", stored.Type, stored.Shape),
        Role.Stat => target.Input($"stat:{stored.Name}", stored.Type, stored.Shape),
        _ => target.Store(stored.Name, stored.Role, stored.Data!),
    };

    /// <summary>What went into a later node leaves nothing here; see <see cref="Fusion"/>.</summary>
    Value[]? Lower(Node n, Rewrite to) => fusion.IsAbsorbed(n) ? [] : fusion.At(n) switch
    {
        { Norm: { } norm } find => [BatchNorm(new(to[norm[0]], norm), to, find)],
        { } find => [to.Target.Emit("onnxtimm:Activation", [to[find.Input]], 1, ("act", find.Act)).Out],
        null => LowerOne(n, to),
    };

    Value[]? LowerOne(Node n, Rewrite to) => n.Op switch
    {
        "BatchNormalization" => [BatchNorm(new(to[n[0]], n), to, null)],
        "SplitBatchNormalization" => [SplitBatchNorm.Looks(n, to[n[0]])
            .Select((look, i) => BatchNorm(new(look, n, 1 + 4 * i), to, null)).ToArray().Concat(0)],
        "LayerNormalization" => [to.Target.Emit(n.Op, [to[n[0]], to[n[1]], n.Has(2) ? to[n[2]] : null], 3,
            ("axis", n.Int("axis", -1)), ("epsilon", n.Float("epsilon", 1e-5f))).Out],
        "MaxPool" => [to.Target.Emit(n.Op, [to[n[0]]], 2,
            [.. n.AttributeList.Where(a => a.Name != "storage_order")]).Out],
        "LSTM" => Recurrence.Unrolled(n, to),
        "DropBlock" => [to[n[0]] * DropBlock.Mask(n, (shape, ratio) => Input(to, shape, ratio))],
        "Dropout" => [Masked(n, to, n[0].Shape, n.Has(1) ? n[1].Data!.ToFloats()[0] : 0.5)],
        "DropPath" => [Masked(n, to, new(n[0].Shape.Select((d, axis) => axis == 0 ? d : 1)), n.Float("ratio"))],
        "Rescaled" => [to.Target.Emit(n.Text("function"), [to[n[1]] * Factor(n, to)], 1).Out],
        _ => null,
    };

    Value Masked(Node n, Rewrite to, Shape shape, double ratio) => to[n[0]] * Input(to, shape, ratio);

    Value Input(Rewrite to, Shape shape, double ratio) => Declare(new DropMask(NextMask, shape, ratio), to);

    /// <summary>The factor of a step: one for all nodes that name it alike.</summary>
    Value Factor(Node n, Rewrite to)
    {
        var name = n.Text("draw");
        return factors.TryGetValue(name, out var known) ? known
            : factors[name] = Declare(new FactorMask(NextMask, n.Float("most")), to);
    }

    string NextMask => $"mask:{masks.Count}";

    Value Declare(Mask mask, Rewrite to)
    {
        masks.Add(mask);
        return to.Target.Input(mask.Input, DType.Float32, mask.Shape);
    }

    /// <summary>A batch norm to be lowered.</summary>
    /// <param name="X">What it norms, in the new graph.</param>
    /// <param name="Node">The node that it is of.</param>
    /// <param name="First">The input of the node that is its scale; shift, mean and variance follow.</param>
    sealed record NormOf(Value X, Node Node, int First = 1)
    {
        public Value this[int i] => Node[First + i];

        public float Epsilon => Node.Float("epsilon", 1e-5f);

        public float Momentum => Node.Float("momentum", 0.9f);
    }

    Value BatchNorm(NormOf n, Rewrite to, Fusion.Find? find)
    {
        var residual = find?.Residual is { } added ? to[added] : null;
        var act = find?.Act is { Length: > 0 } name ? name : null;
        var mode = norms(n[2], n[3]);
        if (mode == BatchNormMode.Frozen)
            return Frozen(n, to, residual, act);
        Value?[] running = mode == BatchNormMode.InPlace ? [to[n[2]], to[n[3]]] : [];
        var outs = to.Target.Emit("onnxtimm:BatchNorm", [n.X, to[n[0]], to[n[1]], residual, .. running], 3,
            ("epsilon", n.Epsilon), ("act", act), ("momentum", running.Length > 0 ? n.Momentum : null)).Outs;
        if (running.Length == 0)
            MoveStats(n, to, outs[1], outs[2]);
        return outs[0];
    }

    /// <summary>
    /// ONNX's momentum is the share of the old value; PyTorch's running variance is the unbiased one. Of one value a
    /// channel there is none; there the biased one, zero, stands for it.
    /// </summary>
    void MoveStats(NormOf n, Rewrite to, Value mean, Value variance)
    {
        var (count, keep) = (n.X.CountPerChannel(), n.Momentum);
        stats[n[2].Name] = to[n[2]] * keep + mean * (1 - keep);
        stats[n[3].Name] = to[n[3]] * keep + variance * (count / (count - 1).Max(1) * (1 - keep));
    }

    static Value Frozen(NormOf n, Rewrite to, Value? residual, string? act)
    {
        var y = n.X.BatchNormalization(to[n[0]], to[n[1]], to[n[2]], to[n[3]], n.Epsilon, n.Momentum);
        if (residual is not null)
            y += residual;
        return act is null ? y : to.Target.Emit("onnxtimm:Activation", [y], 1, ("act", act)).Out;
    }
}
