namespace OnnxTimm;

static partial class ShapeRules
{
    static (string Ops, Rule Rule)[] Reductions =>
    [
        ("ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum "
            + "ReduceLogSumExp",
            (n, _) => One(n[0].Type, Reduced(n, n.ConstInts(1) ?? n.Ints("axes")))),
        ("ArgMax ArgMin", (n, _) => One(DType.Int64, Reduced(n, [n.Int("axis")]))),
        ("TopK", (n, _) =>
        {
            var k = n.Has(1) ? n.ConstInts(1)![0] : n.Int("k");
            var shape = n[0].Shape.With((int)n.Int("axis", -1), k);
            return [(n[0].Type, shape), (DType.Int64, shape)];
        }),
    ];

    static (string Ops, Rule Rule)[] Layouts =>
    [
        ("Reshape", (n, _) => One(n[0].Type,
            Reshaped(n[0].Shape, n.ConstInts(1) ?? n.Ints("shape")!, n.Int("allowzero") == 1))),
        ("Transpose", (n, _) => One(n[0].Type, new Shape(n.Permutation().Select(axis => n[0].Shape[(int)axis])))),
        ("Unsqueeze", (n, _) => One(n[0].Type, Unsqueezed(n[0].Shape, n.ConstInts(1) ?? n.Ints("axes")!))),
        ("Squeeze", (n, _) => One(n[0].Type, Squeezed(n[0].Shape, n.ConstInts(1) ?? n.Ints("axes")))),
        ("Flatten", (n, _) =>
        {
            var axis = (int)n.Int("axis", 1);
            return One(n[0].Type,
                new Shape(new Shape(n[0].Shape.Take(axis)).Count, new Shape(n[0].Shape.Skip(axis)).Count));
        }),
        ("Concat", (n, _) =>
        {
            var axis = n[0].Shape.Axis(n.Int("axis"));
            return One(n[0].Type, n[0].Shape.With(axis, n.In.Select(v => v!.Shape[axis]).Aggregate((a, b) => a + b)));
        }),
        ("Split", (n, outputs) =>
        {
            var axis = n[0].Shape.Axis(n.Int("axis"));
            var sizes = n.ConstInts(1) ?? n.Ints("split") ?? Even(n[0].Shape[axis].Size, outputs);
            return sizes.Select(size => (n[0].Type, n[0].Shape.With(axis, size)));
        }),
        ("Slice", (n, _) => One(n[0].Type, Sliced(n))),
        ("Pad", (n, _) =>
        {
            var (shape, pads) = (n[0].Shape, n.ConstInts(1) ?? n.Ints("pads")!);
            var axes = n.ConstInts(3) ?? shape.AxesFrom(0);
            return One(n[0].Type, axes.Index().Aggregate(shape, (s, a) =>
                s.With((int)a.Item, s[(int)a.Item] + (pads[a.Index] + pads[a.Index + axes.Length]))));
        }),
        ("Tile", (n, _) => One(n[0].Type, new Shape(n[0].Shape.Zip(n.ConstInts(1)!, (d, r) => d * r)))),
        ("Expand", (n, _) => One(n[0].Type, Shape.Broadcast(n[0].Shape, ShapeIn(n[1])))),
        ("ConstantOfShape", (n, _) => One(
            n.Attributes.TryGetValue("value", out var v) ? ((Tensor)v).Type : DType.Float32, ShapeIn(n[0]))),
        ("Shape", (n, _) => One(DType.Int64, Shape.Of(ShapePart(n).Count()))),
        ("Size", (_, _) => One(DType.Int64, Shape.Scalar)),
        ("Constant", (n, _) => One(((Tensor)n.Attributes["value"]).Type, ((Tensor)n.Attributes["value"]).Shape)),
        ("Gather", (n, _) =>
        {
            var axis = n[0].Shape.Axis(n.Int("axis"));
            return One(n[0].Type, new Shape([.. n[0].Shape.Take(axis), .. n[1].Shape, .. n[0].Shape.Skip(axis + 1)]));
        }),
        ("GatherElements", (n, _) => One(n[0].Type, n[1].Shape)),
        ("ScatterElements ScatterND Scatter", (n, _) => One(n[0].Type, n[0].Shape)),
        ("OneHot", (n, _) => One(n[2].Type, new Shape([.. n[0].Shape, n.ConstInts(1)![0]]))),
        ("DepthToSpace", (n, _) =>
        {
            var (s, b) = (n[0].Shape, n.Int("blocksize"));
            return One(n[0].Type, new Shape(s[0], s[1] / (b * b), s[2] * b, s[3] * b));
        }),
        ("SpaceToDepth", (n, _) =>
        {
            var (s, b) = (n[0].Shape, n.Int("blocksize"));
            return One(n[0].Type, new Shape(s[0], s[1] * (b * b), s[2] / b, s[3] / b));
        }),
        ("Resize Upsample", (n, _) => One(n[0].Type, Resized(n))),
    ];

    static Shape Reduced(Node n, long[]? axes) => axes is null or [] && n.Int("noop_with_empty_axes") == 1
        ? n[0].Shape
        : Reduced(n[0].Shape, axes, n.Int("keepdims", 1) == 1);

