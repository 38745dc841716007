namespace OnnxTimm.Tests.Conversion;

public sealed partial class SymbolRuleTests
{
    static IEnumerable<SymbolRow> Maps =>
    [
        Row("Pooling", "kernel=(2,2)", X, Pooled(new(2, 1, 0), 4, 5, Max)),
        Row("Pooling", "kernel=(3,3) stride=(2,2) pad=(1,1) pool_type=max", X, Pooled(new(3, 2, 1), 3, 3, Max)),
        Row("Pooling", "kernel=(2,2) stride=(2,2) pooling_convention=full", X, Pooled(new(2, 2, 0), 3, 3, Max)),
        Row("Pooling", "kernel=(3,3) stride=(3,3) pad=(2,2) pooling_convention=full", X,
            Pooled(new(3, 3, 2), 3, 4, Max)),
        Row("Pooling", "kernel=(3,3) stride=(2,2) pad=(1,1) pool_type=avg", X, Pooled(new(3, 2, 1), 3, 3, Mean)),
        Row("Pooling", "kernel=(3,3) stride=(2,2) pad=(1,1) pool_type=avg count_include_pad=False", X,
            Pooled(new(3, 2, 1), 3, 3, TrueMean)),
        Row("Pooling", "kernel=(3,3) stride=(2,2) pad=(1,1) pool_type=avg pooling_convention=full", X,
            Pooled(new(3, 2, 1), 3, 4, Mean)),
        Row("Pooling",
            "kernel=(3,3) stride=(2,2) pad=(1,1) pool_type=avg pooling_convention=full count_include_pad=0", X,
            Pooled(new(3, 2, 1), 3, 4, TrueMean)),
        Row("Pooling", "kernel=(2,2) stride=(3,3) pool_type=avg pooling_convention=full", X,
            Pooled(new(2, 3, 0), 2, 3, Mean)),
        Row("Pooling", "kernel=(2,2) stride=(3,3) pool_type=sum pooling_convention=full", X,
            Pooled(new(2, 3, 0), 2, 3, Total)),
        Row("Pooling", "kernel=(2,2) stride=(2,2) pool_type=lp p_value=2", X,
            Pooled(new(2, 2, 0), 2, 3, w => Math.Sqrt(w.Values.Sum(v => v * v)))),
        Row("Pooling", "kernel=(2,2) stride=(2,2) pool_type=lp p_value=1", X, Pooled(new(2, 2, 0), 2, 3, Total)),
        Row("Pooling", "kernel=(7,7) global_pool=True pool_type=avg", X, Added(X, 2, 3).Each(v => v / 30)),
        Row("Pooling", "global_pool=True pool_type=sum", X, Added(X, 2, 3)),
        Row("Pooling", "global_pool=True pool_type=max", X, Folded(X, [2, 3], double.MinValue, Math.Max)),
        Row("Pooling", "global_pool=True pool_type=lp p_value=2", X, Added(X.Each(v => v * v), 2, 3).Each(Math.Sqrt)),
        Row("Pooling", "kernel=(3,) stride=(2,) pool_type=max pooling_convention=same", Line,
            Grid.Of([2, 3, 4], at => Enumerable.Range(0, 3).Select(i => 2 * at[2] + i).Where(i => i < 8)
                .Max(i => Line[at[0], at[1], i]))),
        Row("_contrib_AdaptiveAvgPooling2D", "output_size=1", X, Added(X, 2, 3).Each(v => v / 30)),
        Row("UpSampling", "scale=3 sample_type=nearest num_args=1", X, Repeated(X, 3)),
        Row("UpSampling", "scale=2 sample_type=nearest num_args=2", [X, Large],
            Grid.Of([2, 5, 10, 12], at =>
                at[1] < 4 ? X[at[0], at[1], at[2] / 2, at[3] / 2] : Large[at[0], 0, at[2], at[3]])),
        Row("UpSampling", "scale=2 sample_type=nearest num_args=2 multi_input_mode=sum", [X, Y],
            Repeated(X, 2).With(Repeated(Y, 2), (a, b) => a + b)),
        Row("UpSampling", "scale=2 sample_type=bilinear num_args=2 num_filter=4", X, Doubled(), Bilinear),
        Row("Crop", "num_args=1 h_w=(2,3) offset=(1,2)", X,
            Grid.Of([2, 4, 2, 3], at => X[at[0], at[1], at[2] + 1, at[3] + 2])),
        Row("Crop", "num_args=2 center_crop=True", [X, Grid.Random("like", 2, 1, 3, 3)],
            Grid.Of([2, 4, 3, 3], at => X[at[0], at[1], at[2] + 1, at[3] + 1])),
        Row("Pad pad", "mode=constant pad_width=(0,0,0,0,1,2,0,3) constant_value=0.5", X, Grid.Of([2, 4, 8, 9], at =>
            at[2] is >= 1 and < 6 && at[3] < 6 ? X[at[0], at[1], at[2] - 1, at[3]] : 0.5)),
        Row("Pad", "mode=edge pad_width=(0,0,0,0,1,2,3,0)", X, Grid.Of([2, 4, 8, 9], at =>
            X[at[0], at[1], Math.Clamp(at[2] - 1, 0, 4), Math.Clamp(at[3] - 3, 0, 5)])),
        Row("Pad", "mode=reflect pad_width=(0,0,0,0,1,2,3,0)", X, Grid.Of([2, 4, 8, 9], at =>
            X[at[0], at[1], 4 - Math.Abs(4 - Math.Abs(at[2] - 1)), Math.Abs(at[3] - 3)])),
    ];

