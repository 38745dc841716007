using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Onnx;

[TestClass]
public sealed class WriteTests
{
    static readonly long[] Image = [2, 3, 160, 160];

    [TestMethod]
    public void AFileGivesTheSameInEveryForm()
    {
        var graph = Fill.Weights(Zoo.Build("test_resnet").Graph, 1.5);
        using var folder = new TempFolder();
        var (inside, beside) = (folder["a.onnx"], folder["b.onnx"]);
        OnnxFile.Write(graph, inside);
        OnnxFile.Write(graph, beside, externalAbove: 1000);
        CollectionAssert.AreEqual(OnnxFile.ToBytes(graph), File.ReadAllBytes(inside));
        CollectionAssert.AreEqual(Run(inside), Run(beside));
        CollectionAssert.AreEqual(new[] { "a.onnx", "b.onnx", "b.onnx.data" }, folder.Files);
    }

    [TestMethod]
    public void ALateFactIsOneMoreOfTheMetadata()
    {
        var graph = Zoo.Build("test_resnet").Graph;
        graph.Metadata["early"] = "1";
        using var folder = new TempFolder();
        OnnxFile.Write(graph, folder["a.onnx"], late: new("late", 1, Task.Delay(50).ContinueWith(_ => "2")));
        using var session = new InferenceSession(folder["a.onnx"]);
        var read = session.ModelMetadata.CustomMetadataMap;
        Assert.AreEqual(("1", "2"), (read["early"], read["late"]));
        Assert.AreEqual("2", OnnxFile.Read(folder["a.onnx"]).Metadata["late"]);
    }

    [TestMethod]
    public void WeightsCanBeInputs()
    {
        var graph = Zoo.Build("test_resnet").Graph;
        using var session = new InferenceSession(OnnxFile.ToBytes(graph, weightsAsInputs: true));
        var expected = graph.Weights.Select(w => w.Name).Prepend("input").ToArray();
        CollectionAssert.AreEqual(expected, session.InputNames.ToArray());
    }

    [TestMethod]
    public void ANodeThatExistsInsideOnlyIsNotWritten()
    {
        var graph = new Graph();
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3)).DropPath(0.1));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => OnnxFile.ToBytes(graph));
        StringAssert.Contains(error.Message, "DropPath");
    }

    [TestMethod]
    public void WhatIsTooLargeForOneFileIsSaid()
    {
        var graph = new Graph("giant");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 30_000));
        graph.Output("y", x.Linear(graph.Root["fc"], 20_000));
        var error = Assert.ThrowsExactly<UserException>(() => OnnxFile.ToBytes(graph));
        StringAssert.Contains(error.Message, "\"giant\" has 24000");
    }

    static float[] Run(string path)
    {
        using var session = new InferenceSession(path);
        return Ort.Run(session, ("input", Fill.Input(Image), Image))["logits"];
    }
}
