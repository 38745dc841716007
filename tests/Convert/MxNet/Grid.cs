namespace OnnxTimm.Tests.Conversion;

/// <summary>An array in float64 that is zero outside, so that formulas over windows are short.</summary>
sealed class Grid
{
    readonly double[] data;

    Grid(double[] data, long[] shape) => (this.data, Shape) = (data, shape);

    public long[] Shape { get; }

    public IReadOnlyList<double> Data => data;

    public float[] Floats => Array.ConvertAll(data, v => (float)v);

    public double this[params ReadOnlySpan<long> at]
    {
        get
        {
            var place = 0L;
            for (var axis = 0; axis < Shape.Length; axis++)
            {
                if (at[axis] < 0 || at[axis] >= Shape[axis])
                    return 0;
                place = place * Shape[axis] + at[axis];
            }
            return data[place];
        }
    }

    /// <summary>An array by a formula over the place of each element.</summary>
    public static Grid Of(long[] shape, Func<long[], double> value)
    {
        var at = new long[shape.Length];
        var data = new double[shape.Aggregate(1L, (n, d) => n * d)];
        for (var i = 0; i < data.Length; i++)
        {
            var rest = (long)i;
            for (var axis = shape.Length - 1; axis >= 0; rest /= shape[axis--])
                at[axis] = rest % shape[axis];
            data[i] = value(at);
        }
        return new(data, shape);
    }

    /// <summary>The reference set's numbers, exact in float32, in [-1.7, 1.7).</summary>
    public static Grid Random(string name, params long[] shape) =>
        new(Array.ConvertAll(Fill.Input(name, shape), v => (double)v), shape);

    public Grid Each(Func<double, double> f) => new(Array.ConvertAll(data, v => f(v)), Shape);

    public Grid With(Grid other, Func<double, double, double> f) => new([.. data.Zip(other.data, f)], Shape);

    /// <summary>The same elements, in order, under another shape.</summary>
    public Grid As(params long[] shape) => new(data, shape);
}
