using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What the gradient of a table of biases costs.</summary>
[TestClass]
public sealed class GatherGradientTests
{
    /// <summary>LeViT's biases of 14 x 14 pixels, on the second axis, and Swin's of 12 x 12, one after another.</summary>
    [TestMethod]
    public void AGradientHoldsNoLargeConstant()
    {
        Check(new(16, 196), table => table.Gather(RelativePosition.DistanceIndex(table.Graph, (14, 14)), 1));
        Check(new(529, 16), table => table.Gather(
            RelativePosition.Index(table.Graph, (12, 12)).Reshape(144 * 144)));

        static void Check(Shape shape, Func<Value, Value> read)
        {
            var graph = new Graph();
            var table = graph.Input("table", DType.Float32, shape);
            var biases = read(table);
            var loss = (biases * graph.Input("w", DType.Float32, biases.Shape)).ReduceSum(keepDims: false);
            graph.Output("grad", Gradients.Of(loss, [table])[table]);
            Assert.IsLessThanOrEqualTo(1e6, graph.Stored.Max(v => v.Data!.ByteCount));
        }
    }

    /// <summary>Constants that say which rows belong together are the same for all who read by one index.</summary>
    [TestMethod]
    public void TablesOfOneIndexShareConstants()
    {
        var graph = new Graph();
        Value[] tables = [.. "ab".Select(name => graph.Input($"{name}", DType.Float32, new(529, 4)))];
        var biases = tables.Select(t => RelativePosition.Bias(t, (12, 12))).ToArray();
        var loss = (biases[0] * biases[1]).ReduceSum(keepDims: false);
        var before = graph.Stored.Count(v => v.Data!.ByteCount > 1024);
        _ = Gradients.Of(loss, tables);
        Assert.AreEqual(2, graph.Stored.Count(v => v.Data!.ByteCount > 1024) - before);
    }
}
