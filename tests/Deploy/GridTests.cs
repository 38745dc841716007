using OnnxTimm.Deploy;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Codes against values worked out by hand.</summary>
[TestClass]
public sealed class GridTests
{
    [TestMethod]
    [DataRow(0.0, 2.55, 0.01, 0)]
    [DataRow(-1.0, 1.55, 0.01, 100)]
    [DataRow(-2.55, 0.0, 0.01, 255)]
    [DataRow(1.0, 2.55, 0.01, 0, DisplayName = "0 has a code also where no number is 0")]
    [DataRow(0.0, 0.0, 1.0, 0, DisplayName = "a range without width")]
    public void AsymmetricGridsReachTheRange(double least, double most, double step, int zero)
    {
        var grid = Grid.Of(new(least, most), Codes.UInt8);
        Assert.AreEqual((float)step, grid.Step, (float)step * 1e-6f);
        Assert.AreEqual(zero, grid.Zero);
    }

    [TestMethod]
    public void SymmetricGridsHaveTheSameReachOnBothSides() =>
        Assert.AreEqual(new Grid(0.5f, 0, Codes.Int8), Grid.Of(new(-63.5, 20), Codes.Int8));

    [TestMethod]
    [DataRow(0.5, 100, DisplayName = "halves go to the even code")]
    [DataRow(1.5, 102)]
    [DataRow(-0.5, 100)]
    [DataRow(154.9, 255)]
    [DataRow(400.0, 255)]
    [DataRow(-400.0, 0)]
    public void NumbersGoToTheNearestCode(double x, int code) =>
        Assert.AreEqual(code, new Grid(1, 100, Codes.UInt8).Code(x));

    /// <summary>Two channels of three weights each; the step of a channel is its largest weight over 127.</summary>
    [TestMethod]
    public void WeightsHaveAStepAChannel()
    {
        var coded = WeightCodes.Of([1.27f, -0.635f, 0.004f, 0, 254, -254], [2, 3], 0, Codes.Int8);
        CollectionAssert.AreEqual(new[] { 0.01f, 2f }, coded.Steps);
        CollectionAssert.AreEqual(new sbyte[] { 127, -64, 0, 0, 127, -127 }, coded.Codes);
    }

    [TestMethod]
    public void ChannelsMayBeTheLastAxis()
    {
        var coded = WeightCodes.Of([1.27f, 254, -0.64f, 0, 0.01f, -2], [3, 2], 1, Codes.Int8);
        CollectionAssert.AreEqual(new sbyte[] { 127, 127, -64, 0, 1, -1 }, coded.Codes);
    }

    [TestMethod]
    public void SevenBitsReach64() => CollectionAssert.AreEqual(new sbyte[] { 64, -64, 32 },
        WeightCodes.Of([1, -1, 0.5f], [1, 3], 0, Codes.Int7).Codes);

    /// <summary>1e-9 * 0.1 is a step of which no 32 bits hold the bias 5: the weight's grows to 5 / 0.1 / 2^30.</summary>
    [TestMethod]
    public void AStepGrowsWhereTheBiasWouldOverflow()
    {
        const float inputStep = 0.1f;
        float[] bias = [5, 0.02f, -3], weight = [1.27e-7f, 1.27f, 0];
        var coded = WeightCodes.Of(weight, [3, 1], 0, Codes.Int8, BiasCodes.LeastSteps(bias, inputStep));
        Assert.AreEqual(5 / 0.1 / (1 << 30), coded.Steps[0], 1e-12);
        Assert.AreEqual(0.01f, coded.Steps[1]);
        var (codes, steps) = BiasCodes.Of(bias, inputStep, coded.Steps);
        for (var c = 0; c < bias.Length; c++)
            Assert.AreEqual(bias[c], codes[c] * (double)steps[c], 1e-3, $"bias {c}");
        Assert.AreEqual(20, codes[1]);
    }

    /// <summary>
    /// By MatMulNBits' definition: of the block 1, -4, 2 the largest, -4, is the code 0, so that the step is 0.5.
    /// </summary>
    [TestMethod]
    public void BlocksOfFourBitsHaveTheirLargestNumberAsCode0()
    {
        var blocks = NibbleBlocks.Of([1, -4, 2], 3, 1);
        Assert.AreEqual(0.5f, blocks.Scales[0]);
        Assert.AreEqual(10 | 0 << 4, blocks.Codes[0]);
        Assert.AreEqual(12 | 8 << 4, blocks.Codes[1]);
        Assert.AreEqual(8 | 8 << 4, blocks.Codes[2], "what the block lacks");
        CollectionAssert.AreEqual(new[] { 1f, -4, 2 }, blocks.Values(3, 1));
    }

    /// <summary>ONNX Runtime's own product with such a matrix.</summary>
    [TestMethod]
    public void BlocksOfFourBitsAreTheRuntimes()
    {
        const int k = 70, n = 5;
        var random = new Random(1);
        float[] matrix = [.. Enumerable.Range(0, k * n).Select(_ => random.NextSingle() - 0.5f)];
        float[] x = [.. Enumerable.Range(0, k).Select(_ => random.NextSingle())];
        var blocks = NibbleBlocks.Of(matrix, k, n);
        var graph = new Graph("nibbles");
        var codes = graph.Const(Tensor.Of(blocks.Codes, n, blocks.Count, NibbleBlocks.Size / 2));
        graph.Output("y", graph.Input("x", DType.Float32, new(1, k))
            .MatMulNBits(codes, graph.Const(Tensor.Of(blocks.Scales, blocks.Scales.Length)), k, NibbleBlocks.Size));
        var (got, values) = (Ort.Run(graph, ("x", x, [1, k]))["y"], blocks.Values(k, n));
        for (var column = 0; column < n; column++)
            Assert.AreEqual(Enumerable.Range(0, k).Sum(row => (double)x[row] * values[row * n + column]), got[column],
                Tolerances.Get("deploy/matmul"));
    }
}
