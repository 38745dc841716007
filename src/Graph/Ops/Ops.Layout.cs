namespace OnnxTimm;

public static partial class Ops
{
    /// <summary>
    /// Another shape of the same size. One dimension may be symbolic, and others that stay in their places.
    /// </summary>
    public static Value Reshape(this Value x, Shape shape)
    {
        if (x.Shape.Equals(shape))
            return x;
        var isOne = shape.Count(d => !d.IsFixed) <= 1;
        bool Stays(int axis) => !isOne && axis < x.Shape.Rank && x.Shape[axis] == shape[axis];
        long[] sizes = [.. shape.Select((d, axis) => d.IsFixed ? d.Size : Stays(axis) ? 0 : -1)];
        if (sizes.Count(size => size < 0) > 1)
            throw new InvalidOperationException($"A shape with two new symbols cannot be written: {shape}.");
        return x.Op("Reshape", [x, x.Ints(sizes)]);
    }

    /// <inheritdoc cref="Reshape(Value, Shape)"/>
    public static Value Reshape(this Value x, params ReadOnlySpan<Dim> dims) => x.Reshape(new Shape(dims.ToArray()));

    /// <summary>
    /// The same value by a node of its own, which no optimizer removes or takes for the value: a reshape to the shape
    /// that it has, which copies nothing.
    /// </summary>
    public static Value Apart(this Value x) => x.Op("Reshape", [x, x.Ints(new long[x.Shape.Rank])]);

    /// <summary>The axis <c>perm[i]</c> becomes axis i; all axes are reversed where none is given.</summary>
    public static Value Transpose(this Value x, params long[] perm) => x.Op("Transpose", [x], ("perm", perm));

    /// <summary>The axes of a Transpose in their new order; reversed where none is given.</summary>
    public static long[] Permutation(this Node transpose) =>
        transpose.Ints("perm") ?? [.. transpose[0].Shape.AxesFrom(0).Reverse()];

    /// <summary>New axes of size 1; the numbers are those that they have in the result.</summary>
    public static Value Unsqueeze(this Value x, params long[] axes) => x.Op("Unsqueeze", [x, x.Ints(axes)]);

    /// <summary>Without these axes, whose size is 1.</summary>
    public static Value Squeeze(this Value x, params long[] axes) => x.Op("Squeeze", [x, x.Ints(axes)]);

    /// <summary>A matrix: the axes before the given one make the rows, the others the columns.</summary>
    public static Value Flatten(this Value x, int axis = 1) => x.Op("Flatten", [x], ("axis", axis));

    /// <summary>One behind the other along an axis; all other sizes must be equal.</summary>
    public static Value Concat(this IReadOnlyList<Value> parts, int axis) =>
        parts.Count == 1 ? parts[0] : parts[0].Op("Concat", [.. parts], ("axis", axis));

    /// <summary>Pieces of these sizes along an axis.</summary>
    public static Value[] Split(this Value x, long[] sizes, int axis) => sizes.Length == 1
        ? [x]
        : x.Graph.Emit("Split", [x, x.Ints(sizes)], sizes.Length, ("axis", axis)).Outs.ToArray();

    /// <summary>Elements from start to before end along one axis; a negative index counts from the end.</summary>
    public static Value Slice(this Value x, int axis, long start, long end, long step = 1) =>
        x.Slice([axis], [start], [end], [step]);

    /// <summary>The same along several axes at once; step 1 where none is given.</summary>
    public static Value Slice(this Value x, long[] axes, long[] starts, long[] ends, long[]? steps = null) =>
        x.Op("Slice", [x, x.Ints(starts), x.Ints(ends), x.Ints(axes),
            steps is null || steps.All(s => s == 1) ? null : x.Ints(steps)]);

    /// <summary>
    /// Begins and ends of all axes, as ONNX orders them; negative ones crop. From opset 18 on the node names its axes,
    /// all of them: ONNX Runtime (1.31) takes a pad without them into a max pool behind it, which then pads with minus
    /// infinity, and moves a transpose through a pad of some as if the pads were of the first axes.
    /// </summary>
    public static Value Pad(this Value x, long[] pads, string mode = "constant", double value = 0) =>
        pads.All(p => p == 0) ? x : x.Op("Pad",
            [
                x, x.Ints(pads), value == 0 ? null : x.Graph.Scalar(value, x.Type),
                x.Graph.Opset < 18 ? null : x.Ints(x.Shape.AxesFrom(0)),
            ],
            ("mode", mode == "constant" ? null : mode));

