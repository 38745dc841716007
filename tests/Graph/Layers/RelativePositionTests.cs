namespace OnnxTimm.Tests.Graphs;

/// <summary>Tables of offsets, as timm's index functions number them (counted by hand for a window of 2 x 2).</summary>
[TestClass]
public sealed class RelativePositionTests
{
    [TestMethod]
    public void OffsetsAreNumberedRowByRow() => CollectionAssert.AreEqual(
        new long[] { 4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4 },
        RelativePosition.Index(new Graph(), (2, 2)).Data!.ToInts());

    /// <summary>After the nine offsets: from the class token, to it, and from it to itself.</summary>
    [TestMethod]
    public void AClassTokenHasThreeNumbers()
    {
        var index = RelativePosition.Index(new Graph(), (2, 2), classToken: true).Data!.ToInts();
        CollectionAssert.AreEqual(new long[] { 11, 9, 9, 9, 9, 10, 4, 3, 1, 0, 10, 5 }, index[..12]);
        Assert.HasCount(25, index);
    }

    [TestMethod]
    public void DistancesHaveNoDirection() => CollectionAssert.AreEqual(
        new long[] { 0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0 },
        RelativePosition.DistanceIndex(new Graph(), (2, 2)).Data!.ToInts());

    /// <summary>Queries at pixels 0 and 2 of a row of three.</summary>
    [TestMethod]
    public void QueriesMayBeFewer() => CollectionAssert.AreEqual(
        new long[] { 0, 1, 2, 2, 1, 0 },
        RelativePosition.DistanceIndex(new Graph(), (1, 3), stride: 2).Data!.ToInts());

    /// <summary>log2(1 + 8) / 3 at the edge; in pretraining the edge was three pixels away: log2(1 + 8 / 3) / 3.</summary>
    [TestMethod]
    [DataRow(2, 1.0566416)]
    [DataRow(4, 0.6248214)]
    public void CoordinatesAreLogarithms(int trained, double edge)
    {
        var graph = new Graph();
        var got = RelativePosition.LogCoordinates(graph, (2, 2), (trained, trained)).Data!.ToFloats();
        double[] expected = [-edge, -edge, -edge, 0, -edge, edge, 0, -edge, 0, 0, 0, edge, edge, -edge, edge, 0, edge, edge];
        foreach (var (a, b) in expected.Zip(got))
            Assert.AreEqual(a, b, Tolerances.Get("graph/layers"));
        Assert.AreEqual(Math.Log(2), RelativePosition.PixelLogCoordinates(graph, (2, 2)).Data!.ToFloats()[^1],
            Tolerances.Get("graph/layers"));
    }

    /// <summary>A row is an offset and a column a head; the bias of a pair lies at [head, query, key].</summary>
    [TestMethod]
    public void ABiasIsLookedUpForEachPair()
    {
        var graph = new Graph();
        var table = graph.Input("table", DType.Float32, new(9, 2));
        graph.Output("y", RelativePosition.Bias(table, (2, 2)));
        float[] values = [.. Enumerable.Range(0, 18).Select(i => (float)i)];
        var bias = Ort.Run(graph, ("table", values, [9, 2]))["y"];
        // Head 1, query 3, key 0: offset 8.
        Assert.AreEqual(17, bias[16 + 3 * 4]);
        // Head 0, query 0, key 1: offset 3.
        Assert.AreEqual(6, bias[1]);
    }

    [TestMethod]
    public void WhoAsksForTheSameGetsTheSame()
    {
        var graph = new Graph();
        Assert.AreSame(RelativePosition.Index(graph, (7, 7)), RelativePosition.Index(graph, (7, 7)));
        Assert.AreNotSame(RelativePosition.Index(graph, (7, 7)), RelativePosition.Index(graph, (7, 7), true));
    }
}
