using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;
using OnnxTimm.Tests.Models;

namespace OnnxTimm.Tests.Passes;

/// <summary>A file is valid in the opset that it names, or is refused.</summary>
[TestClass]
public sealed class LowerOpsetTests
{
    /// <summary>Forms and an opset that lacks them; each is written otherwise there.</summary>
    static readonly Dictionary<string, (int Opset, Func<Value, Value> Emit)> Lowered = new()
    {
        ["Slice"] = (7, x => x.Slice(3, 1, 4)),
        ["Slice from the end"] = (7, x => x.Slice(-1, -3, -1)),
        ["MaxPool"] = (7, x => x.MaxPool([3, 2], [2, 2], [0, 0, 1, 0], ceil: true)),
        ["AveragePool"] = (7, x => x.AveragePool([3, 2], [2, 2], [1, 0, 0, 0], ceil: true)),
        ["AveragePool without pads"] = (7, x => x.AveragePool([3, 2], [2, 2], [0, 0, 0, 0], true, countPads: true)),
        ["Clip"] = (7, x => x.Clip(-0.5, 0.25)),
        ["Pad"] = (7, x => x.Pad([0, 0, 1, 2, 0, 0, -1, 0], value: 3)),
        ["Pad with axes"] = (17, x => x.Graph.Emit("Pad", [x, Ints(x, 1, 2), null, Ints(x, -1)]).Out),
        ["Gemm"] = (7, x => x.Reshape(Dim.Batch, 160).Gemm(x.Graph.Const(Tensor.Filled(0.5f, 3, 160)), transB: true)),
        ["DepthToSpace"] = (7, x => x.DepthToSpace(2)),
        ["Softmax"] = (7, x => x.Softmax()),
        ["Softmax of channels"] = (7, x => x.Softmax(1)),
        ["LogSoftmax of rows"] = (12, x => x.LogSoftmax(2)),
        ["Concat"] = (7, x => new[] { x, x.Neg() }.Concat(-1)),
        ["ReduceMean"] = (7, x => x.ReduceMean([-1, -2])),
        ["ReduceMax with axes as input"] = (17, x => x.Graph.Emit("ReduceMax", [x, Ints(x, 1)]).Out),
        ["ReduceSum"] = (7, x => x.ReduceSum([-1], keepDims: false)),
        ["Resize"] = (10, x => x.ResizeNearest(2, 3)),
        ["Split"] = (7, x => x.Split([2, 6], 1)[1]),
        ["Squeeze"] = (7, x => x.ReduceMax([3]).Squeeze(-1)),
        ["Unsqueeze"] = (7, x => x.Unsqueeze(-2)),
        ["LayerNormalization"] = (7, x => x.LayerNormalization(Numbers(x, 4, 5), Numbers(x, 4, 5), 1e-3, 2)),
        ["LayerNormalization without a bias"] = (16, x => x.LayerNormalization(Numbers(x, 5), null, 1e-6)),
        ["Gelu"] = (9, x => x.Graph.Emit("Gelu", [x]).Out),
        ["Gelu by tanh"] = (19, x => x.GeluOp("tanh")),
        ["HardSwish"] = (7, x => x.Graph.Emit("HardSwish", [x]).Out),
        ["Mish"] = (17, x => x.Graph.Emit("Mish", [x]).Out),
        ["GroupNormalization of groups"] = (17, x => Grouped(x, 2)),
        ["GroupNormalization of channels"] = (18, x => Grouped(x, 8)),
        ["RMSNormalization"] = (22, x => x.Graph.Emit("RMSNormalization", [x, Numbers(x, 5)]).Out),
        ["Shape"] = (8, x => x.Graph.Const(Tensor.Filled(2, 1, 8, 1, 1)).RepeatFor(x) * x),
    };

    /// <summary>Three of kinds of their own, and small networks of other families each day.</summary>
    static IEnumerable<string> Small => Asked.Smallest(8).Union(["test_resnet", "test_efficientnet", "test_vit"]);

    public static IEnumerable<object[]> Names => Lowered.Keys.Select(name => new object[] { name });

