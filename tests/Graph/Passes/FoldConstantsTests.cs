using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Passes;

/// <summary>Each operator of the evaluator computes what ONNX Runtime computes.</summary>
[TestClass]
public sealed class FoldConstantsTests
{
    static readonly Dictionary<string, Func<Value, Value, Value>> Cases = new()
    {
        ["transpose"] = (a, _) => a.Transpose(2, 0, 1),
        ["reversed transpose"] = (a, _) => a.Graph.Emit("Transpose", [a]).Out,
        ["reshape"] = (a, _) => a.Reshape(6, 4),
        ["slice"] = (a, _) => a.Slice([0, 2], [0, -1], [2, -9], [1, -2]),
        ["split"] = (a, _) => a.Split([1, 2], 1)[1],
        ["expand"] = (a, b) => b.Expand(a.Graph.Const(Tensor.Ints(5, 2, 3, 4))),
        ["concat"] = (a, b) => new[] { a, a, b.Expand(a.Graph.Const(Tensor.Ints(2, 3, 4))) }.Concat(1),
        ["gather"] = (a, _) => a.Gather([2, -1, 0], 1),
        ["cast"] = (a, _) => (a * 10).Cast(DType.Int64).Cast(DType.Float32),
        ["half"] = (a, _) => a.Cast(DType.Float16).Cast(DType.Float32),
        ["add"] = (a, b) => a + b,
        ["sub"] = (a, b) => b - a,
        ["mul"] = (a, b) => a * b,
        ["div"] = (a, b) => a / b,
        ["pow"] = (a, _) => a.Abs().Pow(1.5),
        ["min"] = (a, b) => a.Min(b),
        ["max"] = (a, b) => a.Max(b),
        ["neg"] = (a, _) => -a,
        ["exp"] = (a, _) => a.Exp(),
        ["log"] = (a, _) => a.Abs().Log(),
        ["sqrt"] = (a, _) => a.Abs().Sqrt(),
        ["reciprocal"] = (a, _) => a.Reciprocal(),
        ["sigmoid"] = (a, _) => a.Sigmoid(),
        ["tanh"] = (a, _) => a.Tanh(),
        ["relu"] = (a, _) => a.Relu(),
        ["sin"] = (a, _) => (a * 9).Sin(),
        ["cos"] = (a, _) => (a * 9).Cos(),
        ["erf"] = (a, _) => (a * 5).Erf(),
        ["clip"] = (a, _) => a.Clip(-0.25, 0.5),
        ["clip above"] = (a, _) => a.Graph.Emit("Clip", [a, null, a.Graph.Scalar(0.25)]).Out,
        ["where"] = (a, b) => a.Graph.Const(Tensor.Of([true, false, true, true], 4)).Where(a, b),
        ["softmax"] = (a, _) => (a * 9).Softmax(),
        ["tile"] = (a, _) => a.Tile(2, 1, 3),
        ["gemm"] = (a, b) => a.Reshape(6, 4).Gemm(a.Reshape(4, 6), b.Reshape(1, 3).Tile(1, 2)),
        ["gemm of transposed"] = (a, _) =>
            a.Reshape(6, 4).Gemm(a.Reshape(4, 6), null, transA: true, transB: true),
        ["scaled gemm"] = (a, b) => a.Graph.Emit("Gemm", [a.Reshape(6, 4), a.Reshape(4, 6), b.Slice(0, 0, 1)], 1,
            ("alpha", 0.5), ("beta", 3.0)).Out,
        ["mean"] = (a, _) => a.ReduceMean([0, -1]),
        ["sum"] = (a, _) => a.ReduceSum([1], keepDims: false),
        ["sum of all"] = (a, _) => a.ReduceSum(),
        ["largest"] = (a, _) => a.ReduceMax([2]),
        ["norm"] = (a, _) => a.ReduceL2([1, 2]),
        ["matmul"] = (a, b) => a.MatMul(b.Transpose(1, 0).Slice(1, 0, 1).Expand(a.Graph.Const(Tensor.Ints(4, 2)))),
        ["matmul by a matrix"] = (a, b) => b.MatMul(b.Transpose(1, 0)).MatMul(a),
        ["instance norm"] = (a, b) => a.InstanceNormalization(b.Squeeze(1), b.Squeeze(1) * 2, 0.25),
        ["filled"] = (a, b) => a + a.Graph.Const(Tensor.Ints(3, 4)).ConstantOfShape(2.5f),
        ["shape"] = (a, _) => a.Reshape(6, 4).ShapeOf().Cast(DType.Float32),
        ["integers"] = (a, _) => IntegerMath(
            a.Graph.Const(Tensor.Ints(7, -7, 3)), a.Graph.Const(Tensor.Ints(2, 2, -5))).Cast(DType.Float32),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AnOperatorIsEvaluatedAsTheRuntimeDoes(string name)
    {
        var graph = new Graph();
        var (a, b) = (Store(graph, "a", 2, 3, 4), Store(graph, "b", 3, 1));
        var computed = Cases[name](a, b);
        var zero = graph.Input("x", DType.Float32, new(1)) * 0;
        graph.Output("y", computed + zero);
        var folded = FoldConstants.Apply(graph);
        Assert.IsLessThanOrEqualTo(2, folded.Nodes.Count, GraphText.Dump(folded));
        var (expected, got) = (Run(graph), Run(folded));
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], got[i], Math.Abs(expected[i]) * Tolerances.Get("graph/fold"), $"{name}[{i}]");
    }

    [TestMethod]
    public void WeightsAreFoldedOnlyWhenAskedFor()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 5, 8));
        graph.Output("y", x.Linear(graph.Root["fc"], 4));
        Assert.HasCount(3, FoldConstants.Apply(graph).Nodes);
        var folded = FoldConstants.Apply(graph, weights: true);
        CollectionAssert.AreEqual(new[] { "MatMul", "Add" }, folded.Nodes.Select(n => n.Op).ToArray());
        Assert.AreEqual("fc/Transpose:0", folded.Nodes[0][1].Name);
        CollectionAssert.AreEquivalent(
            new[] { "fc/Transpose:0", "fc.bias" }, folded.Weights.Select(w => w.Name).ToArray());
    }

    [TestMethod]
    public void AConstantOutputIsStillAnOutput()
    {
        var graph = new Graph();
        graph.Output("y", Store(graph, "a", 2, 3).Transpose(1, 0));
        var folded = FoldConstants.Apply(graph);
        Assert.AreEqual("Identity", folded.Nodes.Single().Op);
        CollectionAssert.AreEqual(Ort.Run(graph)["y"], Ort.Run(folded)["y"]);
    }

    [TestMethod]
    public void ALargeResultOfLittleStaysANode()
    {
        var graph = new Graph();
        graph.Output("y", graph.Scalar(1).Expand(graph.Const(Tensor.Ints(1000, 1000))).Neg());
        Assert.HasCount(2, FoldConstants.Apply(graph).Nodes);
    }

    /// <summary>A bias of 25 pairs from 9 offsets: next to a large layer it is a constant, next to a small one not.</summary>
    [TestMethod]
    [DataRow(60, 1)]
    [DataRow(8, 3)]
    public void ATableIsReadAheadWhileTheFileGrowsByATenth(int width, int nodes)
    {
        var graph = new Graph();
        var s = graph.Root;
        var table = (s.Param("table", Init.Normal(1), 9, 16).Sigmoid() * 16).Gather(Places(graph)).Transpose(2, 0, 1);
        var x = graph.Input("x", DType.Float32, new(16, 5, 5));
        graph.Output("y", x + table);
        graph.Output("z", graph.Input("v", DType.Float32, new(1, width)).Linear(s["fc"], width));
        var folded = FoldConstants.Apply(graph, weights: true);
        Assert.HasCount(nodes + 1, folded.Nodes, GraphText.Dump(folded));
        Assert.IsLessThanOrEqualTo(1.1 * Bytes(graph), Bytes(folded));
        foreach (var (expected, got) in Run(graph).Zip(Run(folded)))
            Assert.AreEqual(expected, got, Math.Abs(expected) * Tolerances.Get("graph/fold"));

        static double Bytes(Graph g) => g.Stored.Sum(v => v.Data!.ByteCount);

        float[] Run(Graph g) => Ort.Run(
            g, ("x", Fill.Input("x", [16, 5, 5]), [16, 5, 5]), ("v", new float[width], [1, width]))["y"];
    }

    static Value Places(Graph graph) => graph.Const("places", () =>
        Tensor.Of(Enumerable.Range(0, 25).Select(i => (long)(i * i % 9)).ToArray(), 5, 5));

    static Value IntegerMath(Value a, Value b) => (a / b).Add(a.Mul(b)).Sub(a.Op("Max", b)).Add(a.Op("Min", b));

    static Value Store(Graph graph, string name, params long[] shape) =>
        graph.Store(name, Role.Constant, Tensor.Of(Fill.Input(name, shape), shape));

    static float[] Run(Graph graph) => Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, ("x", [1], [1]))["y"];
}

static class Emitting
{
    public static Value Op(this Value a, string op, Value b) => a.Graph.Emit(op, [a, b]).Out;
}
