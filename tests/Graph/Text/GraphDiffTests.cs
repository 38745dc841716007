namespace OnnxTimm.Tests;

[TestClass]
public sealed class GraphDiffTests
{
    [TestMethod]
    public void EqualGraphsHaveNoDifference() => Assert.AreEqual("", GraphDiff.Of(Net(), Net()).ToString());

    /// <summary>A node in the middle renumbers all names after it; the rest is the same all the same.</summary>
    [TestMethod]
    public void AnAddedNodeIsOneLineAndWhatReadsIt()
    {
        var diff = GraphDiff.Of(Net(), Net(middle: x => x.Relu()));
        Assert.AreEqual("""
            + Relu_1:0 = Relu(conv2/Conv:0) : Float32[N, 8, 4, 4]
            ~ Sigmoid:0 = Sigmoid(conv2/Conv:0) : Float32[N, 8, 4, 4]
              => Sigmoid:0 = Sigmoid(Relu_1:0) : Float32[N, 8, 4, 4]

            """, diff.ToString());
        var back = GraphDiff.Of(Net(middle: x => x.Relu()), Net());
        Assert.HasCount(1, back.Removed);
        Assert.IsEmpty(back.Added);
    }

    [TestMethod]
    public void AChangedAttributeIsAChange()
    {
        var diff = GraphDiff.Of(Net(last: (_, y) => y.Relu()), Net(stride: 2, last: (_, y) => y.Relu()));
        Assert.Contains("strides=[1, 1]", diff.Changed[0].Before);
        Assert.Contains("strides=[2, 2]", diff.Changed[0].After);
        Assert.IsEmpty(diff.Added);
        Assert.IsEmpty(diff.Removed);
    }

    [TestMethod]
    public void AnotherWeightIsNamed()
    {
        var diff = GraphDiff.Of(Net(), Net(second: "conv3"));
        Assert.Contains("param conv3.weight Float32[8, 8, 3, 3]", diff.Added);
        Assert.Contains("param conv2.weight Float32[8, 8, 3, 3]", diff.Removed);
    }

    [TestMethod]
    public void AnotherInputOfANodeIsAChange()
    {
        var diff = GraphDiff.Of(Net(), Net(last: (x, y) => y + x));
        Assert.HasCount(1, diff.Changed);
        StringAssert.Contains(diff.Changed[0].After, "Add");
    }

    static Graph Net(Func<Value, Value>? middle = null, int stride = 1, string second = "conv2",
        Func<Value, Value, Value>? last = null)
    {
        var graph = new Graph("net");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3, 4, 4)).Conv(graph.Root["conv1"], 8, k: 3).Relu();
        var y = x.Conv(graph.Root[second], 8, k: 3, stride, bias: false);
        y = (middle?.Invoke(y) ?? y).Sigmoid();
        graph.Output("y", last?.Invoke(x, y) ?? x + y);
        return graph;
    }
}
