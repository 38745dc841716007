namespace OnnxTimm.Tests.Conversion;

public sealed partial class SymbolRuleTests
{
    static IEnumerable<SymbolRow> Layout =>
    [
        Row("Flatten flatten", "", X, X.As(2, 120)),
        Row("reshape_like", "", [X, Grid.Random("like", 2, 20, 6)], X.As(2, 20, 6)),
        Row("transpose", "axes=(0,2,3,1)", X, Grid.Of([2, 5, 6, 4], at => X[at[0], at[3], at[1], at[2]])),
        Row("transpose", "", X, Grid.Of([6, 5, 4, 2], at => X[at[3], at[2], at[1], at[0]])),
        Row("SwapAxis swapaxes", "dim1=1 dim2=-1", X, Grid.Of([2, 6, 5, 4], at => X[at[0], at[3], at[2], at[1]])),
        Row("expand_dims", "axis=-1", X, X.As(2, 4, 5, 6, 1)),
        Row("squeeze", "axis=(1,3)", Thin, Thin.As(2, 3)),
        Row("squeeze", "", Thin, Thin.As(2, 3)),
        Row("Concat concat", "num_args=2", [X, Narrow], Grid.Of([2, 7, 5, 6], at =>
            at[1] < 4 ? X[at] : Narrow[at[0], at[1] - 4, at[2], at[3]])),
        Row("Concat", "num_args=2 dim=-1", [Plain, Plain], Grid.Of([2, 12], at => Plain[at[0], at[1] % 6])),
        Row("stack", "axis=1 num_args=2", [X, Y], Grid.Of([2, 2, 4, 5, 6], at =>
            (at[1] == 0 ? X : Y)[at[0], at[2], at[3], at[4]])),
        Row("slice crop", "begin=(None,1,0) end=(None,3,-1)", X, Grid.Of([2, 2, 4, 6], at =>
            X[at[0], at[1] + 1, at[2], at[3]])),
        Row("slice", "begin=(0,None,4) end=(None,None,0) step=(1,None,-2)", X, Grid.Of([2, 4, 2, 6], at =>
            X[at[0], at[1], 4 - 2 * at[2], at[3]])),
        Row("slice", "begin=(None,None,None) end=(None,None,None) step=(None,-1,None)", X, Grid.Of(X.Shape, at =>
            X[at[0], 3 - at[1], at[2], at[3]])),
        Row("slice_axis", "axis=-1 begin=-3 end=None", X, Grid.Of([2, 4, 5, 3], at =>
            X[at[0], at[1], at[2], at[3] + 3])),
        Row("slice_axis", "axis=1 begin=1 end=-1", X, Grid.Of([2, 2, 5, 6], at => X[at[0], at[1] + 1, at[2], at[3]])),
        Row("slice_like", "axes=(2,3)", [X, Grid.Random("like", 2, 1, 3, 2)], Grid.Of([2, 4, 3, 2], at => X[at])),
        Row("slice_like", "", [X, Grid.Random("like", 2, 3, 5, 2)], Grid.Of([2, 3, 5, 2], at => X[at])),
        Row("tile", "reps=(1,2,3)", Tokens, Grid.Of([2, 6, 12], at => Tokens[at[0], at[1] % 3, at[2] % 4])),
        Row("depth_to_space", "block_size=2", X, Grid.Of([2, 1, 10, 12], at =>
            X[at[0], at[2] % 2 * 2 + at[3] % 2, at[2] / 2, at[3] / 2])),
        Row("space_to_depth", "block_size=2", Large, Grid.Of([2, 4, 5, 6], at =>
            Large[at[0], 0, at[2] * 2 + at[1] / 2, at[3] * 2 + at[1] % 2])),
        new("SliceChannel split", "num_outputs=2", [X], [],
            [Grid.Of([2, 2, 5, 6], at => X[at]), Grid.Of([2, 2, 5, 6], at => X[at[0], at[1] + 2, at[2], at[3]])]),
        new("SliceChannel", "num_outputs=2 axis=2 squeeze_axis=True", [Pair], [],
            [Grid.Of([2, 3], at => Pair[at[0], at[1], 0]), Grid.Of([2, 3], at => Pair[at[0], at[1], 1])]),
    ];

    static readonly Grid Thin = Grid.Random("thin", 2, 1, 3, 1);
    static readonly Grid Narrow = Grid.Random("narrow", 2, 3, 5, 6);
    static readonly Grid Pair = Grid.Random("pair", 2, 3, 2);

    /// <summary>Examples of MXNet's documentation, on arrays of fixed shape, and the first versions' forms.</summary>
    static IEnumerable<SymbolRow> Codes =>
    [
        Row("Reshape reshape", "shape=(0,-1)", X, X.As(2, 120)),
        Row("Reshape", "shape=(-1,0,6) reverse=True", X, X.As(8, 5, 6)),
        Coded([2, 3, 4], "(4,0,2)", 4, 3, 2),
        Coded([2, 3, 4], "(2,0,0)", 2, 3, 4),
        Coded([2, 3, 4], "(6,1,-1)", 6, 1, 4),
        Coded([2, 3, 4], "(3,-1,8)", 3, 1, 8),
        Coded([2, 3, 4], "(-1,)", 24),
        Coded([2, 3, 4], "(-2,)", 2, 3, 4),
        Coded([2, 3, 4], "(2,-2)", 2, 3, 4),
        Coded([2, 3, 4], "(-2,1,1)", 2, 3, 4, 1, 1),
        Coded([2, 3, 4], "(-3,4)", 6, 4),
        Coded([2, 3, 4, 5], "(-3,-3)", 6, 20),
        Coded([2, 3, 4], "(0,-3)", 2, 12),
        Coded([2, 3, 4], "(-3,-2)", 6, 4),
        Coded([2, 3, 4], "(-4,1,2,-2)", 1, 2, 3, 4),
        Coded([2, 3, 4], "(2,-4,-1,3,-2)", 2, 1, 3, 4),
        Coded([10, 5, 4], "(-1,0)", 40, 5),
        Coded([10, 5, 4], "(-1,0) reverse=1", 50, 4),
        Row("Reshape", "target_shape=(0,24,5)", X, X.As(2, 24, 5)),
        Row("Reshape", "target_shape=(7L,0L) keep_highest=True", X, X.As(2, 120)),
    ];

    static SymbolRow Coded(long[] from, string codes, params long[] to)
    {
        var x = Grid.Random("coded", from);
        return new("Reshape", $"shape={codes}", [], [x], [x.As(to)]);
    }
}
