namespace OnnxTimm.Tests.Conversion;

public sealed partial class SymbolRuleTests
{
    static IEnumerable<SymbolRow> Reductions =>
    [
        Row("sum sum_axis", "axis=1", X, Added(X, 1).As(2, 5, 6)),
        Row("sum", "axis=(-1,2) keepdims=True", X, Added(X, 2, 3).As(2, 4, 1, 1)),
        Row("sum", "axis=1 exclude=True", X, Added(X, 0, 2, 3).As(4)),
        Row("sum", "", X, Added(X, 0, 1, 2, 3).As(1)),
        Row("sum", "axis=()", X, Added(X, 0, 1, 2, 3).As(1)),
        Row("mean", "axis=(2,3)", X, Added(X, 2, 3).Each(v => v / 30).As(2, 4)),
        Row("max max_axis", "axis=(2,3)", X, Folded(X, [2, 3], double.MinValue, Math.Max).As(2, 4)),
        Row("min min_axis", "axis=1 keepdims=1", X, Folded(X, [1], double.MaxValue, Math.Min).As(2, 1, 5, 6)),
        Row("norm", "axis=1", X, Added(X.Each(v => v * v), 1).Each(Math.Sqrt).As(2, 5, 6)),
        Row("norm", "ord=1 axis=1", X, Added(X.Each(Math.Abs), 1).As(2, 5, 6)),
    ];

    static Grid Added(Grid x, params int[] axes) => Folded(x, axes, 0, (a, b) => a + b);

    /// <summary>
    /// A reduction over some axes, which stay as ones, or keep their size with the result in each place.
    /// </summary>
    static Grid Folded(Grid x, int[] axes, double from, Func<double, double, double> f, bool spread = false)
    {
        long[] small = [.. x.Shape.Select((d, axis) => axes.Contains(axis) ? 1 : d)];
        var result = new Dictionary<string, double>();
        _ = Grid.Of(x.Shape, at => result[Key(at)] = f(result.GetValueOrDefault(Key(at), from), x[at]));
        return Grid.Of(spread ? x.Shape : small, at => result[Key(at)]);

        string Key(long[] at) => string.Join(' ', at.Select((i, axis) => axes.Contains(axis) ? 0 : i));
    }
}
