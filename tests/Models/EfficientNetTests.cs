using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>How an EfficientNet begins (timm's _init_weight_goog), stochastic depth, dropout.</summary>
[TestClass]
public sealed class EfficientNetTests
{
    [TestMethod]
    [DataRow("conv_stem.weight", 9.0 * 32)]
    [DataRow("blocks.1.0.conv_pw.weight", 96.0)]
    [DataRow("blocks.6.0.conv_dw.weight", 9.0)]
    public void AConvolutionBeginsByItsFanOut(string name, double fanOut) =>
        Assert.AreEqual(Math.Sqrt(2 / fanOut), Deviation(Weight("efficientnet_b0", name)), 0.1 * Math.Sqrt(2 / fanOut));

    /// <summary>A row is an expert of 112 to 672 channels, 1x1.</summary>
    [TestMethod]
    public void AnExpertBeginsAsAConvolutionOfItsOwn()
    {
        var rows = Weight("efficientnet_cc_b0_4e", "blocks.4.1.conv_pw.weight").Chunk(112 * 672).ToArray();
        Assert.HasCount(4, rows);
        foreach (var row in rows)
            Assert.AreEqual(Math.Sqrt(2 / 672.0), Deviation(row), 0.02 * Math.Sqrt(2 / 672.0));
        Assert.AreNotEqual(rows[0][0], rows[1][0]);
    }

    [TestMethod]
    [DataRow("classifier.weight", 1000)]
    [DataRow("blocks.4.1.routing_fn.weight", 112 + 4)]
    public void ALinearLayerBeginsUniform(string name, int fan)
    {
        var largest = Weight("efficientnet_cc_b0_4e", name).Max(Math.Abs);
        Assert.IsInRange(0.97 / Math.Sqrt(fan), 1 / Math.Sqrt(fan), largest);
    }

    /// <summary>rate * block / blocks, at the shortcuts of B0's 16 blocks.</summary>
    [TestMethod]
    public void DepthIsStochasticByTheBlock()
    {
        var graph = Zoo.Build("efficientnet_b0", new() { DropPathRate = 0.2, DropRate = 0.3 }).Graph;
        var rates = graph.Nodes.Where(n => n.Op == "DropPath").Select(n => Math.Round(n.Float("ratio"), 6)).ToArray();
        int[] blocks = [2, 4, 6, 7, 9, 10, 12, 13, 14];
        CollectionAssert.AreEqual(blocks.Select(b => 0.2 * b / 16).Select(r => Math.Round(r, 6)).ToArray(), rates);
        var dropout = graph.Nodes.Single(n => n.Op == "Dropout");
        Assert.AreEqual(0.3f, dropout[1].Data!.ToFloats()[0]);
    }

    static float[] Weight(string model, string name) => Zoo.Build(model).Graph.Find(name)!.Data!.ToFloats();

    static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));
}
