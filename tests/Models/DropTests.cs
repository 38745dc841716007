using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Where the networks drop in training, and at which rates.</summary>
[TestClass]
public sealed class DropTests
{
    /// <summary>timm's ResNeSt drops the shortcuts that project, here at blocks 2, 4 and 6 of 8.</summary>
    [TestMethod]
    public void ResNeStDropsProjections()
    {
        var nodes = Zoo.Build("resnest26d", new() { DropPathRate = 0.7 }).Graph.Nodes;
        var drops = nodes.Where(n => n.Op == "DropPath").ToArray();
        var rates = drops.Select(n => Math.Round(n.Float("ratio"), 6)).ToArray();
        CollectionAssert.AreEqual(new[] { 0.2, 0.4, 0.6 }, rates);
        Assert.IsTrue(drops.All(drop => nodes.Single(n => n.In.Contains(drop.Out)).Op == "AveragePool"));
    }

    /// <summary>What is left to the network is what its family says: timm's drop_path_rate, of nest 0.5.</summary>
    [TestMethod]
    public void StochasticDepthIsTheNetworksOwn()
    {
        foreach (var name in new[] { "nest_tiny", "resnet18", "vit_tiny_patch16_224" })
        {
            var model = Zoo.Build(name, new() { DropPathRate = null });
            var rates = model.Graph.Nodes.Where(n => n.Op == "DropPath").Select(n => n.Float("ratio"));
            Assert.AreEqual(name == "nest_tiny" ? 0.5f : 0, rates.Append(0).Max(), name);
        }
    }

    /// <summary>One a dense layer, at proj_drop_rate, and one before the classifier.</summary>
    [TestMethod]
    public void DenseNetDropsWhatALayerAdds()
    {
        var graph = Zoo.Build("densenet121", new() { ProjDropRate = 0.1, DropRate = 0.2 }).Graph;
        var rates = graph.Nodes.Where(n => n.Op == "Dropout").Select(n => n[1].Data!.ToFloats()[0]).ToArray();
        CollectionAssert.AreEqual(Enumerable.Repeat(0.1f, 6 + 12 + 24 + 16).Append(0.2f).ToArray(), rates);
    }
}
