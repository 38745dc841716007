using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Passes;

[TestClass]
public sealed class FoldBatchNormTests
{
    static readonly ConvSpec Spec = new([1, 1], [1, 1, 1, 1], [1, 1], 2);

    static readonly Dictionary<string, Func<Value, Value>> Cases = new()
    {
        ["conv"] = x => x.Conv(x.Graph.Root["conv"], 4, k: 3, bias: false),
        ["conv with bias"] = x => x.Conv(x.Graph.Root["conv"], 4, k: 3),
        ["grouped"] = x => x.Conv(x.Graph.Root["conv"], 6, k: 3, groups: 2),
        ["depthwise"] = x => x.DepthwiseConv(x.Graph.Root["conv"], k: 3),
        ["transposed"] = x => x.ConvTranspose(
            x.Graph.Root.Param("w.weight", Init.PyTorchDefault, 6, 5, 3, 3), null, Spec with { Group = 1 }, [0, 0]),
        ["transposed in groups"] = x => x.ConvTranspose(
            x.Graph.Root.Param("w.weight", Init.PyTorchDefault, 6, 2, 3, 3), x.Graph.Root.Param("w.bias", Init.Ones, 4),
            Spec, [0, 0]),
        ["linear"] = x => x.GlobalAveragePool().Flatten().Linear(x.Graph.Root["fc"], 5).Reshape(Dim.Batch, 5, 1, 1),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void TheResultIsTheSame(string name)
    {
        var graph = new Graph();
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6, 5, 5));
        graph.Output("y", Cases[name](x).BatchNorm(graph.Root["bn"]).Relu());
        Check(Fill.Weights(graph, 2), count: name == "linear" ? 0 : 1);
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void AGemmIsFolded(bool transB, bool scalarBias)
    {
        var graph = new Graph();
        var s = graph.Root;
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6)).Relu();
        var weight = transB ? s.Param("w.weight", Init.PyTorchDefault, 5, 6) : s.Param("w.weight", Init.PyTorchDefault, 6, 5);
        var bias = scalarBias ? graph.Scalar(0.7) : s.Param("w.bias", Init.Ones, 5);
        var y = graph.Emit("Gemm", [x, weight, bias], 1, ("transB", transB ? 1 : 0), ("alpha", 0.5), ("beta", 3.0)).Out;
        graph.Output("y", y.BatchNorm(s["bn"]));
        Check(Fill.Weights(graph, 2), count: 1);
    }

    [TestMethod]
    public void ASharedWeightIsKeptForTheOthers()
    {
        var graph = new Graph();
        var s = graph.Root;
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6, 5, 5));
        var w = s.Param("head.weight", Init.PyTorchDefault, 6, 6, 1, 1);
        var spec = new ConvSpec([1, 1], [0, 0, 0, 0], [1, 1]);
        x = x.Conv(w, null, spec).BatchNorm(s["bn1"]);
        x = x.Conv(w, null, spec).BatchNorm(s["bn2"]);
        graph.Output("y", x.Conv(w, null, spec));
        var folded = Check(Fill.Weights(graph, 2), count: 2);
        Assert.Contains("head.weight", folded.Weights.Select(v => v.Name));
    }

    [TestMethod]
    public void ABatchNormWhoseInputIsReadElsewhereStays()
    {
        var graph = new Graph();
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6, 5, 5)).Conv(graph.Root["conv"], 4, k: 3);
        graph.Output("y", x.BatchNorm(graph.Root["bn"]) + x);
        Check(Fill.Weights(graph, 2), count: 0);
    }

    /// <summary>A variance of nearly zero blows weights up beyond float32: such a norm is left and named.</summary>
    [TestMethod]
    public void WhatCannotBeRoundedIsRefused()
    {
        var graph = new Graph();
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6, 5, 5)).Conv(graph.Root["conv"], 4, k: 3);
        graph.Output("y", x.BatchNormalization(
            Const(graph, "g", 1e38f), Const(graph, "b", 0), Const(graph, "m", 0), Const(graph, "v", 0), 1e-9, 0.9));
        var result = MergeLinear.Apply(graph);
        Assert.AreEqual(0, result.Count);
        StringAssert.StartsWith(result.Refused.Single(), "g/BatchNormalization");
    }

    static Value Const(Graph graph, string name, float value) =>
        graph.Store($"{name}.weight", Role.Param, Tensor.Of([value, value, value, value], 4));

    static Graph Check(Graph graph, int count)
    {
        var result = MergeLinear.Apply(graph);
        Assert.AreEqual(count, result.Count);
        Assert.IsEmpty(result.Refused);
        Assert.IsLessThan(Tolerances.Get("graph/fold"), result.Error);
        Assert.AreEqual(graph.Nodes.Count - count, result.Graph.Nodes.Count);
        long[] shape = [2, .. graph.Inputs[0].Shape.Skip(1).Select(d => d.Size)];
        var (expected, got) = (Run(graph, shape), Run(result.Graph, shape));
        var largest = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], got[i], largest * Tolerances.Get("graph/fold"));
        return result.Graph;
    }

    static float[] Run(Graph graph, long[] shape) =>
        Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, ("input", Fill.Input(shape), shape))["y"];
}
