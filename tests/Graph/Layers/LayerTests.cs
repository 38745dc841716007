namespace OnnxTimm.Tests;

/// <summary>Layers against their formulas, in float64.</summary>
[TestClass]
public sealed class LayerTests
{
    const double Bound = 1e-5;

    static readonly float[] X = Fill.Input([2, 4, 3, 3]);

    /// <summary>x + bias + weight * x * |x of a channel| over the mean of all channels' (arXiv:2301.00808).</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void GlobalResponseNormWeighsByTheNorm(bool last)
    {
        var got = Run(x => last ? x.ChannelsLast().GlobalResponseNorm(Scope(x)).ChannelsFirst()
            : x.GlobalResponseNorm(Scope(x)), out var weights);
        var (weight, bias) = (weights["layer.weight"], weights["layer.bias"]);
        Check(got, (n, c, at) =>
        {
            double[] norms = [.. Enumerable.Range(0, 4).Select(k => Math.Sqrt(Pixels(n, k).Sum(v => v * v)))];
            var x = Pixels(n, c)[at];
            return x + bias[c] + weight[c] * x * norms[c] / (norms.Average() + 1e-6);
        });
    }

    /// <summary>timm's simple_norm: the unbiased deviation, no mean taken off.</summary>
    [TestMethod]
    public void SimpleNormLeavesTheMean()
    {
        var got = Run(x => x.SimpleNorm2d(Scope(x)), out var weights);
        Check(got, (n, c, at) =>
        {
            double[] pixel = [.. Enumerable.Range(0, 4).Select(k => Pixels(n, k)[at])];
            var variance = pixel.Sum(v => Math.Pow(v - pixel.Average(), 2)) / 3;
            return pixel[c] / Math.Sqrt(variance + 1e-6) * weights["layer.weight"][c];
        });
    }

    [TestMethod]
    public void RmsNorm2dNormsEachPixel()
    {
        var got = Run(x => x.RmsNorm2d(Scope(x)), out var weights);
        Check(got, (n, c, at) => Pixels(n, c)[at] * weights["layer.weight"][c]
            / Math.Sqrt(Enumerable.Range(0, 4).Average(k => Math.Pow(Pixels(n, k)[at], 2)) + 1e-6));
    }

    [TestMethod]
    public void LayerScale2dScalesChannels()
    {
        var got = Run(x => x.LayerScale2d(Scope(x), 1), out var weights);
        Check(got, (n, c, at) => Pixels(n, c)[at] * weights["layer.gamma"][c]);
    }

    /// <summary>gain * gamma * (w - mean) / sqrt(fan-in * (variance + eps)), by a 1x1 window in two groups.</summary>
    [TestMethod]
    public void ScaledStdConvKeepsTheVariance()
    {
        var got = Run(x => x.ScaledStdConv(Scope(x), 4, new(1, Groups: 2), gamma: 1.7), out var weights);
        var (weight, gain, bias) = (weights["layer.weight"], weights["layer.gain"], weights["layer.bias"]);
        Check(got, (n, c, at) =>
        {
            var (a, b) = ((double)weight[2 * c], (double)weight[2 * c + 1]);
            var (mean, first) = ((a + b) / 2, c / 2 * 2);
            var deviation = Math.Sqrt(((a - mean) * (a - mean) + (b - mean) * (b - mean)) / 2 + 1e-6);
            return bias[c] + gain[c] * 1.7 / Math.Sqrt(2) / deviation
                * ((a - mean) * Pixels(n, first)[at] + (b - mean) * Pixels(n, first + 1)[at]);
        });
    }

    static Scope Scope(Value x) => x.Graph.Root["layer"];

    static double[] Pixels(int n, int c) => [.. X.Skip((n * 4 + c) * 9).Take(9).Select(v => (double)v)];

    static float[] Run(Func<Value, Value> layer, out Dictionary<string, float[]> weights)
    {
        var graph = new Graph();
        graph.Output("y", layer(graph.Input("x", DType.Float32, new(2, 4, 3, 3)).MaxPool(k: 1, stride: 1)));
        weights = [];
        foreach (var weight in graph.Weights)
        {
            weights[weight.Name] = Fill.Uniform(weight.Name, (int)weight.Data!.Count);
            weight.Data = Tensor.Of(weights[weight.Name], [.. weight.Shape.Sizes]);
        }
        return Ort.Run(graph, ("x", X, [2, 4, 3, 3]))["y"];
    }

    static void Check(float[] got, Func<int, int, int, double> expected)
    {
        for (var i = 0; i < got.Length; i++)
            Assert.AreEqual(expected(i / 36, i / 9 % 4, i % 9), got[i], Bound, $"at {i}");
    }
}
