namespace OnnxTimm.Passes;

/// <summary>Constants that show another one in another order: Transpose, Slice, Split, Expand, Tile.</summary>
static class Views
{
    public static Tensor Transposed(Node n) =>
        n[0].Data!.Permute([.. n.Permutation().Select(axis => (int)axis)]);

    public static Tensor Sliced(Node n)
    {
        var starts = n.ConstInts(1) ?? n.Ints("starts")!;
        var axes = n.ConstInts(3) ?? n.Ints("axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = n.ConstInts(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        return n[0].Data!.Rearrange(whole => Enumerable.Range(0, axes.Length).Aggregate(whole, (layout, i) =>
        {
            var axis = n[0].Shape.Axis(axes[i]);
            var start = ShapeRules.SliceBound(layout.Sizes[axis], starts[i], steps[i]);
            return layout.Slice(axis, start, n.Out.Shape[axis].Size, steps[i]);
        }));
    }

    /// <summary>One output of a Split.</summary>
    public static Tensor Part(Node n, int output)
    {
        var axis = n[0].Shape.Axis(n.Int("axis"));
        var before = n.Outs.Take(output).Sum(y => y.Shape[axis].Size);
        return n[0].Data!.Slice(axis, before, n.Outs[output].Shape[axis].Size);
    }

    public static Tensor Expanded(Node n) => n[0].Data!.Rearrange(layout => layout.Broadcast(n.Out.Shape.Sizes));

    /// <summary>Each axis is preceded by one of its repeats, over which the tensor is the same.</summary>
    public static Tensor Tiled(Node n)
    {
        var shape = n[0].Shape.Sizes;
        long[] once = [.. shape.SelectMany(size => new[] { 1, size })];
        long[] all = [.. n.ConstInts(1)!.Zip(shape).SelectMany(axis => new[] { axis.First, axis.Second })];
        return n[0].Data!.Reshape(once).Rearrange(layout => layout.Broadcast(all)).Reshape(n.Out.Shape.Sizes);
    }
}
