using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train.Cpu;

/// <summary>
/// Every kernel of the CPU trainer against the operator's definition in standard operators, run by ONNX Runtime: the
/// same small graph in both dialects, over odd shapes and batches.
/// </summary>
[TestClass]
public sealed class KernelTests
{
    static readonly int[] Batches = [1, 2, 5];

    /// <summary>Maps with areas below, at and above the 16 lanes, and beyond a block of sums.</summary>
    static readonly (int Channels, int Height, int Width)[] Maps = [(3, 1, 1), (5, 4, 4), (4, 7, 7), (2, 9, 13),
        (1, 35, 64)];

    public static IEnumerable<object[]> Acts => Fused.Acts.Select(act => new object[] { act });

    public static IEnumerable<object[]> NormForms =>
        from act in Fused.Acts.Append("")
        from residual in (bool[])[false, true]
        where !residual || act is "" or "relu" or "relu6"
        select new object[] { act, residual };

    [TestMethod]
    [DynamicData(nameof(Acts))]
    public void Activation(string act) => OverMaps(x => Name("y", x * 4, v =>
        v.Graph.Emit("onnxtimm:Activation", [v], 1, ("act", act)).Out));

    [TestMethod]
    [DynamicData(nameof(NormForms))]
    public void BatchNorm(string act, bool residual) => OverMaps(x =>
    {
        var g = x.Graph;
        var (gamma, beta) = (g.Input("gamma", DType.Float32, new Shape(x.Channels)),
            g.Input("beta", DType.Float32, new Shape(x.Channels)));
        var added = residual ? g.Input("residual", DType.Float32, x.Shape) : null;
        var n = g.Emit("onnxtimm:BatchNorm", [x, gamma * 3, beta, added], 3, ("epsilon", 1e-3),
            ("act", act.Length > 0 ? act : null));
        g.Output("mean", n.Outs[1]);
        g.Output("variance", n.Outs[2]);
        return (n.Out, [gamma, beta, .. added is null ? Array.Empty<Value>() : [added]]);
    });

    /// <summary>Kernel sizes, strides, pads and dilations that networks have, and lopsided ones.</summary>
    public static IEnumerable<object[]> DepthwiseForms =>
    [
        [new long[] { 3, 3 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 }, 1L, 14, 14, false],
        [new long[] { 3, 3 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 }, 1L, 7, 9, true],
        [new long[] { 3, 3 }, new long[] { 2, 2 }, new long[] { 1, 1, 1, 1 }, 1L, 15, 33, false],
        [new long[] { 3, 3 }, new long[] { 2, 2 }, new long[] { 0, 0, 1, 1 }, 1L, 32, 46, true],
        [new long[] { 5, 5 }, new long[] { 1, 1 }, new long[] { 2, 2, 2, 2 }, 1L, 8, 7, false],
        [new long[] { 5, 5 }, new long[] { 2, 2 }, new long[] { 1, 1, 2, 2 }, 1L, 20, 20, false],
        [new long[] { 7, 7 }, new long[] { 1, 1 }, new long[] { 3, 3, 3, 3 }, 1L, 10, 35, true],
        [new long[] { 3, 3 }, new long[] { 1, 1 }, new long[] { 2, 2, 2, 2 }, 2L, 11, 12, false],
        [new long[] { 3, 5 }, new long[] { 3, 2 }, new long[] { 1, 0, 0, 2 }, 1L, 13, 18, false],
        [new long[] { 2, 2 }, new long[] { 4, 3 }, new long[] { 0, 0, 0, 0 }, 1L, 11, 11, false],
    ];

