using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Measures again what batch norms take off and divide by: means and variances over all images and places. It goes from
/// the image on, and a norm is measured when all before it have their new statistics, so that it gets those of what it
/// is fed in use. Statistics of batches, as a step of training has them, would need one pass; but then what norms
/// further behind are fed changes from batch to batch, and the result depends on which images share one.
/// </summary>
static class NormStatistics
{
    /// <summary>
    /// What rounding to float32 gives to the variance of one and the same number, over its square.
    /// </summary>
    static readonly double Rounding = Math.ScaleB(1, -46);

    /// <summary>The same network with other statistics.</summary>
    /// <param name="graph">A network whose norms are not merged into other operators.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="UserException">It has no batch norm.</exception>
    public static Graph Apply(Graph graph, CalibrationImages images)
    {
        if (!graph.Nodes.Any(IsNorm))
            throw new UserException($"\"{graph.Name}\" has no BatchNormalization whose statistics could be measured "
                + "again: an exported file has them merged into its convolutions, a model's name has not.");
        var own = WithOwn(graph);
        foreach (var norms in Steps(own))
        {
            var moments = Calibrator.Measure(own, norms.Select(n => n[0]), images,
                v => new ChannelMoments((int)v.Shape[1].Size, Calibrator.Rows(v)));
            foreach (var n in norms)
                Put(n, moments[n[0].Name]);
        }
        return own;
    }

    static bool IsNorm(Node n) => n is { Op: "BatchNormalization", Domain: "", Outs.Length: 1 }
        && n.Int("training_mode") == 0 && n[3].Data is not null && n[4].Data is not null
        && n[0] is { Data: null, Type: DType.Float32, Shape: { IsKnown: true, Rank: >= 2 } shape }
        && shape.Skip(1).All(d => d.IsFixed);

    /// <summary>The network with statistics for each norm, where a file has equal ones once.</summary>
    static Graph WithOwn(Graph graph)
    {
        var readers = new Readers(graph);
        return Rewrite.Apply(Rewrite.Apply(graph, (n, to) => !IsNorm(n) ? null : to.Copy(n,
            [.. n.In.Take(3).Select(v => to[v!]), Own(n[3], to), Own(n[4], to)])));

        Value Own(Value v, Rewrite to) => readers.Only(v) is null ? Stored.New(to, v.Name, v.Data!) : to[v];
    }

    /// <summary>Norms by how many are before them at most.</summary>
    static IEnumerable<Node[]> Steps(Graph graph)
    {
        var depths = new Dictionary<Value, int>();
        foreach (var n in graph.Nodes)
        {
            var before = n.In.OfType<Value>().Concat(n.Captured).Max(v => (int?)depths.GetValueOrDefault(v)) ?? 0;
            foreach (var y in n.Outs)
                depths[y] = before + (IsNorm(n) ? 1 : 0);
        }
        return graph.Nodes.Where(IsNorm).GroupBy(n => depths[n.Out]).OrderBy(g => g.Key).Select(g => g.ToArray());
    }

    /// <summary>A channel that is of one value on all images says nothing of its variance, and keeps it.</summary>
    static void Put(Node n, ChannelMoments moments)
    {
        var (means, variances) = (n[3].Data!.ToFloats(), n[4].Data!.ToFloats());
        for (var c = 0; c < means.Length; c++)
        {
            means[c] = (float)moments.Mean(c);
            if (moments.Variance(c) > Rounding * moments.Square(c))
                variances[c] = (float)moments.Variance(c);
        }
        (n[3].Data, n[4].Data) = (Tensor.Of(means, means.Length), Tensor.Of(variances, variances.Length));
    }
}