    static readonly Grid Line = Grid.Random("line", 2, 3, 8);
    static readonly Grid Large = Grid.Random("large", 2, 1, 10, 12);

    /// <summary>The kernel that MXNet's initializer Bilinear makes for a scale of 2: a tent.</summary>
    static Grid Bilinear => Grid.Of([4, 1, 4, 4], at => Tent(at[2]) * Tent(at[3]));

    static double Tent(long i) => 1 - Math.Abs(i - 1.5) / 2;

    static Grid Repeated(Grid x, int times) => Grid.Of([.. x.Shape[..2], .. x.Shape[2..].Select(d => d * times)],
        at => x[at[0], at[1], at[2] / times, at[3] / times]);

    /// <summary>Between pixels lie quarters and three quarters; beyond the map is zero.</summary>
    static Grid Doubled() => Grid.Of([2, 4, 10, 12], at => Sum(2, i => Sum(2, j =>
        (i == 0 ? 0.75 : 0.25) * (j == 0 ? 0.75 : 0.25)
        * X[at[0], at[1], at[2] / 2 + i * (at[2] % 2 * 2 - 1), at[3] / 2 + j * (at[3] % 2 * 2 - 1)])));

    readonly record struct Window(int Size, int Stride, int Pad);

    /// <summary>What a window sees: its pixels, and its area within the padded map.</summary>
    readonly record struct View(double[] Values, long Area);

    /// <summary>A window beyond all pixels has MXNet's least number.</summary>
    static double Max(View w) => w.Values.DefaultIfEmpty(float.MinValue).Max();

    static double Total(View w) => w.Values.Sum();

    /// <summary>A window beyond all pixels gives 0.</summary>
    static double Mean(View w) => w.Values.Sum() / Math.Max(1, w.Area);

    static double TrueMean(View w) => w.Values.Average();

    /// <summary>Windows of X by MXNet's rule: what hangs over the padded map does not count.</summary>
    static Grid Pooled(Window w, int height, int width, Func<View, double> of) => Grid.Of([2, 4, height, width], at =>
    {
        var (n, c) = (at[0], at[1]);
        var (rows, allRows) = Span(at[2], w, 5);
        var (columns, allColumns) = Span(at[3], w, 6);
        return of(new([.. rows.SelectMany(y => columns.Select(x => X[n, c, y, x]))], allRows * allColumns));
    });

    static (long[] Inside, long Padded) Span(long window, Window w, int size)
    {
        var start = window * w.Stride - w.Pad;
        var all = Enumerable.Range(0, w.Size).Select(i => start + i).Where(i => i < size + w.Pad).ToArray();
        return ([.. all.Where(i => i >= 0 && i < size)], all.Length);
    }
}
