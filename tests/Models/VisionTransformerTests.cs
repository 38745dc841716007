using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Models;

[TestClass]
public sealed class VisionTransformerTests
{
    [TestMethod]
    public void AnotherImageSizeHasAnotherGridOfPositions()
    {
        var model = Zoo.Build("vit_tiny_patch16_224", new() { ImgSize = (192, 256) });
        Assert.AreEqual(Shape.Of(1, 1 + 12 * 16, 192), model.Graph.Find("pos_embed")!.Shape);
        Assert.AreEqual(new Fit.Grid(12, 16, Prefix: 1), model.Net.Fits["pos_embed"]);
        Assert.AreEqual(GridFilter.Bilinear, ((Fit.Grid)Zoo.Build("flexivit_small").Net.Fits["pos_embed"]).Filter);
    }

    /// <summary>The weights that timm has for each pool of a model whose own is the token.</summary>
    [TestMethod]
    [DataRow("token", "norm.weight")]
    [DataRow("avg", "fc_norm.weight")]
    [DataRow("max", "fc_norm.weight")]
    [DataRow("avgmax", "fc_norm.weight")]
    [DataRow("map", "attn_pool.latent")]
    [DataRow("prr", "norm.weight")]
    public void PoolsCanBeChosen(string pool, string weight)
    {
        var graph = Zoo.Build("test_vit", new() { GlobalPool = pool }).Graph;
        Assert.AreEqual(new Shape(Dim.Batch, 1000), graph.Outputs.Single().Shape);
        Assert.IsNotNull(graph.Find(weight));
        Assert.AreEqual(weight == "fc_norm.weight", graph.Find("norm.weight") is null);
    }

    [TestMethod]
    public void AnUnknownPoolIsNamed()
    {
        var error = Assert.ThrowsExactly<UserException>(() => Zoo.Build("test_vit", new() { GlobalPool = "tokn" }));
        StringAssert.Contains(error.Message, "Did you mean \"token\"?");
    }

    [TestMethod]
    public void WithoutPoolOrClassesTheTokensRemain()
    {
        var graph = Zoo.Build("test_vit", new() { GlobalPool = "", NumClasses = 0 }).Graph;
        Assert.AreEqual(new Shape(Dim.Batch, 101, 64), graph.Outputs.Single().Shape);
    }

    [TestMethod]
    public void FeaturesAreTheLastThreeMaps()
    {
        var graph = Zoo.Build("test_vit2", new() { FeaturesOnly = true }).Graph;
        Assert.HasCount(3, graph.Outputs);
        Assert.AreEqual(new Shape(Dim.Batch, 64, 10, 10), graph.Outputs[0].Shape);
        Assert.IsNull(graph.Find("head.weight"));
    }

    [TestMethod]
    public void NothingIsBuiltThatNobodyReads()
    {
        var graph = Zoo.Build("test_vit3").Graph;
        var live = Rewrite.Live(graph);
        Assert.IsTrue(graph.Nodes.All(n => n.Outs.Any(live.Contains)));
    }

    [TestMethod]
    public void DropRatesReachEveryBlock()
    {
        var rates = new ModelOptions
        {
            DropPathRate = 0.2,
            AttnDropRate = 0.1,
            ProjDropRate = 0.1,
            PosDropRate = 0.1,
            DropRate = 0.1,
        };
        var nodes = Zoo.Build("test_vit", rates).Graph.Nodes;
        // Six blocks: one dropout of attention weights, one after its projection, two in the MLP; no path in the first.
        Assert.AreEqual(6 * 4 + 2, nodes.Count(n => n.Op == "Dropout"));
        var paths = nodes.Where(n => n.Op == "DropPath").Select(n => Math.Round(n.Float("ratio"), 6)).Distinct();
        CollectionAssert.AreEqual(new[] { 0.04, 0.08, 0.12, 0.16, 0.2 }, paths.ToArray());
    }

    /// <summary>GluMlp.init_weights of timm: the second half of fc1 begins near zero, with a bias of one.</summary>
    [TestMethod]
    public void TheGateBeginsOpen()
    {
        var graph = Zoo.Build("vit_giant_patch14_dinov2").Graph;
        var bias = graph.Find("blocks.0.mlp.fc1.bias")!.Data!.ToFloats();
        var weight = graph.Find("blocks.0.mlp.fc1.weight")!.Data!.ToFloats();
        Assert.IsTrue(bias[..4096].All(b => b == 0) && bias[4096..].All(b => b == 1));
        Assert.AreEqual(0.02, Deviation(weight[..(weight.Length / 2)]), 1e-4);
        Assert.AreEqual(1e-6, Deviation(weight[(weight.Length / 2)..]), 1e-8);
    }

    static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));
}