    /// <summary>The whole repeated so many times along each axis.</summary>
    public static Value Tile(this Value x, params long[] repeats) => x.Op("Tile", [x, x.Ints(repeats)]);

    /// <summary>Broadcast to a shape that is a value, int64.</summary>
    public static Value Expand(this Value x, Value shape) => x.Op("Expand", [x, shape]);

    /// <summary>Repeats along axes of size 1 to the shape of another value, whose batch may be symbolic.</summary>
    public static Value ExpandLike(this Value x, Value like) => x.Shape.Equals(like.Shape) ? x
        : x.Expand(like.Shape.IsFixed ? x.Ints(like.Shape.Sizes) : like.ShapeOf());

    /// <summary>A parameter [1, ...] once for each item of a batch.</summary>
    public static Value RepeatFor(this Value x, Value batch) =>
        x.Expand(new[] { batch.ShapeOf(0, 1), x.Ints([.. x.Shape.Sizes.Skip(1)]) }.Concat(0));

    /// <summary>The upper triangle of matrices, with zeros below the diagonal (ONNX's Trilu, opset 14).</summary>
    public static Value Triu(this Value x) => x.Op("Trilu", [x]);

    /// <summary>The slices along an axis that int64 indices name: their shape takes the axis' place.</summary>
    public static Value Gather(this Value x, Value indices, int axis = 0) =>
        x.Op("Gather", [x, indices], ("axis", axis == 0 ? null : axis));

    /// <summary>The same with indices that are known.</summary>
    public static Value Gather(this Value x, long[] indices, int axis = 0) => x.Gather(x.Ints(indices), axis);

    /// <summary>Of the same shape as the indices, each of which names a place along the axis: torch.gather.</summary>
    public static Value GatherElements(this Value x, Value indices, int axis) =>
        x.Op("GatherElements", [x, indices], ("axis", axis));

    /// <summary>
    /// A copy in which each update stands where its index says along the axis; with <c>add</c> as reduction, is added
    /// there.
    /// </summary>
    public static Value ScatterElements(this Value x, Value indices, Value updates, int axis,
        string? reduction = null) =>
        x.Op("ScatterElements", [x, indices, updates], ("axis", axis), ("reduction", reduction));

    /// <summary>The same with slices: the last axis of the indices names a place along the first axes.</summary>
    public static Value ScatterND(this Value x, Value indices, Value updates, string? reduction = null) =>
        x.Op("ScatterND", [x, indices, updates], ("reduction", reduction));

    /// <summary>float32 [..., depth]: 1 at the index, 0 elsewhere.</summary>
    public static Value OneHot(this Value indices, long depth) => indices.Op("OneHot",
        [indices, indices.Graph.Scalar(depth, DType.Int64), indices.Graph.Const(Tensor.Of([0f, 1f], 2))]);

    /// <summary>
    /// [N, C, H, W] as [N, C / (block * block), H * block, W * block]; DCR takes blocks from the outer part of the
    /// channels, CRD from the inner.
    /// </summary>
    public static Value DepthToSpace(this Value x, int block, string mode = "DCR") =>
        x.Op("DepthToSpace", [x], ("blocksize", block), ("mode", mode));

    /// <summary>Repeats each pixel of a map [N, C, H, W], so many times along each axis.</summary>
    public static Value ResizeNearest(this Value x, int height, int width) => (height, width) == (1, 1) ? x
        : x.Op("Resize", [x, null, x.Graph.Const(Tensor.Of<float>([1, 1, height, width], 4))],
            ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));

    /// <summary>
    /// A map [N, C, H, W] in a size that is known when the graph runs, by the cubic kernel with a = -1/2, antialiased,
    /// without what is beyond an edge (opset 18).
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="height">int64 [1].</param>
    /// <param name="width">int64 [1].</param>
    public static Value ResizeCubic(this Value x, Value height, Value width) =>
        x.Op("Resize", [x, null, null, new[] { x.ShapeOf(0, 2), height, width }.Concat(0)],
            ("mode", "cubic"), ("cubic_coeff_a", -0.5f), ("antialias", 1), ("exclude_outside", 1));

    /// <summary>
    /// [N, C, H, W] as [N, C * block * block, H / block, W / block], the pixel in the block outermost.
    /// </summary>
    public static Value SpaceToDepth(this Value x, int block) => x.Op("SpaceToDepth", [x], ("blocksize", block));
}
