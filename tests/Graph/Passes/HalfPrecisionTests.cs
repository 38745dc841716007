using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Passes;

/// <summary>Half the bytes, and near what float32 gives.</summary>
[TestClass]
public sealed class HalfPrecisionTests
{
    [TestMethod]
    [DataRow("cifar_resnet20", 32)]
    [DataRow("test_resnet", 96)]
    [DataRow("test_vit", 160)]
    [DataRow("test_vit4", 160)]
    [DataRow("test_convnext", 96)]
    [DataRow("test_efficientnet", 96)]
    [DataRow("test_mambaout", 96)]
    [DataRow("test_byobnet", 96)]
    [DataRow("mobilenetv3_small_050", 96)]
    [DataRow("test_coatnet", 160)]
    public void LogitsAreNearThoseOfFloat32(string name, int size)
    {
        var graph = Export.Optimize(Fill.Weights(
            Zoo.Build(name, new() { ImgSize = (size, size), NumClasses = 50 }).Graph, gain: 1.4)).Graph;
        var image = ("input", Fill.Input(2, 3, size, size), new long[] { 2, 3, size, size });
        var expected = Ort.Run(graph, image)["logits"];
        (string, Graph)[] types = [("half", HalfPrecision.Apply(graph)), ("bfloat16", BFloat16Weights.Apply(graph))];
        foreach (var (type, typed) in types)
        {
            var distance = Distance(Ort.Run(typed, image)["logits"], expected);
            Assert.IsLessThan(Tolerances.Get($"graph/{type}"), distance, $"{name} {type}");
            Assert.IsLessThan(0.56, OnnxFile.ToBytes(typed).Length / (double)OnnxFile.ToBytes(graph).Length, name);
        }
    }

    /// <summary>The sum of 40,000 ones is beyond float16, and so is a product with 1e5; an epsilon of 1e-6 is no 0.</summary>
    [TestMethod]
    public void WhatHalfDoesNotHoldStaysInFloat32()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(1, 4, 200, 200));
        graph.Output("mean", x.GlobalAveragePool());
        graph.Output("sum", x.ReduceSum([2, 3]) * 1e-3);
        graph.Output("scaled", (x * 1e5).Clip(0, 3e4));
        graph.Output("norm", x.RmsNormalize(1e-6));
        var half = HalfPrecision.Apply(graph);
        Assert.AreEqual("Float32 Float32 Float32 Float32", string.Join(' ', half.Outputs.Select(v => v.Type)));
        Assert.AreEqual(DType.Float32, half.Nodes.Single(n => n.Op == "ReduceSum").Out.Type);
        var input = ("x", Enumerable.Repeat(1f, 160_000).ToArray(), new long[] { 1, 4, 200, 200 });
        var (expected, got) = (Ort.Run(graph, input), Ort.Run(half, input));
        foreach (var name in (string[])["mean", "sum", "scaled", "norm"])
            Assert.AreEqual(expected[name][3], got[name][3], expected[name][3] * Tolerances.Get("graph/half"), name);
        input = ("x", Enumerable.Repeat(2e-4f, 160_000).ToArray(), new long[] { 1, 4, 200, 200 });
        Assert.AreEqual(Ort.Run(graph, input)["norm"][0], Ort.Run(half, input)["norm"][0],
            Tolerances.Get("graph/half"), "a root that an epsilon decides");
    }

    [TestMethod]
    public void InputsAndOutputsAreHalfIfAskedFor()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        var y = x.Relu();
        graph.Output("y", y);
        graph.Output("z", y.Softmax());
        var half = HalfPrecision.Apply(graph, halfIo: true);
        Assert.AreEqual("x Float16[N, 3]; y Float16[N, 3]; z Float16[N, 3]",
            string.Join("; ", half.Inputs.Concat(half.Outputs)));
        Ort.Load(OnnxFile.ToBytes(half));
    }

    [TestMethod]
    public void BFloat16NeedsAnOpset() => Assert.Contains("opset 13",
        Assert.ThrowsExactly<UserException>(() => BFloat16Weights.Apply(new Graph("old", opset: 12))).Message);

    /// <summary>The largest difference as a share of the deviation.</summary>
    static double Distance(float[] got, float[] expected)
    {
        var mean = expected.Average(v => (double)v);
        var deviation = Math.Sqrt(expected.Average(v => (v - mean) * (v - mean)));
        return got.Zip(expected, (a, b) => Math.Abs((double)a - b)).Max() / deviation;
    }
}
