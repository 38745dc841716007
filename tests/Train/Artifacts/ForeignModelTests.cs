using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>Files of others: what their weights are, and what cannot be trained.</summary>
[TestClass]
public sealed class ForeignModelTests
{
    [TestMethod]
    public void WeightsAreToldByWhatReadsThem()
    {
        var graph = Network((x, g) =>
        {
            var shifted = x - Constant(g, "mean", 3, 1, 1);
            return shifted * Constant(g, "scale");
        });
        var adopted = ForeignModel.Adopt(graph);
        CollectionAssert.AreEquivalent(new[] { "mean", "weight", "bias" },
            adopted.Stored.Where(v => v.Role == Role.Param).Select(v => v.Name).ToArray());
    }

    /// <summary>Numbers that say how large a map becomes are no weights.</summary>
    [TestMethod]
    public void ScalesOfAResizeAreNotTrained()
    {
        var graph = Network((x, g) => g.Emit("Resize", [x * Constant(g, "mean", 3, 1, 1), null,
            g.Store("scales", Role.Constant, Tensor.Of([1f, 1f, 2f, 2f], 4))], 1, ("mode", "nearest"),
            ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")).Out);
        var set = ArtifactSet.Of(ForeignModel.Adopt(graph), new());
        CollectionAssert.AreEquivalent(
            new[] { "mean", "weight", "bias" }, set.Checkpoint.Trainable.Select(t => t.Key).ToArray());
    }

    [TestMethod]
    public void AutomaticPadsOfATransposedConvolutionAreRefused()
    {
        var graph = Network((x, g) => g.Emit("ConvTranspose", [x, Constant(g, "kernel", 3, 3, 3, 3)], 1,
            ("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2, 2 })).Out);
        Assert.Contains("auto_pad SAME_UPPER, which cannot be trained",
            Assert.ThrowsExactly<UserException>(() => ForeignModel.Adopt(graph)).Message);
    }

    [TestMethod]
    public void AutomaticPadsOfAMapOfAnySizeAreRefused()
    {
        var graph = new Graph("any") { IsForeign = true };
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3, new Dim(1, "height"), new Dim(1, "width")));
        graph.Output("y", graph.Emit("Conv", [x, Constant(graph, "kernel", 3, 3, 2, 2)], 1, ("auto_pad", "SAME_LOWER"))
            .Out);
        Assert.Contains("auto_pad SAME_LOWER over a map of any size",
            Assert.ThrowsExactly<UserException>(() => ForeignModel.Adopt(graph)).Message);
    }

    [TestMethod]
    public void AFormWithoutGradientIsAnAnswer()
    {
        var graph = Network((x, g) => g.Emit("DepthToSpace", [x * Constant(g, "scales", 3, 1, 1)], 1,
            ("mode", "CRD"), ("blocksize", 1)).Out);
        Assert.Contains("network cannot be trained: The gradient of DepthToSpace",
            Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(ForeignModel.Adopt(graph), new())).Message);
    }

    [TestMethod]
    public void ANetworkWithoutWeightsHasNothingToTrain()
    {
        var graph = new Graph("plain") { IsForeign = true };
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3)).Relu());
        Assert.Contains("nothing to train",
            Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(ForeignModel.Adopt(graph), new())).Message);
    }

    [TestMethod]
    public void EveryOperatorWithoutGradientIsNamed()
    {
        var graph = Network((x, g) =>
        {
            x = x * Constant(g, "scales", 3, 1, 1);
            return g.Emit("Celu", [g.Emit("Softsign", [g.Emit("Celu", [x]).Out]).Out]).Out;
        });
        var error = Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(ForeignModel.Adopt(graph), new()));
        Assert.Contains("no gradient for Celu (2, such as \"Celu\"), Softsign (1, such as \"Softsign\").",
            error.Message);
    }

    /// <summary>What the weights come after needs no gradient.</summary>
    [TestMethod]
    public void OperatorsBeforeAllWeightsMayBeAny()
    {
        var set = ArtifactSet.Of(ForeignModel.Adopt(Network((x, g) => g.Emit("Celu", [x]).Out)), new());
        CollectionAssert.AreEqual(new[] { "weight", "bias" }, set.Checkpoint.Trainable.Select(t => t.Key).ToArray());
    }

    [TestMethod]
    [DataRow("SAME_UPPER")]
    [DataRow("SAME_LOWER")]
    [DataRow("VALID")]
    public void PadsThatFollowFromTheSizeAreTrainedThrough(string mode)
    {
        var graph = Network((x, g) => g.Emit("Conv", [x, Constant(g, "kernel", 3, 3, 2, 2)], 1,
            ("auto_pad", mode), ("strides", new long[] { 2, 2 })).Out);
        var adopted = ForeignModel.Adopt(graph);
        var image = ("x", Fill.Uniform("image", 2 * 3 * 7 * 7), new long[] { 2, 3, 7, 7 });
        CollectionAssert.AreEqual(Ort.Run(graph, image)["logits"], Ort.Run(adopted, image)["logits"]);
        var set = ArtifactSet.Of(adopted, new());
        using var run = new ArtifactRun(set);
        var gradient = run.TrainStep(0)["kernel"];
        var loss = new double[2];
        foreach (var (side, sign) in new[] { (0, -1), (1, 1) })
        {
            using var moved = new ArtifactRun(set);
            for (var i = 0; i < gradient.Length; i++)
                moved.Weights["kernel"][i] += sign * 0.01f * gradient[i];
            loss[side] = moved.EvalStep(0);
        }
        var square = gradient.Sum(g => (double)g * g);
        Assert.AreEqual(square, (loss[1] - loss[0]) / 0.02, 0.02 * square);
    }

    /// <summary>An export folds the transposes of linear layers; what comes of them is trained all the same.</summary>
    [TestMethod]
    public void AFoldedExportIsTrainedWhole()
    {
        var model = Zoo.Build("test_vit");
        var file = OnnxFile.Read(OnnxFile.ToBytes(Export.Optimize(model.Graph).Graph), "folded.onnx");
        var set = ArtifactSet.Of(ForeignModel.Adopt(file), new() { Nominal = true });
        Assert.AreEqual(model.ParamCount, set.Checkpoint.Trainable.Sum(t => t.Value.Count));
    }

    [TestMethod]
    [DataRow("lazy_reset_grad")]
    [DataRow("labels")]
    [DataRow("param:x")]
    [DataRow("onnx::loss::2")]
    [DataRow("mean_grad")]
    public void ANameThatTheRuntimeTakesIsRefused(string name)
    {
        var graph = Network((x, g) => x * Constant(g, name, 3, 1, 1));
        Assert.Contains($"called \"{name}\"",
            Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(ForeignModel.Adopt(graph), new())).Message);
    }

    [TestMethod]
    [DataRow("Softmax")]
    [DataRow("Sigmoid")]
    public void ProbabilitiesAreNoLogits(string op)
    {
        var graph = new Graph("network") { IsForeign = true };
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        graph.Output("y", graph.Emit(op, [x.Gemm(Constant(graph, "w", 3, 5), null)]).Out);
        Assert.Contains($"gives probabilities, by {op}",
            Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(ForeignModel.Adopt(graph), new())).Message);
    }

    [TestMethod]
    public void AnotherOutputThanLogitsIsRefused()
    {
        var graph = new Graph("maps");
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3, 4, 4)).Relu());
        Assert.Contains("does not give logits", Assert.ThrowsExactly<UserException>(() =>
            ArtifactSet.Of(graph, new())).Message);
    }

    [TestMethod]
    [DataRow(13)]
    [DataRow(22)]
    public void AnOpsetThatTheRuntimeLacksIsRefused(int opset) => Assert.Contains($"has opset {opset}",
        Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(new Graph("old", opset), new())).Message);

    /// <summary>Something, the mean of each map, and a linear layer; stored as a file of others has it.</summary>
    static Graph Network(Func<Value, Graph, Value> body)
    {
        var graph = new Graph("network") { IsForeign = true };
        var x = body(graph.Input("x", DType.Float32, new(Dim.Batch, 3, 7, 7)), graph);
        graph.Output("logits", x.GlobalAveragePool().Flatten()
            .Gemm(Constant(graph, "weight", 10, 3), Constant(graph, "bias", 10), transB: true));
        return graph;
    }

    static Value Constant(Graph graph, string name, params long[] shape) => graph.Store(name, Role.Constant,
        Tensor.Of(Fill.Uniform(name, shape.Aggregate(1L, (product, d) => product * d)), shape));
}