    [TestMethod]
    [DynamicData(nameof(DepthwiseForms))]
    public void DepthwiseConv(long[] kernel, long[] strides, long[] pads, long dilation, int height, int width,
        bool bias)
    {
        const int Channels = 3;
        DialectCheck.Same(new Shape(Dim.Batch, Channels, height, width), x =>
        {
            var weight = x.Graph.Input("weight", DType.Float32, new Shape(Channels, 1, kernel[0], kernel[1]));
            var added = bias ? x.Graph.Input("bias", DType.Float32, new Shape(Channels)) : null;
            var spec = new ConvSpec(strides, pads, [dilation, dilation], Channels);
            return (x.Conv(weight, added, spec), [weight, .. added is null ? Array.Empty<Value>() : [added]]);
        }, Batches);
    }

    /// <summary>
    /// Outputs, inputs, groups, window, stride, height and width: whole tiles of rows, planes and pixels, and others;
    /// maps that tiles read as they lie, of more and of fewer pixels than a chunk.
    /// </summary>
    public static IEnumerable<object[]> DenseForms =>
    [
        [6, 4, 1, 1, 1, 4, 4],
        [16, 8, 1, 1, 1, 8, 8],
        [7, 12, 1, 1, 1, 24, 28],
        [20, 24, 2, 1, 1, 16, 16],
        [5, 8, 1, 1, 1, 8, 8],
        [8, 10, 1, 1, 1, 8, 8],
        [14, 8, 1, 1, 1, 7, 7],
        [9, 8, 1, 1, 2, 8, 16],
        [9, 5, 1, 3, 1, 13, 11],
        [12, 8, 2, 3, 2, 15, 18],
        [50, 140, 1, 1, 1, 5, 7],
        [112, 20, 1, 3, 2, 14, 18],
        [34, 9, 1, 1, 1, 9, 8],
        [69, 76, 1, 3, 1, 13, 11],
        [64, 140, 1, 3, 1, 7, 7],
        [136, 65, 1, 3, 1, 41, 30],
    ];

    [TestMethod]
    [DynamicData(nameof(DenseForms))]
    public void Conv(int rows, int channels, int groups, int window, int stride, int height, int width) =>
        DialectCheck.Same(new Shape(Dim.Batch, channels, height, width), x =>
        {
            var weight = x.Graph.Input("weight", DType.Float32, new Shape(rows, channels / groups, window, window));
            var bias = x.Graph.Input("bias", DType.Float32, new Shape(rows));
            return (x.Conv(weight, bias, new ConvSpec([stride, stride], [.. Enumerable.Repeat(window / 2L, 4)], [1, 1],
                groups)), [weight, bias]);
        }, Batches);

    /// <summary>Winograd's tiles follow the size of the output, whatever is padded below and to the right.</summary>
    [TestMethod]
    [DataRow(2, 3)]
    [DataRow(0, 2)]
    public void ConvOfUnlikePads(int bottom, int right) => DialectCheck.Same(new Shape(Dim.Batch, 64, 9, 12), x =>
    {
        var weight = x.Graph.Input("weight", DType.Float32, new Shape(64, 64, 3, 3));
        return (x.Conv(weight, null, new ConvSpec([1, 1], [1, 1, bottom, right], [1, 1])), [weight]);
    }, Batches);

    /// <summary>All that a window sees lies left of the map.</summary>
    [TestMethod]
    public void ConvBesideTheMap() => DialectCheck.Same(new Shape(Dim.Batch, 8, 5, 1), x =>
    {
        var weight = x.Graph.Input("weight", DType.Float32, new Shape(9, 8, 3, 4));
        return (x.Conv(weight, null, new ConvSpec([4, 4], [1, 6, 1, 0], [1, 1])), [weight]);
    }, Batches);

    /// <summary>The gradient of its weights is a product of two matrices of many rows.</summary>
    [TestMethod]
    [DataRow(24, 64)]
    [DataRow(16, 40)]
    [DataRow(200, 160)]
    public void Linear(int inputs, int outputs) => DialectCheck.Same(new Shape(Dim.Batch, 70, inputs), x =>
    {
        var weight = x.Graph.Input("weight", DType.Float32, new Shape(inputs, outputs));
        return (x.MatMul(weight), [weight]);
    }, Batches);

