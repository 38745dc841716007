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

    /// <summary>Written out step by step it computes what ONNX Runtime's own operator computes.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void AnUnrolledLstmIsTheRuntimes(int directions)
    {
        const int length = 3, channels = 4, hidden = 2;
        var graph = new Graph("lstm");
        var x = graph.Input("x", DType.Float32, new(length, Dim.Batch, channels));
        (string Name, float[] Data, long[] Shape)[] weights =
        [
            Filled("weight", directions, 4 * hidden, channels), Filled("recurrence", directions, 4 * hidden, hidden),
            Filled("bias", directions, 8 * hidden),
        ];
        var stored = weights.Select(w => graph.Store(w.Name, Role.Param, Tensor.Of(w.Data, w.Shape))).ToArray();
        graph.Output("y", x.Lstm(stored[0], stored[1], stored[2]));
        var input = ("x", Fill.Input(length, 2, channels), new long[] { length, 2, channels });
        var expected = Ort.Run(graph, input)["y"];
        var got = Ort.Run(Fused.Expand(Lowering.Of(graph).Graph),
            [input, .. weights.Select(w => ($"param:{w.Name}", w.Data, w.Shape))])["y"];
        Assert.HasCount(length * directions * 2 * hidden, got);
        foreach (var (e, g) in expected.Zip(got))
            Assert.AreEqual(e, g, 1e-6f);
    }

    static (string Name, float[] Data, long[] Shape) Filled(string name, params long[] shape) =>
        (name, Fill.Weight(name, shape, 1), shape);

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
