using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train.Cpu;

/// <summary>How much rounding the long sums of a step bring, against float64.</summary>
[TestClass]
public sealed class RoundingTests
{
    const int Channels = 2048, Rows = 8, Pixels = 96;

    /// <summary>A pointwise convolution of many channels: of a running sum's rounding a third may be left.</summary>
    [TestMethod]
    public void ALongSumRoundsLittle()
    {
        SkipWithoutKernels();
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(1, Channels, 1, Pixels));
        var w = graph.Input("w", DType.Float32, new(Rows, Channels, 1, 1));
        graph.Output("y", x.Conv(w, null, new([1, 1], [0, 0, 0, 0], [1, 1])));
        var (a, b) = (Fill.Uniform("x", Channels * Pixels), Fill.Uniform("w", Rows * Channels));
        var y = Ort.RunOnKernels(graph, ("x", a, [1, Channels, 1, Pixels]), ("w", b, [Rows, Channels, 1, 1]))["y"];
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < y.Length; i++)
        {
            var exact = Enumerable.Range(0, Channels)
                .Sum(c => (double)b[i / Pixels * Channels + c] * a[c * Pixels + i % Pixels]);
            (error, size) = (error + Math.Pow(y[i] - exact, 2), size + exact * exact);
        }
        Assert.IsLessThanOrEqualTo(Tolerances.Get("train.rounding/conv"), Math.Sqrt(error / size));
    }

    /// <summary>Windows by Winograd's products, whose transforms add rounding of their own.</summary>
    [TestMethod]
    [DataRow(64)]
    [DataRow(512)]
    public void WindowsRoundLittle(int channels)
    {
        SkipWithoutKernels();
        const int Side = 12, Rows = 64;
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(1, channels, Side, Side));
        var w = graph.Input("w", DType.Float32, new(Rows, channels, 3, 3));
        graph.Output("y", x.Conv(w, null, new([1, 1], [1, 1, 1, 1], [1, 1])));
        var (a, b) = (Fill.Uniform("x", channels * Side * Side), Fill.Uniform("w", Rows * channels * 9));
        var y = Ort.RunOnKernels(graph, ("x", a, [1, channels, Side, Side]), ("w", b, [Rows, channels, 3, 3]))["y"];
        var (error, size) = (0.0, 0.0);
        foreach (var (i, got) in y.Index())
        {
            var (m, row, column) = (i / (Side * Side), i / Side % Side, i % Side);
            var exact = 0.0;
            for (var t = 0; t < 9; t++)
                if (row + t / 3 - 1 is >= 0 and < Side and var h && column + t % 3 - 1 is >= 0 and < Side and var v)
                    for (var c = 0; c < channels; c++)
                        exact += (double)a[(c * Side + h) * Side + v] * b[(m * channels + c) * 9 + t];
            (error, size) = (error + Math.Pow(got - exact, 2), size + exact * exact);
        }
        Assert.IsLessThanOrEqualTo(Tolerances.Get("train.rounding/conv"), Math.Sqrt(error / size));
    }

    /// <summary>The weight gradient of a linear layer over many rows, as a batch of 51 has of 196 tokens.</summary>
    [TestMethod]
    public void ManyRowsRoundLittle()
    {
        SkipWithoutKernels();
        const int Count = 10_000, P = 8, Q = 16;
        var graph = new Graph();
        var (a, b) = (graph.Input("a", DType.Float32, new(Count, P)), graph.Input("b", DType.Float32, new(Count, Q)));
        graph.Output("y", a.Gemm(b, transA: true));
        var (left, right) = (Fill.Uniform("a", Count * P), Fill.Uniform("b", Count * Q));
        var y = Ort.RunOnKernels(graph, ("a", left, [Count, P]), ("b", right, [Count, Q]))["y"];
        var (error, size) = (0.0, 0.0);
        foreach (var (i, got) in y.Index())
        {
            var exact = Enumerable.Range(0, Count).Sum(r => (double)left[r * P + i / Q] * right[r * Q + i % Q]);
            (error, size) = (error + Math.Pow(got - exact, 2), size + exact * exact);
        }
        Assert.IsLessThanOrEqualTo(Tolerances.Get("train.rounding/conv"), Math.Sqrt(error / size));
    }

    /// <summary>
    /// Far from zero the mean that is taken away is a rounded one. What it is off by must not stay in every pixel of
    /// the channel: normed pixels have the mean beta.
    /// </summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ANormLeavesNoOffset(bool portable)
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(2, 3, 32, 32));
        var (gamma, beta) = (graph.Input("gamma", DType.Float32, new(3)), graph.Input("beta", DType.Float32, new(3)));
        graph.Output("y", graph.Emit("onnxtimm:BatchNorm", [x, gamma, beta], 3, ("epsilon", 1e-5)).Out);
        float[] pixels = [.. Fill.Uniform("x", 2 * 3 * 32 * 32).Select(u => 50 + u)];
        (string, float[], long[])[] inputs =
            [("x", pixels, [2, 3, 32, 32]), ("gamma", [1, 2, 3], [3]), ("beta", [0, 0.5f, -1], [3])];
        var y = (portable ? Ort.Run(Fused.Expand(graph), inputs) : Ort.RunOnKernels(graph, inputs))["y"];
        foreach (var (c, expected) in new[] { 0, 0.5, -1 }.Index())
        {
            var channel = y.Index().Where(v => v.Index / 1024 % 3 == c).Average(v => (double)v.Item);
            Assert.AreEqual(expected, channel, Tolerances.Get("train.rounding/norm"), $"channel {c}");
        }
    }

    /// <summary>What attention over channels sees: little more than the last bit of its own floats is lost.</summary>
    [TestMethod]
    public void MeansOfMapsAndTheirProductsRoundLittle()
    {
        const int Area = 64;
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(1, Channels, 8, 8));
        var w = graph.Input("w", DType.Float32, new(Rows, Channels, 1, 1));
        graph.Output("y", x.GlobalAveragePool().Conv(w, null, new([1, 1], [0, 0, 0, 0], [1, 1])));
        var (a, b) = (Fill.Uniform("x", Channels * Area), Fill.Uniform("w", Rows * Channels));
        var y = Ort.Run(Fused.Expand(graph), ("x", a, [1, Channels, 8, 8]), ("w", b, [Rows, Channels, 1, 1]))["y"];
        double[] means = [.. a.Chunk(Area).Select(map => map.Average(v => (double)v))];
        double[] exact = [.. b.Chunk(Channels).Select(row => row.Zip(means, (v, mean) => v * mean).Sum())];
        Assert.IsLessThanOrEqualTo(Tolerances.Get("train.rounding/pooled"),
            Math.Sqrt(y.Zip(exact, (got, e) => Math.Pow(got - e, 2)).Sum() / exact.Sum(e => e * e)));
    }

    /// <summary>Long sums of large maps: what is given is the exact value's float32, or its neighbour.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void StatisticsOfALargeMapRoundOnce(bool portable)
    {
        const int Area = 112 * 112;
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(2, 1, 112, 112));
        var (gamma, beta) = (graph.Input("gamma", DType.Float32, new(1)), graph.Input("beta", DType.Float32, new(1)));
        var norm = graph.Emit("onnxtimm:BatchNorm", [x, gamma, beta], 3, ("epsilon", 1e-5));
        graph.Output("mean", norm.Outs[1]);
        graph.Output("variance", norm.Outs[2]);
        float[] pixels = [.. Fill.Uniform("x", 2 * Area).Select(u => u + 0.3f)];
        (string, float[], long[])[] inputs = [("x", pixels, [2, 1, 112, 112]), ("gamma", [1], [1]), ("beta", [0], [1])];
        var got = portable ? Ort.Run(Fused.Expand(graph), inputs) : Ort.RunOnKernels(graph, inputs);
        var mean = pixels.Average(v => (double)v);
        var variance = pixels.Average(v => (v - mean) * (v - mean));
        Assert.AreEqual(1, got["mean"][0] / mean, Tolerances.Get("train.rounding/statistics"));
        Assert.AreEqual(1, got["variance"][0] / variance, Tolerances.Get("train.rounding/statistics"));
    }

    /// <summary>The gradient of a single number is the sum of a whole map, of which most cancels.</summary>
    [TestMethod]
    public void TheSumOfAllRoundsLittle()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(2, 16, 64, 64));
        graph.Output("sum", x.SumTo(new(1)));
        var values = Fill.Uniform("x", 2 * 16 * 64 * 64);
        var sum = Ort.Run(graph, ("x", values, [2, 16, 64, 64]))["sum"][0];
        Assert.AreEqual(values.Sum(v => (double)v), sum, Tolerances.Get("train.rounding/total"));
    }

    static void SkipWithoutKernels()
    {
        if (!System.Runtime.Intrinsics.X86.Fma.IsSupported)
            Assert.Inconclusive("Skipped: on this processor ONNX Runtime's own kernel sums, not the project's.");
    }
}
