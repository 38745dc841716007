using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Gives the channels of a tensor like ranges, so that one grid serves all of them: a channel whose numbers are small
/// is enlarged where it is written and made small again where it is read (arXiv:1906.04721, by the ranges of
/// activations as in arXiv:2211.10438). The network computes what it did.
/// </summary>
static class Equalization
{
    /// <summary>How much room the largest number that was measured keeps below a Clip.</summary>
    const double Room = 1.25;

    /// <summary>How far a channel is enlarged at most.</summary>
    const double Most = 16;

    /// <summary>What has to be measured.</summary>
    public static IEnumerable<Value> Measured(Graph graph) =>
        new ChannelSpaces(graph).All.SelectMany(s => s.Values.Where(v => v.Shape.Rank is 2 or 4));

    /// <summary>The same network with other scales inside.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="tensors">Statistics of <see cref="Measured"/>.</param>
    public static Graph Apply(Graph graph, IReadOnlyDictionary<string, TensorStatistics> tensors)
    {
        var (reads, writes) = (new Dictionary<Node, double[]>(), new Dictionary<Node, double[]>());
        foreach (var space in new ChannelSpaces(graph).All)
        {
            var scales = Scales(space, tensors);
            foreach (var n in space.Writers)
                writes[n] = scales;
            foreach (var n in space.Readers)
                reads[n] = scales;
        }
        var content = new Dictionary<Value, Tensor>();
        foreach (var n in reads.Keys.Union(writes.Keys))
            Scale(n, reads.GetValueOrDefault(n), writes.GetValueOrDefault(n), content);
        return Rewrite.Apply(graph, null,
            (v, target) => target.Store(v.Name, v.Role, content.GetValueOrDefault(v) ?? v.Data!));
    }

    /// <summary>What each channel is divided by where it is written.</summary>
    static double[] Scales(ChannelSpaces.Space space, IReadOnlyDictionary<string, TensorStatistics> tensors)
    {
        var largest = new double[space.Channels];
        foreach (var v in space.Values.Where(v => tensors.ContainsKey(v.Name) && !IsUnseen(v)))
            for (var c = 0; c < largest.Length; c++)
                largest[c] = Math.Max(largest[c], tensors[v.Name].Most[c]);
        var weights = ReaderRanges(space);
        double[] wanted = [.. largest.Select((m, c) => m == 0 ? 0
            : weights is null ? m : Math.Sqrt(m / Math.Max(weights[c], 1e-12)))];
        // The largest of the scaled channels stays as large as the largest was.
        var ratio = largest.Zip(wanted, (m, s) => s == 0 ? 0 : m / s).Max() / Math.Max(largest.Max(), 1e-30);
        // Below a Clip a channel is never made smaller: what was cut off there would not be.
        var limit = double.IsFinite(space.Limit) ? 1 : Most;
        return [.. wanted.Select((s, c) => s == 0 ? 1
            : Math.Min(limit, Math.Max(Math.Clamp(s * ratio, 1 / Most, Most), largest[c] * Room / space.Limit)))];

        // What is cut off behind is not coded.
        bool IsUnseen(Value v) => v.Producer is { Op: "Conv" or "Gemm" or "Add" } && space.Values.Any(w =>
            w.Producer is { Op: "Relu" or "Clip" } n && n[0] == v);
    }

    /// <summary>
    /// The largest weight with which each channel is read; null where each reader has one channel a weight.
    /// </summary>
    static double[]? ReaderRanges(ChannelSpaces.Space space)
    {
        var mixing = space.Readers.Where(n => !(n.Op == "Conv" && n[1].Shape[1] == 1)).ToArray();
        if (mixing.Length == 0)
            return null;
        var ranges = new double[space.Channels];
        foreach (var n in mixing)
        {
            var (weight, channel) = (n[1].Data!.ToFloats(), InputChannel(n));
            for (var i = 0; i < weight.Length; i++)
                ranges[channel(i)] = Math.Max(ranges[channel(i)], Math.Abs(weight[i]));
        }
        return ranges;
    }

    static void Scale(Node n, double[]? read, double[]? written, Dictionary<Value, Tensor> content)
    {
        var (weight, input, output) = (n[1].Data!.ToFloats(), InputChannel(n), OutputChannel(n));
        for (var i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] * (read?[input(i)] ?? 1) / (written?[output(i)] ?? 1));
        content[n[1]] = Tensor.Of(weight, n[1].Shape.Sizes);
        if (n.Has(2) && written is not null)
            content[n[2]] = Tensor.Of([.. n[2].Data!.ToFloats().Select((b, c) => (float)(b / written[c]))],
                n[2].Shape.Sizes);
    }

    /// <summary>The channel that an element of a weight is multiplied with.</summary>
    public static Func<int, int> InputChannel(Node n)
    {
        var shape = n[1].Shape.Sizes;
        if (n.Op != "Conv")
            return n.Int("transB") == 1 ? i => i % (int)shape[1] : i => i / (int)shape[1];
        var (inner, own) = (WeightCodes.InnerOf(shape, 1), (int)shape[1]);
        var outputs = (int)(shape[0] / n.Int("group", 1));
        return i => i / (inner * own) / outputs * own + i / inner % own;
    }

    static Func<int, int> OutputChannel(Node n)
    {
        var shape = n[1].Shape.Sizes;
        var axis = OperatorRules.Of(n)!.Channel(n);
        var inner = WeightCodes.InnerOf(shape, axis);
        return i => i / inner % (int)shape[axis];
    }
}