    /// <summary>The same numbers, of nodes that the opset has.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AnOlderFormComputesTheSame(string name)
    {
        var (opset, emit) = Lowered[name];
        var lowered = LowerOpset.Apply(Emit(opset));
        Assert.IsEmpty(lowered.Nodes.SelectMany(n => OperatorForms.Missing(n, opset)));
        var own = Emit(opset).Nodes.SelectMany(n => OperatorForms.Missing(n, opset)).Max(form => form.Since);
        var (expected, got) = (Run(Emit(Math.Max(18, own))), Run(lowered));
        Assert.HasCount(expected.Length, got);
        foreach (var (e, g) in expected.Zip(got))
            Assert.AreEqual(e, g, expected.Max(Math.Abs) * Tolerances.Get("graph/fold"));

        Graph Emit(int version)
        {
            var graph = new Graph(opset: version);
            graph.Output("y", emit(graph.Input("input", DType.Float32, new(Dim.Batch, 8, 4, 5)).Relu()));
            return graph;
        }

        static float[] Run(Graph graph) => Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL,
            ("input", Fill.Input(2, 8, 4, 5), [2, 8, 4, 5]))["y"];
    }

    [TestMethod]
    [DataRow("test_vit", "9", "Erf", "--opset", "8")]
    [DataRow("test_vit", "9", "Erf", "--opset", "7", "--no-fold")]
    [DataRow("cifar_resnet20", "10", "Slice with computed bounds or steps", "--opset", "8")]
    public void WhatAnOpsetLacksIsRefused(string model, string needs, string form, params string[] options)
    {
        using var folder = new TempFolder();
        var said = Cli.Cli.Error(["export", model, "--output", folder["m.onnx"], .. options]);
        Assert.Contains($"{model} needs opset {needs}: opset {options[1]} has no {form}", said);
        Assert.IsFalse(File.Exists(folder["m.onnx"]));
    }

    [TestMethod]
    [DataRow("-1")]
    [DataRow("6")]
    [DataRow("27")]
    [DataRow("99")]
    public void ThereAreOpsets7To26(string opset)
    {
        using var folder = new TempFolder();
        Assert.Contains($"--opset must be from 7 to 26, not {opset}",
            Cli.Cli.Error("export", "test_resnet", "--opset", opset, "--output", folder["m.onnx"]));
        Assert.IsFalse(File.Exists(folder["m.onnx"]));
    }

    /// <summary>By ONNX's own checker.</summary>
    [TestMethod]
    public void OlderFilesPassTheOfficialChecker()
    {
        using var folder = new TempFolder();
        Assert.IsEmpty(Write(folder, 11, 14, 17));
        Consumers.Check(folder["."]);
    }

    /// <summary>The same, by ONNX Runtime of today and by an older one for Node.</summary>
    [TestMethod]
    public void NewerFilesLoadInRuntimes()
    {
        using var folder = new TempFolder();
        Assert.IsEmpty(Write(folder, 18, 21));
        foreach (var file in Directory.GetFiles(folder["."]))
            Ort.Load(File.ReadAllBytes(file));
        Consumers.LoadInNode(folder["."]);
    }

    /// <summary>Writes what can be written; gives the messages about the rest.</summary>
    static List<string> Write(TempFolder folder, params int[] opsets)
    {
        var refused = new List<string>();
        foreach (var (name, opset) in Small.SelectMany(name => opsets.Select(opset => (name, opset))))
            try
            {
                var graph = Zoo.Build(name, new() { Opset = opset, NumClasses = 10 }).Graph;
                OnnxFile.Write(Export.Optimize(graph).Graph, folder[$"{name}-{opset}.onnx"]);
            }
            catch (UserException e)
            {
                refused.Add(e.Message);
            }
        return refused;
    }

    static Value Grouped(Value x, int scales) => x.Graph.Emit("GroupNormalization",
        [x, Numbers(x, scales), Numbers(x, scales)], 1, ("num_groups", 2)).Out;

    static Value Numbers(Value x, params long[] shape) =>
        x.Graph.Const(Tensor.Of(Fill.Input(shape), shape));

    static Value Ints(Value x, params long[] values) => x.Graph.Const(Tensor.Ints(values));
}
