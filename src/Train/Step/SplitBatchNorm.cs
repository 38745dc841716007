using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Batch norms of which each look at the images has its own (arXiv:1911.09665; timm's convert_splitbn_model): the first
/// look the network's, the others further ones, <c>aux_bn.0</c> and so on, which begin like it and which only training
/// has. The looks lie one behind the other in a batch.
/// </summary>
static class SplitBatchNorm
{
    const string Op = "SplitBatchNormalization";

    /// <summary>The network with as many norms for each of its batch norms as there are looks.</summary>
    /// <exception cref="UserException">It has no batch norms.</exception>
    public static Trainee Apply(Trainee trainee, int looks) =>
        !trainee.Graph.Nodes.Any(n => n.Op == "BatchNormalization")
            ? throw new UserException($"--split-bn: {trainee.Architecture} has no batch norms.")
            : trainee with
            {
                Graph = Apply(trainee.Graph, looks),
                Resized = trainee.Resized is { } resized
                    ? shape => Apply(resized(shape), looks) : null,
            };

    internal static Graph Apply(Graph graph, int looks) => Rewrite.Apply(graph, (n, to) =>
        n.Op == "BatchNormalization" ? [Split(n, to, looks)] : null);

    static Value Split(Node n, Rewrite to, int looks)
    {
        var further = Enumerable.Range(0, looks - 1).SelectMany(i => n.In.Skip(1).Select(w => Further(w!, to, i)));
        return to[n[0]].SplitBatchNormalization([.. n.In.Skip(1).Select(v => to[v!]), .. further],
            n.Float("epsilon", 1e-5f), n.Float("momentum", 0.9f));
    }

    /// <summary>The weight of a further norm, which begins as the first one's.</summary>
    static Value Further(Value weight, Rewrite to, int look)
    {
        var dot = weight.Name.LastIndexOf('.');
        var name = $"{weight.Name[..dot]}.aux_bn.{look}{weight.Name[dot..]}";
        return to.Target.Find(name) ?? to.Target.Store(name, weight.Role, weight.Data!);
    }

    /// <summary>A network whose batches are a multiple of the looks, where it has split norms.</summary>
    public static Graph Batched(Graph model) => model.Nodes.FirstOrDefault(n => n.Op == Op) is { } norm
        ? Rewrite.Batched(model, Count(norm)) : model;

    /// <summary>The looks that lie in a batch.</summary>
    /// <param name="n">A split norm.</param>
    /// <param name="x">What it norms.</param>
    public static Value[] Looks(Node n, Value x) => x.EqualParts(Count(n));

    /// <summary>Each look has a scale, a shift, a mean and a variance behind what is normed.</summary>
    static int Count(Node n) => (n.In.Length - 1) / 4;
}
