using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What becomes of a network when it is trained.</summary>
[TestClass]
public sealed class LoweringTests
{
    /// <summary>
    /// A variance by N - 1 does not exist of one value. PyTorch refuses such a batch; here it must not spoil what was
    /// learned before: the mean moves, and the variance goes to the biased one, 0.
    /// </summary>
    [TestMethod]
    [DataRow(1, 0.9f)]
    [DataRow(2, 1.1f)]
    public void RunningStatisticsStayFinite(int batch, float variance)
    {
        var lowered = Lowering.Of(Norm());
        foreach (var (name, value) in lowered.NextStats)
            lowered.Graph.Output($"next:{name}", value);
        var run = Ort.Run(Fused.Expand(lowered.Graph), ("x", [.. new[] { 3f, 5f }.Take(batch)], [batch, 1, 1, 1]),
            ("param:scale", [1], [1]), ("param:bias", [0], [1]), ("stat:mean", [0], [1]), ("stat:variance", [1], [1]));
        Assert.AreEqual(batch == 1 ? 0.3f : 0.4f, run["next:mean"][0], 1e-6f);
        Assert.AreEqual(variance, run["next:variance"][0], 1e-6f);
    }

    static Graph Norm()
    {
        var graph = new Graph("norm");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 1, 1, 1));
        graph.Output("y", x.BatchNormalization(Weight("scale", Role.Param), Weight("bias", Role.Param),
            Weight("mean", Role.Stat), Weight("variance", Role.Stat), epsilon: 1e-5, momentum: 0.9));
        return graph;

        Value Weight(string name, Role role) => graph.Store(name, role, Tensor.Of([1f], 1));
    }
}
