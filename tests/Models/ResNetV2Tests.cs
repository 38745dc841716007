using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Models;

/// <summary>Standardized filters and the convolution that classifies.</summary>
[TestClass]
public sealed class ResNetV2Tests
{
    /// <summary>An export holds the filters as they are used: of mean 0 and variance v / (v + eps).</summary>
    [TestMethod]
    public void FiltersAreStandardizedInAnExport()
    {
        var graph = Zoo.Build("resnetv2_50x1_bit").Graph;
        var pairs = Kernels(graph).Zip(Kernels(Export.Optimize(graph).Graph)).SkipLast(1).ToArray();
        Assert.HasCount(1 + 3 * 16 + 4, pairs);
        foreach (var (before, after) in pairs.Where((_, i) => i % 10 == 0))
            foreach (var (stored, used) in Filters(Source(before)).Zip(Filters(after)))
            {
                var variance = Moment(stored) - Math.Pow(stored.Average(w => (double)w), 2);
                Assert.AreEqual(0, used.Average(w => (double)w), Tolerances.Get("zoo/standardized"));
                Assert.AreEqual(variance / (variance + 1e-8), Moment(used), Tolerances.Get("zoo/standardized"));
            }
    }

    static IEnumerable<Value> Kernels(Graph graph) => graph.Nodes.Where(n => n.Op == "Conv").Select(n => n[1]);

    static Value Source(Value kernel) => kernel.Producer is { } n ? Source(n[0]) : kernel;

    static IEnumerable<float[]> Filters(Value kernel) =>
        kernel.Data!.ToFloats().Chunk((int)(kernel.Shape.Count.Size / kernel.Shape[0].Size));

    static double Moment(float[] values) => values.Average(w => (double)w * w);

    [TestMethod]
    public void WithoutAPoolEveryPixelIsClassified()
    {
        Assert.AreEqual(new Shape(Dim.Batch, 10, 7, 7), Output(new() { GlobalPool = "", NumClasses = 10 }));
        Assert.AreEqual(new Shape(Dim.Batch, 512, 7, 7), Output(new() { GlobalPool = "", NumClasses = 0 }));
    }

    [TestMethod]
    public void ThePoolCanDoubleTheChannels()
    {
        Assert.AreEqual(new Shape(Dim.Batch, 1024), Output(new() { GlobalPool = "catavgmax", NumClasses = 0 }));
        var graph = Zoo.Build("resnetv2_18", new() { GlobalPool = "catavgmax", NumClasses = 10 }).Graph;
        Assert.AreEqual(Shape.Of(10, 1024, 1, 1), graph.Find("head.fc.weight")!.Shape);
    }

    /// <summary>timm's _init_weights: the classifier is normal, convolutions go by their fan-out.</summary>
    [TestMethod]
    [DataRow("head.fc.weight", 0.01)]
    [DataRow("stages.3.blocks.0.conv2.weight", 0.020833)]
    public void AWeightBeginsNormal(string name, double deviation)
    {
        var values = Zoo.Build("resnetv2_18").Graph.Find(name)!.Data!.ToFloats();
        Assert.AreEqual(deviation, Math.Sqrt(Moment(values)), 0.01 * deviation);
    }

    static Shape Output(ModelOptions options) => Zoo.Build("resnetv2_18", options).Graph.Outputs.Single().Shape;
}
