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
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        var (inside, beside) = (Path.Combine(folder.FullName, "a.onnx"), Path.Combine(folder.FullName, "b.onnx"));
        OnnxFile.Write(graph, inside);
        OnnxFile.Write(graph, beside, externalAbove: 1000);
        CollectionAssert.AreEqual(OnnxFile.ToBytes(graph), File.ReadAllBytes(inside));
        CollectionAssert.AreEqual(Run(inside), Run(beside));
        CollectionAssert.AreEquivalent(
            new[] { "a.onnx", "b.onnx", "b.onnx.data" }, folder.GetFiles().Select(f => f.Name).ToArray());
        folder.Delete(recursive: true);
    }

    [TestMethod]
    public void WeightsCanBeInputs()
    {
        var graph = Zoo.Build("test_resnet").Graph;
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(OnnxFile.ToBytes(graph, weightsAsInputs: true));
        CollectionAssert.AreEqual(graph.Weights.Select(w => w.Name).Prepend("input").ToArray(), session.InputNames.ToArray());
    }

    [TestMethod]
    public void ANodeThatExistsInsideOnlyIsNotWritten()
    {
        var graph = new Graph();
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3)).DropPath(0.1));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => OnnxFile.ToBytes(graph));
        StringAssert.Contains(error.Message, "DropPath");
    }

    static float[] Run(string path)
    {
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(path);
        return Ort.Run(session, ("input", Fill.Input(Image), Image))["logits"];
    }
}
