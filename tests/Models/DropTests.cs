using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Where the networks drop in training, and at which rates.</summary>
[TestClass]
public sealed class DropTests
{
    /// <summary>One a dense layer, at proj_drop_rate, and one before the classifier.</summary>
    [TestMethod]
    public void DenseNetDropsWhatALayerAdds()
    {
        var graph = Zoo.Build("densenet121", new() { ProjDropRate = 0.1, DropRate = 0.2 }).Graph;
        var rates = graph.Nodes.Where(n => n.Op == "Dropout").Select(n => n[1].Data!.ToFloats()[0]).ToArray();
        CollectionAssert.AreEqual(Enumerable.Repeat(0.1f, 6 + 12 + 24 + 16).Append(0.2f).ToArray(), rates);
    }
}