    /// <summary>A shape without some axes, or with 1 in their place; without a list all are meant.</summary>
    public static Shape Reduced(Shape shape, long[]? axes, bool keepDims)
    {
        var gone = (axes is null or [] ? Enumerable.Range(0, shape.Rank) : axes.Select(a => shape.Axis(a))).ToHashSet();
        return keepDims
            ? new(shape.Index().Select(d => gone.Contains(d.Index) ? 1 : d.Item))
            : new(shape.Index().Where(d => !gone.Contains(d.Index)).Select(d => d.Item));
    }

    static Shape Reshaped(Shape from, long[] to, bool allowZero)
    {
        if (!from.IsKnown && to.All(d => d > 0))
            return to;
        var dims = to.Select((d, i) => d == 0 && !allowZero ? from[i] : d).ToArray();
        var free = Array.IndexOf(to, -1L);
        if (free >= 0)
            dims[free] = from.Count / dims.Where((_, i) => i != free).Aggregate((Dim)1, (product, d) => product * d);
        return new Shape(dims) is var shape && shape.Count == from.Count ? shape
            : throw new InvalidOperationException($"{from} cannot take the shape {shape}.");
    }

    static Shape Unsqueezed(Shape from, long[] axes)
    {
        var rank = from.Rank + axes.Length;
        var added = axes.Select(a => (int)(a < 0 ? a + rank : a)).ToHashSet();
        var rest = from.GetEnumerator();
        return new(Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1 : rest.MoveNext() ? rest.Current : 1)
            .ToArray());
    }

    static Shape Squeezed(Shape from, long[]? axes)
    {
        var gone = axes?.Select(a => from.Axis(a)).ToHashSet()
            ?? from.Index().Where(d => d.Item == 1).Select(d => d.Index).ToHashSet();
        return new(from.Index().Where(d => !gone.Contains(d.Index)).Select(d => d.Item));
    }

    static long[] Even(long size, int parts)
    {
        var chunk = (size + parts - 1) / parts;
        return [.. Enumerable.Range(0, parts).Select(i => Math.Min(chunk, size - i * chunk))];
    }

    static Shape Sliced(Node n)
    {
        var starts = n.ConstInts(1) ?? n.Ints("starts")!;
        var ends = n.ConstInts(2) ?? n.Ints("ends")!;
        var axes = n.ConstInts(3) ?? n.Ints("axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = n.ConstInts(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        var shape = n[0].Shape;
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = shape.Axis(axes[i]);
            shape = shape.With(axis, SliceCount(shape[axis].Size, starts[i], ends[i], steps[i]));
        }
        return shape;
    }

    /// <summary>Python's rule for start:end:step over a known size.</summary>
    public static long SliceCount(long size, long start, long end, long step)
    {
        (start, end) = (SliceBound(size, start, step), SliceBound(size, end, step));
        return Math.Max(0, (end - start + step - Math.Sign(step)) / step);
    }

    /// <summary>A start or end within an axis; a negative one counts from its end.</summary>
    public static long SliceBound(long size, long at, long step) =>
        Math.Clamp(at < 0 ? at + size : at, step > 0 ? 0 : -1, step > 0 ? size : size - 1);

    /// <summary>The dimensions that a Shape node gives.</summary>
    public static IEnumerable<Dim> ShapePart(Node n)
    {
        var (rank, start, end) = (n[0].Shape.Rank, n.Int("start"), n.Int("end", long.MaxValue));
        var from = (int)Math.Clamp(start < 0 ? start + rank : start, 0, rank);
        var to = (int)Math.Clamp(end < 0 ? end + rank : end, 0, rank);
        return n[0].Shape.Skip(from).Take(Math.Max(0, to - from));
    }

    /// <summary>
    /// The dimensions that a computed shape stands for: a constant, a Shape node, or parts and a Concat of such.
    /// </summary>
    static Shape ShapeIn(Value v) => v switch
    {
        { Data: { } data } => Shape.Of(data.ToInts()),
        { Producer: { Op: "Shape" } n } => new(ShapePart(n)),
        { Producer: { Op: "Gather" } n } => new(n.ConstInts(1)!.Select(i => ShapeIn(n[0])[(int)i])),
        { Producer: { Op: "Concat" } n } => new(n.In.SelectMany(part => ShapeIn(part!))),
        _ => throw new InvalidOperationException($"The shape in {v} is computed."),
    };

    static Shape Resized(Node n)
    {
        var s = n[0].Shape;
        if (n.ConstInts(3) is { Length: > 0 } sizes)
            return new(s.Zip(sizes, (d, size) => d.IsFixed ? size : d));
        // Sizes that the graph computes are symbols of this node's alone.
        if (n.Has(3) && n[3].Data is null)
            return new(s.Select((d, axis) => axis < 2 ? d : new(1, $"{n.Op}{n.Graph.Nodes.Count}_{axis}")));
        var scales = (n.Has(2) ? n[2] : n[1]).Data!.ToFloats();
        return new(s.Zip(scales, (d, f) => f == 1 ? d : (Dim)(long)Math.Floor(d.Size * (double)f)));
    }
}