    public static IEnumerable<object[]> PoolForms =>
    [
        [new long[] { 3, 3 }, new long[] { 2, 2 }, new long[] { 1, 1, 1, 1 }, false, false, 16, 33],
        [new long[] { 3, 3 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 }, false, false, 7, 7],
        [new long[] { 2, 2 }, new long[] { 2, 2 }, new long[] { 0, 0, 0, 0 }, false, false, 14, 18],
        [new long[] { 2, 2 }, new long[] { 2, 2 }, new long[] { 0, 0, 0, 0 }, true, false, 15, 7],
        [new long[] { 3, 3 }, new long[] { 2, 2 }, new long[] { 0, 0, 0, 0 }, true, false, 14, 12],
        [new long[] { 3, 2 }, new long[] { 3, 1 }, new long[] { 1, 0, 0, 1 }, false, true, 11, 40],
        [new long[] { 2, 2 }, new long[] { 3, 3 }, new long[] { 0, 0, 0, 0 }, false, false, 12, 11],
    ];

    [TestMethod]
    [DynamicData(nameof(PoolForms))]
    public void MaxPool(long[] kernel, long[] strides, long[] pads, bool ceil, bool countPads, int height, int width) =>
        DialectCheck.Same(new Shape(Dim.Batch, 3, height, width), x =>
            (x.Graph.Emit("MaxPool", [x], 2, ("kernel_shape", kernel),
            ("strides", strides), ("pads", pads), ("ceil_mode", ceil ? 1 : null)).Out, []), Batches);

    [TestMethod]
    [DynamicData(nameof(PoolForms))]
    public void AveragePool(long[] kernel, long[] strides, long[] pads, bool ceil, bool countPads, int height,
        int width) =>
        DialectCheck.Same(new Shape(Dim.Batch, 3, height, width), x =>
            (x.AveragePool(kernel, strides, pads, ceil, countPads), []), Batches);

    /// <summary>Rows shorter than, equal to and longer than the lanes, few and many.</summary>
    public static IEnumerable<object[]> RowForms => [[1, 5], [3, 16], [197, 24], [70, 49], [2, 1100]];

    [TestMethod]
    [DynamicData(nameof(RowForms))]
    public void LayerNorm(int rows, int width) => DialectCheck.Same(new Shape(Dim.Batch, rows, width), x =>
    {
        var (gamma, beta) = (x.Graph.Input("gamma", DType.Float32, new Shape(width)),
            x.Graph.Input("beta", DType.Float32, new Shape(width)));
        return (x.Graph.Emit("LayerNormalization", [x, gamma, beta], 3, ("axis", -1), ("epsilon", 1e-3)).Out,
            [gamma, beta]);
    }, Batches);

    [TestMethod]
    [DynamicData(nameof(RowForms))]
    public void Softmax(int rows, int width) =>
        DialectCheck.Same(new Shape(Dim.Batch, 2, rows, width), x => ((x * 5).Softmax(), []), Batches);

    [TestMethod]
    [DynamicData(nameof(RowForms))]
    public void BiasAndPosition(int rows, int width) => DialectCheck.Same(new Shape(Dim.Batch, rows, width), x =>
    {
        var bias = x.Graph.Input("bias", DType.Float32, new Shape(width));
        var position = x.Graph.Input("position", DType.Float32, new Shape(1, rows, width));
        return (x + bias + position, [bias, position]);
    }, Batches);

    /// <summary>Builds y from x [N, C, H, W] by a function and checks y and the gradients of all inputs.</summary>
    static void OverMaps(Func<Value, (Value Y, Value[] Others)> build)
    {
        foreach (var (c, h, w) in Maps)
            DialectCheck.Same(new Shape(Dim.Batch, c, h, w), build, Batches);
    }

    static (Value, Value[]) Name(string name, Value x, Func<Value, Value> f) => (f(x), []);
}
