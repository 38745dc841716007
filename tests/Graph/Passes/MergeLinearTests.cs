using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Passes;

/// <summary>Branches over one source become one operator, as the papers' own re-parameterization has it.</summary>
[TestClass]
public sealed class MergeLinearTests
{
    /// <summary>Each becomes one operator (of tokens: a product and an offset) and what is behind it.</summary>
    static readonly Dictionary<string, (Func<Value, Scope, Value> Emit, int Nodes, int Norms)> Merged = new()
    {
        ["RepVGG"] = ((x, s) => ConvBn(x, s["kxk"], 3) + ConvBn(x, s["1x1"], 1) + x.BatchNorm(s["identity"]), 1, 3),
        ["RepVGG in groups"] = ((x, s) => ConvBn(x, s["kxk"], 3, groups: 2) + ConvBn(x, s["1x1"], 1, groups: 2)
            + x.BatchNorm(s["identity"]), 1, 3),
        ["RepVGG with a stride"] = ((x, s) => ConvBn(x, s["kxk"], 3, 2) + ConvBn(x, s["1x1"], 1, 2), 1, 2),
        ["MobileOne"] = ((x, s) => ConvBn(x, s["scale"], 1, groups: 6) + x.BatchNorm(s["identity"])
            + (ConvBn(x, s["0"], 3, groups: 6) + ConvBn(x, s["1"], 3, groups: 6)), 1, 4),
        ["RepMixer"] = ((x, s) => x + s.Param("gamma", Init.Ones, 6, 1, 1) * (ConvBn(x, s["kxk"], 3, groups: 6)
            + ConvBn(x, s["scale"], 1, groups: 6) + x.BatchNorm(s["skip"]) - x.BatchNorm(s["norm"])), 1, 4),
        ["RepGhost"] = ((x, s) => ConvBn(x, s["cheap"], 3, groups: 6) + x.BatchNorm(s["fusion"]), 1, 2),
        ["RepViT"] = ((x, s) => (ConvBn(x, s["conv"], 3, groups: 6) + x.DepthwiseConv(s["conv1"], 1) + x)
            .BatchNorm(s["bn"]), 1, 2),
        ["large and small window"] = ((x, s) => ConvBn(x, s["large"], 5, groups: 6)
            + ConvBn(x, s["small"], 3, groups: 6), 1, 2),
        ["an even window"] = ((x, s) => x.Conv(s["even"], 6, 2, pad: Pad.Same) + x.Conv(s["1x1"], 6, 1), 1, 0),
        ["dilations"] = ((x, s) => x.Conv(s["d"], 6, new Window(3, Dilation: 2))
            + x.Conv(s["1x1"], 6, 1, bias: false), 1, 0),
        ["groups of groups"] = ((x, s) => ConvBn(x, s["two"], 3, groups: 2) - ConvBn(x, s["six"], 3, groups: 6), 1, 2),
        ["two norms"] = ((x, s) => ConvBn(x, s["a"], 3).BatchNorm(s["b"]), 1, 2),
        ["an offset and a scale"] = ((x, s) => (2 - x.Conv(s["a"], 6, 3) * s.Param("g", Init.Ones, 1, 6, 1, 1))
            .BatchNorm(s["b"]), 1, 1),
        ["transposed"] = ((x, s) => Transposed(x, s["a"]) + Transposed(x, s["b"]), 1, 2),
        ["tokens in a row"] = ((x, s) => Tokens(x).Linear(s["a"], 6).Reshape(new Dim(25, "N"), 6).BatchNorm(s["b"])
            .Reshape(Dim.Batch, 25, 6), 6, 1),
        ["tokens behind channels"] = ((x, s) => Tokens(x).Linear(s["a"], 6, bias: false).Transpose(0, 2, 1)
            .BatchNorm(s["b"]), 5, 1),
        ["a norm before a linear layer"] = ((x, s) => Pooled(x).BatchNorm(s["a"]).Linear(s["b"], 7), 3, 1),
        ["RepViT's two heads"] = ((x, s) => Pooled(x) is var y ? (y.BatchNorm(s["a"]).Linear(s["b"], 7)
            + y.BatchNorm(s["c"]).Linear(s["d"], 7)) / 2 : x, 3, 2),
        ["a norm before a 1x1 convolution"] = ((x, s) => ConvBn(x.BatchNorm(s["a"]), s["b"], 1), 1, 2),
    };

