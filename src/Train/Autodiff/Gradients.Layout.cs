namespace OnnxTimm.Train;

public static partial class Gradients
{
    static long[] Inverse(long[] perm)
    {
        var inverse = new long[perm.Length];
        for (var i = 0; i < perm.Length; i++)
            inverse[perm[i]] = i;
        return inverse;
    }

    static Value?[] ConcatRule(Node n, Value dy)
    {
        var axis = n[0].Shape.Axis(n.Int("axis"));
        return axis == 0 && !n[0].Shape[0].IsFixed && n.In.All(v => v!.Shape.Equals(n[0].Shape))
            ? dy.EqualParts(n.In.Length)
            : [.. dy.Split([.. n.In.Select(v => v!.Shape[axis].Size)], axis)];
    }

    /// <summary>So many parts of a batch, one behind the other, whose size need not be known.</summary>
    internal static Value[] EqualParts(this Value x, int count)
    {
        var part = x.Shape.With(0, x.Shape[0] / count);
        return [.. x.Reshape(new Shape([count, .. part])).Split([.. Enumerable.Repeat(1L, count)], axis: 0)
            .Select(y => y.Reshape(part))];
    }

    static Value?[] SplitRule(Node n, Value?[] dy)
    {
        var parts = n.Outs.Zip(dy, (y, d) => d ?? ZerosLike(y)).ToArray();
        return [parts.Concat((int)n.Int("axis")), null];
    }

    static Value ZerosLike(Value x) => x.Shape.IsFixed
        ? x.Graph.Const(Tensor.Of(new float[x.Shape.Count.Size], x.Shape.Sizes))
        : x.ShapeOf().ConstantOfShape();

    /// <summary>Puts the slice back among zeros: between its elements where it took steps, then around it.</summary>
    static Value?[] SliceRule(Node n, Value dy)
    {
        var starts = n.ConstInts(1)!;
        var axes = n.ConstInts(3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = n.ConstInts(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        var pads = new long[2 * dy.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = dy.Shape.Axis(axes[i]);
            var (size, count) = (n[0].Shape[axis].Size, dy.Shape[axis].Size);
            if (steps[i] < 0)
                throw NotKnown(n, "it runs backwards");
            if (steps[i] > 1)
                dy = dy.Spread(axis, (int)steps[i]);
            var start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            pads[axis] = start;
            pads[axis + dy.Shape.Rank] = size - start - ((count - 1) * steps[i] + 1);
        }
        return [dy.Pad(pads), null, null, null, null];
    }

    /// <summary>Zeros between the elements of an axis, so that they stand a step apart.</summary>
    static Value Spread(this Value x, int axis, int step)
    {
        var shape = x.Shape;
        var pads = new long[2 * (shape.Rank + 1)];
        pads[shape.Rank + 1 + axis + 1] = step - 1;
        var wide = x.Unsqueeze(axis + 1).Pad(pads).Reshape(shape.With(axis, shape[axis] * step));
        return wide.Slice(axis, 0, (shape[axis].Size - 1) * step + 1);
    }

    static Value?[] PadRule(Node n, Value dy)
    {
        var pads = OfAllAxes(n.ConstInts(1)!, n.ConstInts(3), n[0].Shape.Rank);
        return n.Text("mode", "constant") switch
        {
            "constant" => [dy.Pad([.. pads.Select(p => -p)]), null, null, null],
            "reflect" when pads.Index().All(p => p.Item == 0 || p.Index % n[0].Shape.Rank >= n[0].Shape.Rank - 2) =>
                [Unreflect(n[0], dy, pads), null, null, null],
            "reflect" => throw NotKnown(n, "it reflects other axes than the last two"),
            var mode => throw NotKnown(n, $"its mode is {mode}"),
        };
    }

    /// <summary>Begins and ends where a node may name the axes that they are for.</summary>
    static long[] OfAllAxes(long[] pads, long[]? axes, int rank)
    {
        if (axes is null)
            return pads;
        var all = new long[2 * rank];
        foreach (var (i, axis) in axes.Index())
        {
            var at = (axis + rank) % rank;
            (all[at], all[at + rank]) = (pads[i], pads[i + axes.Length]);
        }
        return all;
    }

    /// <summary>
    /// Reflected rows and columns are added to those that they mirror, by a constant matrix on each side.
    /// </summary>
    static Value Unreflect(Value x, Value dy, long[] pads)
    {
        var rank = x.Shape.Rank;
        var rows = Reflection(x.Graph, x.Shape[-2].Size, pads[rank - 2], pads[^2]);
        var columns = Reflection(x.Graph, x.Shape[-1].Size, pads[rank - 1], pads[^1]);
        return rows.Transpose(1, 0).MatMul(dy).MatMul(columns);
    }

    /// <summary>R [padded, size] with R x = reflect-padded x.</summary>
    static Value Reflection(Graph graph, long size, long before, long after)
    {
        var matrix = new float[(before + size + after) * size];
        for (var row = 0L; row < before + size + after; row++)
        {
            var source = Math.Abs(row - before);
            source = source >= size ? 2 * (size - 1) - source : source;
            matrix[row * size + source] = 1;
        }
        return graph.Const(Tensor.Of(matrix, before + size + after, size));
    }

    static Value?[] TileRule(Node n, Value dy)
    {
        var repeats = n.ConstInts(1)!;
        var split = new Shape(n[0].Shape.Index().SelectMany(d => new[] { repeats[d.Index], d.Item }));
        var axes = Enumerable.Range(0, repeats.Length).Select(i => 2L * i).ToArray();
        return [dy.Reshape(split).ReduceSum(axes, keepDims: false), null];
    }

    static Value SpaceToDepth(this Value dy, Node n) => n.Text("mode", "DCR") == "DCR"
        ? dy.SpaceToDepth((int)n.Int("blocksize"))
        : throw NotKnown(n, "its mode is CRD");
}
