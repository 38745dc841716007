using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Tests.Graphs;

/// <summary>What ONNX Runtime's optimizer makes of a pad is what the pad says.</summary>
[TestClass]
public sealed class PadTests
{
    [TestMethod]
    public void APadAfterATransposePadsItsOwnAxis() =>
        Check(x => x.Transpose(1, 0, 2).Relu().Pad([0, 0, 0, 1, 0, 0]).Gather([3, 0, 1], 0), new(2, 3, 4));

    [TestMethod]
    public void AMapThatWasTransposedIsPaddedAtItsSides() =>
        Check(x => x.Transpose(0, 3, 1, 2).Pad([0, 0, 0, 1, 0, 0, 2, 0]).Transpose(0, 2, 3, 1), new(2, 3, 4, 5));

    /// <summary>Zeros are larger than what is pooled.</summary>
    [TestMethod]
    public void APadBeforeAMaxPoolIsOfZeros() =>
        Check(x => (-x.Abs()).Pad([0, 0, 1, 1, 0, 0, 1, 1]).MaxPool([3, 3], [2, 2], [0, 0, 0, 0]), new(1, 2, 5, 5));

    static void Check(Func<Value, Value> of, Shape shape)
    {
        var graph = new Graph();
        graph.Output("y", of(graph.Input("x", DType.Float32, shape)));
        (string, float[], long[]) x = ("x", Fill.Input("x", shape.Sizes), shape.Sizes);
        CollectionAssert.AreEqual(Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, x)["y"],
            Ort.Run(graph, GraphOptimizationLevel.ORT_ENABLE_ALL, x)["y"]);
    }
}