    /// <summary>Each stays as it is.</summary>
    static readonly Dictionary<string, Func<Value, Scope, Value>> Kept = new()
    {
        ["a norm before a padded convolution"] = (x, s) => x.BatchNorm(s["a"]).Conv(s["b"], 6, 3),
        ["a convolution before another"] = (x, s) => x.Conv(s["a"], 6, 1).Conv(s["b"], 6, 3),
        ["a value that is read elsewhere"] = (x, s) => x.Conv(s["a"], 6, 3) is var y
            ? y.BatchNorm(s["b"]) * y : y,
        ["other strides"] = (x, s) => x.Conv(s["a"], 6, 1, 2, pad: 0) + x.Conv(s["b"], 6, 3, pad: 0),
        ["other sources"] = (x, s) => x.Conv(s["a"], 6, 1) + x.Relu().Conv(s["b"], 6, 1),
        ["groups whose sum is larger"] = (x, s) => x.Conv(s["a"], 6, 1) + x.DepthwiseConv(s["b"], 3),
        ["windows whose sum is larger"] = (x, s) => x.Conv(s["a"], 6, new Window(1) { Width = 5 })
            + x.Conv(s["b"], 6, new Window(5) { Width = 1 }),
        ["taps between taps"] = (x, s) => x.Conv(s["a"], 6, new Window(3, Dilation: 2)) + x.Conv(s["b"], 6, 3),
        ["a scale alone"] = (x, s) => x.Conv(s["a"], 6, 3) * s.Param("gamma", Init.Ones, 6, 1, 1),
        ["no operator"] = (x, s) => x.BatchNorm(s["a"]) + x,
        ["twice the same"] = (x, s) => x.Conv(s["a"], 6, 3) is var y ? y + y : y,
        ["a scale of another axis"] = (x, s) => (x.Conv(s["a"], 5, 3) * s.Param("g", Init.Ones, 5)) is var y
            ? y.BatchNorm(s["b"]) : y,
    };

    public static IEnumerable<object[]> MergedNames => Merged.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> KeptNames => Kept.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(MergedNames))]
    public void BranchesAreOne(string name)
    {
        var (emit, nodes, norms) = Merged[name];
        var graph = Emit(emit);
        var result = MergeLinear.Apply(graph);
        Assert.IsEmpty(result.Refused);
        Assert.HasCount(nodes + 2, result.Graph.Nodes);
        Assert.AreEqual(norms, result.Count);
        Assert.IsLessThan(Tolerances.Get("graph/fold"), result.Error);
        var (expected, got) = (Run(graph), Run(result.Graph));
        var largest = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], got[i], largest * Tolerances.Get("graph/fold"));
    }

    [TestMethod]
    [DynamicData(nameof(KeptNames))]
    public void OthersStay(string name)
    {
        var graph = Emit(Kept[name]);
        var result = MergeLinear.Apply(graph);
        Assert.AreEqual((0, 0, graph.Nodes.Count), (result.Count, result.Branches, result.Graph.Nodes.Count));
    }

    /// <summary>A branch that cannot be rounded is left alone, the others are merged.</summary>
    [TestMethod]
    public void ARefusedSumIsMergedInParts()
    {
        var graph = Emit((x, s) => ConvBn(x, s["a"], 3) + ConvBn(x, s["b"], 3));
        graph.Find("b.bn.weight")!.Data = Tensor.Filled(float.MaxValue, 6);
        graph.Find("b.bn.running_var")!.Data = Tensor.Filled(0, 6);
        var result = MergeLinear.Apply(graph);
        Assert.AreEqual((1, 0), (result.Count, result.Branches));
        Assert.HasCount(2, result.Refused);
    }

    static Graph Emit(Func<Value, Scope, Value> emit)
    {
        var graph = new Graph();
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 6, 5, 5)).LeakyRelu(0.5);
        graph.Output("y", emit(x, graph.Root).Relu());
        return FoldConstants.Apply(Fill.Weights(graph, 1), weights: true);
    }

    static Value ConvBn(Value x, Scope s, int k, int stride = 1, int groups = 1) =>
        x.Conv(s["conv"], 6, k, stride, groups: groups, bias: false).BatchNorm(s["bn"]);

    static Value Transposed(Value x, Scope s) =>
        x.ConvTranspose(s.Param("weight", Init.PyTorchDefault, 6, 4, 3, 3), null,
        new([1, 1], [1, 1, 1, 1], [1, 1]), [0, 0]).BatchNorm(s["bn"]);

    static Value Pooled(Value x) => x.GlobalAveragePool().Flatten();

    static Value Tokens(Value x) => x.Reshape(Dim.Batch, 6, 25).Transpose(0, 2, 1);

    static float[] Run(Graph graph) => Ort.Run(graph,
        GraphOptimizationLevel.ORT_DISABLE_ALL, ("input", Fill.Input(2, 6, 5, 5), [2, 6, 5, 5]))["y"];
}
