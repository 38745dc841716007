namespace OnnxTimm.Tests.Train;

public sealed partial class GradientTests
{
    static IEnumerable<GradientCheck> Layout =>
    [
        Row("Reshape", "axes merged", x => x[0].Reshape(N, 6), X(N, 3, 2)),
        Row("Flatten", "all but the batch", x => x[0].Flatten(), X(N, 3, 2)),
        Row("Squeeze", "two axes", x => x[0].Squeeze(1, 3), X(N, 1, 3, 1)),
        Row("Unsqueeze", "two axes", x => x[0].Unsqueeze(0, 2), X(N, 3)),
        Row("Transpose", "about", x => x[0].Graph.Emit("Transpose", [x[0]]).Out, X(N, 3, 4)),
        Row("Transpose", "a cycle", x => x[0].Transpose(1, 2, 0), X(N, 3, 4)),
        Row("Concat", "parts of several sizes", x => x.Concat(1), X(N, 1, 2), X(N, 3, 2), X(N, 2, 2)),
        Row("Concat", "from the end, a value twice", x => new[] { x[0], x[1], x[0] }.Concat(-1), X(N, 3), X(N, 2)),
        Row("Split", "all parts", x => Product(x[0].Split([2, 2], 1)), X(N, 4, 2)),
        Row("Split", "a part that nothing reads", x => Ends(x[0].Split([2, 1, 3], 1)), X(2, 6)),
        Row("Split", "a part that nothing reads, of a batch", x => Ends(x[0].Split([2, 1, 3], -1)), X(N, 6)),
        Row("Slice", "the middle", x => x[0].Slice(1, 1, 3), X(N, 4, 2)),
        Row("Slice", "from the end", x => x[0].Slice(2, -2, long.MaxValue), X(N, 2, 5)),
        Row("Slice", "every second pixel", x => x[0].Slice([2, 3], [0, 1], [5, 6], [2, 2]), X(N, 2, 5, 6)),
        Row("Slice", "every third, a rest left over", x => x[0].Slice(1, 1, 8, 3), X(N, 9)),
        Row("Slice", "beyond the end", x => x[0].Slice(1, 2, 99), X(N, 5)),
        Row("Pad", "zeros", x => x[0].Pad([0, 0, 1, 2, 0, 0, 0, 1]), X(N, 2, 2, 3)),
        Row("Pad", "a value", x => x[0].Pad([0, 1, 0, 2], value: -1), X(N, 3)),
        Row("Pad", "negative: cut", x => x[0].Pad([0, -1, 0, -2]), X(N, 6)),
        Row("Pad", "reflected", x => x[0].Pad([0, 0, 1, 2, 0, 0, 2, 1], "reflect"), X(N, 2, 4, 5)),
        Row("Expand", "a token for each image", x => x[0].RepeatFor(x[1]) * x[1], X(1, 1, 3), X(N, 4, 3)),
        Row("Expand", "an inner axis", x => x[0].ExpandLike(x[1]) * x[1], X(N, 1, 3), X(N, 4, 3)),
        Row("Expand", "new axes in front", x => x[0].ExpandLike(x[1]) * x[1], X(3), X(2, 4, 3)),
        Row("Tile", "two axes", x => x[0].Tile(1, 2, 3), X(N, 3, 2)),
        Row("Gather", "rows, some twice, from the end", x => x[0].Gather([2, 0, 2, -1]), X(4, 3)),
        Row("Gather", "an inner axis", x => x[0].Gather([1, 1, 0], 1), X(N, 3, 2)),
        Row("Gather", "one index", x => x[0].Gather(x[0].Graph.Const(Tensor.Of([1L])), 1), X(N, 3, 2)),
        Row("Gather", "a table of indices", x => x[0].Gather(Indices(x[0], 2, 2)), X(3, 4)),
        Row("Gather", "a table of indices, an inner axis", x => x[0].Gather(Indices(x[0], 2, 2), 1), X(N, 4, 2)),
        Row("Gather", "computed indices", x => x[0].Gather(Indices(x[0], 4).Identity()), X(3, 4)),
        Row("Gather", "a large table of indices", x => x[0].Gather(Pairs(x[0], 1)), X(16, 2)),
        Row("Gather", "a large table of indices, an inner axis", x => x[0].Gather(Pairs(x[0], 5), 1), X(N, 81, 3)),
        Row("DepthToSpace", "blocks of 2", x => x[0].DepthToSpace(2), X(N, 8, 2, 3)),
        Row("SpaceToDepth", "blocks of 2", x => x[0].SpaceToDepth(2), X(N, 2, 4, 6)),
    ];

    static Value Product(Value[] parts) => parts[0] * parts[1];

    static Value Ends(Value[] parts) => new[] { parts[0], parts[^1] }.Concat(1);

    /// <summary>Too many pairs for a matrix of zeros and ones; the first row is read most, the last one never.</summary>
    static Value Pairs(Value x, int step) => x.Graph.Const("pairs", () => Tensor.Of(
        (from i in Enumerable.Range(0, 75) from j in Enumerable.Range(0, 75) select (long)(Math.Min(i, j) / 5 * step))
            .ToArray(), 75, 75));

    static Value Indices(Value x, params long[] shape) => x.Graph.Const(Tensor.Of([2L, 0, 2, 1], shape));
}
