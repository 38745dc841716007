namespace OnnxTimm.Train;

public static partial class Gradients
{
    /// <summary>The largest one-hot matrix that a graph holds, in elements: 256 KiB.</summary>
    const long LargestOneHot = 1 << 16;

    /// <summary>How many rows are added up at once.</summary>
    const int Bundle = 16;

    /// <summary>
    /// What was read several times gets the sum of its gradients. Where a constant says what was read, a one-hot matrix
    /// sums, or, where that would be large, rows of the same index are brought together and added up.
    /// </summary>
    static Value?[] GatherRule(Node n, Value dy)
    {
        var axis = n[0].Shape.Axis(n.Int("axis"));
        if (n[1].Data is not { } data)
            return [GatherComputed(n, dy, axis), null];
        var size = n[0].Shape[axis].Size;
        int[] indices = [.. data.ToInts().Select(i => (int)(i < 0 ? i + size : i))];
        var (outer, inner) = (new Shape(n[0].Shape.Take(axis)).Count, new Shape(n[0].Shape.Skip(axis + 1)).Count);
        var rows = dy.Reshape(outer, indices.Length, inner);
        var sums = size * indices.Length <= LargestOneHot
            ? OneHot(dy.Graph, indices, size).MatMul(rows)
            : rows.Transpose(1, 0, 2).SumGroups(ByIndex(indices, size), $"{n[1].Name}:by_index_{size}")
                .Transpose(1, 0, 2);
        return [sums.Reshape(n[0].Shape), null];
    }

    static Value OneHot(Graph graph, int[] indices, long size)
    {
        var matrix = new float[size * indices.Length];
        foreach (var (i, index) in indices.Index())
            matrix[index * indices.Length + i] += 1;
        return graph.Const(Tensor.Of(matrix, size, indices.Length));
    }

    /// <summary>Where each index stands.</summary>
    static List<int>[] ByIndex(int[] indices, long size)
    {
        List<int>[] groups = [.. Enumerable.Range(0, (int)size).Select(_ => new List<int>())];
        foreach (var (i, index) in indices.Index())
            groups[index].Add(i);
        return groups;
    }

    /// <summary>
    /// Sums [groups, ...] of rows [L, ...]: bundles of a few rows, filled up with a row of zeros, are added up, and
    /// bundles of these sums, until each group is one. So no order of threads changes a sum, as adding in place may.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="groups">The rows of each group.</param>
    /// <param name="key">What the groups are: gathers by one index share its constants.</param>
    static Value SumGroups(this Value rows, List<int>[] groups, string key)
    {
        var zero = (int)rows.Shape[0].Size;
        var (bundles, sums) = (new List<int[]>(), new List<int>[groups.Length]);
        foreach (var (i, group) in groups.Index())
        {
            int[][] own = group.Count == 0 ? [[]] : [.. group.Chunk(Bundle)];
            sums[i] = [.. Enumerable.Range(bundles.Count, own.Length)];
            bundles.AddRange(own.Select(b => (int[])[.. b, .. Enumerable.Repeat(zero, Bundle - b.Length)]));
        }
        var index = rows.Graph.Const(key, () => Tensor.Of([.. bundles.SelectMany(b => b)], bundles.Count, Bundle));
        var pads = new long[2 * rows.Shape.Rank];
        pads[rows.Shape.Rank] = 1;
        var summed = rows.Pad(pads).Gather(index).ReduceSum([1], keepDims: false);
        return sums.All(group => group.Count == 1) ? summed : summed.SumGroups(sums, $"{key}:sums");
    }

    /// <summary>
    /// The same where the graph computes what is read: a one-hot matrix, since adding in place loses what several
    /// threads add at a time.
    /// </summary>
    static Value GatherComputed(Node n, Value dy, int axis)
    {
        if (axis != 0)
            throw NotKnown(n, $"its indices are computed, on axis {axis}");
        var (size, count) = (n[0].Shape[0].Size, n[1].Shape.Count);
        var inner = new Shape(n[0].Shape.Skip(1)).Count;
        var rows = n[1].Graph.Const($"rows_{size}", () => Tensor.Lazy(
            () => Enumerable.Range(0, (int)size).Select(i => (float)i).ToArray(), size));
        var read = n[1].Cast(DType.Float32).Reshape(count, 1).Equal(rows).Cast(DType.Float32);
        return read.Transpose(1, 0).MatMul(dy.Reshape(count, inner)).Reshape(n[0].Shape);
    }
}
