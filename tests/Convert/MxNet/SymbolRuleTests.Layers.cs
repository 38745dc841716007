namespace OnnxTimm.Tests.Conversion;

public sealed partial class SymbolRuleTests
{
    static readonly Grid C4 = Grid.Random("c4", 4);
    static readonly Grid D4 = Grid.Random("d4", 4);
    static readonly Grid V4 = Grid.Random("v4", 4).Each(v => 2 + v);
    static readonly Grid B3 = Grid.Random("b", 3);
    static readonly Grid Kernel = Grid.Random("k", 6, 2, 3, 2);
    static readonly Grid Pointwise = Grid.Random("k", 3, 4, 1, 1);
    static readonly Grid Transposed = Grid.Random("t", 4, 3, 3, 3);
    static readonly Grid Full = Grid.Random("f", 3, 120);
    static readonly Grid Last = Grid.Random("f", 3, 6);
    static readonly Grid Table = Grid.Random("e", 5, 3);
    static readonly Grid Tokens = Grid.Random("tokens", 2, 3, 4);

    static IEnumerable<SymbolRow> Linear =>
    [
        Row("Convolution Convolution_v1",
            "kernel=(3,2) num_filter=6 stride=(2,1) pad=(1,0) dilate=(1,2) num_group=2", X,
            Conv(Kernel, Grid.Random("b", 6), (3, 4)), Kernel, Grid.Random("b", 6)),
        Row("Convolution", "kernel=(1,1) num_filter=3 no_bias=True", X,
            Grid.Of([2, 3, 5, 6], at => Sum(4, c => X[at[0], c, at[2], at[3]] * Pointwise[at[1], c, 0, 0])), Pointwise),
        Row("Deconvolution", "kernel=(3,3) num_filter=3 stride=(2,2) pad=(1,1) adj=(1,0)", X,
            Deconv((10, 11), 1, 1), Transposed),
        Row("Deconvolution", "kernel=(3,3) num_filter=3 stride=(2,2) target_shape=(10,12) no_bias=False", X,
            Deconv((10, 12), 1, 1, B3), Transposed, B3),
        Row("FullyConnected", "num_hidden=3", X,
            Grid.Of([2, 3], at => B3[at[1]] + Sum(120, i => X.As(2, 120)[at[0], i] * Full[at[1], i])), Full, B3),
        Row("FullyConnected", "num_hidden=3 flatten=False no_bias=True", X,
            Grid.Of([2, 4, 5, 3], at => Sum(6, i => X[at[0], at[1], at[2], i] * Last[at[3], i])), Last),
        Row("Embedding", "input_dim=5 output_dim=3", Grid.Of([2, 2], at => at[0] + 2 * at[1]),
            Grid.Of([2, 2, 3], at => Table[at[0] + 2 * at[1], at[2]]), Table),
    ];

    static IEnumerable<SymbolRow> Norms =>
    [
        Row("BatchNorm BatchNorm_v1 CuDNNBatchNorm", "eps=0.01 fix_gamma=False", X,
            Grid.Of(X.Shape, at => Scaled(X[at], at[1], 0.01) * C4[at[1]] + D4[at[1]]), C4, D4, D4, V4),
        Row("BatchNorm", "use_global_stats=True", X,
            Grid.Of(X.Shape, at => Scaled(X[at], at[1], 1e-3) + D4[at[1]]), C4, D4, D4, V4),
        Row("BatchNorm", "axis=-1 fix_gamma=0", Tokens,
            Grid.Of(Tokens.Shape, at => Scaled(Tokens[at], at[2], 1e-3) * C4[at[2]] + D4[at[2]]), C4, D4, D4, V4),
        Row("InstanceNorm", "", X, Normed(X, [2, 3], 1e-3, at => at[1]), C4, D4),
        Row("LayerNorm", "axis=1", X, Normed(X, [1], 1e-5, at => at[1]), C4, D4),
        Row("LayerNorm", "eps=0.1", Tokens, Normed(Tokens, [2], 0.1, at => at[2]), C4, D4),
        Row("L2Normalization", "", X, UnitLength(X, 1e-10, 1, 2, 3)),
        Row("L2Normalization", "mode=channel eps=0.1", X, UnitLength(X, 0.1, 1)),
        Row("L2Normalization", "mode=spatial", X, UnitLength(X, 1e-10, 2, 3)),
        Row("LRN", "nsize=3 alpha=0.3 beta=0.6 knorm=1.5", X, Grid.Of(X.Shape, at => X[at] / Math.Pow(
            1.5 + 0.1 * Sum(3, i => Math.Pow(X[at[0], at[1] + i - 1, at[2], at[3]], 2)), 0.6))),
    ];

    static double Scaled(double x, long channel, double eps) => (x - D4[channel]) / Math.Sqrt(V4[channel] + eps);

    /// <summary>3 x 2, stride (2, 1), pads (1, 0), dilation (1, 2), two groups.</summary>
    static Grid Conv(Grid k, Grid b, (int H, int W) size) => Grid.Of([2, 6, size.H, size.W], at => b[at[1]]
        + Sum(2, c => Sum(3, i => Sum(2, j =>
            X[at[0], at[1] / 3 * 2 + c, 2 * at[2] + i - 1, at[3] + 2 * j] * k[at[1], c, i, j]))));

    /// <summary>3 x 3, stride 2: each output gathers the inputs whose window covers it.</summary>
    static Grid Deconv((int H, int W) size, int top, int left, Grid? b = null) =>
        Grid.Of([2, 3, size.H, size.W], at => (b?[at[1]] ?? 0) + Sum(4, c => Sum(5, y => Sum(6, x =>
            X[at[0], c, y, x] * Transposed[c, at[1], at[2] + top - 2 * y, at[3] + left - 2 * x]))));

    static Grid Normed(Grid x, int[] axes, double eps, Func<long[], long> channel)
    {
        var count = axes.Aggregate(1.0, (n, axis) => n * x.Shape[axis]);
        var mean = Folded(x, axes, 0, (a, b) => a + b / count, spread: true);
        var squares = x.With(mean, (a, m) => (a - m) * (a - m));
        var variance = Folded(squares, axes, 0, (a, b) => a + b / count, spread: true);
        return Grid.Of(x.Shape, at =>
            (x[at] - mean[at]) / Math.Sqrt(variance[at] + eps) * C4[channel(at)] + D4[channel(at)]);
    }

    static Grid UnitLength(Grid x, double eps, params int[] axes) =>
        x.With(Folded(x.Each(v => v * v), axes, 0, (a, b) => a + b, spread: true), (v, s) => v / Math.Sqrt(s + eps));
}
