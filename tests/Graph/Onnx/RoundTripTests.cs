using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Onnx;

/// <summary>What is written is read as it was, and what others wrote survives both.</summary>
[TestClass]
public sealed class RoundTripTests
{
    [TestMethod]
    [DataRow("test_resnet")]
    [DataRow("test_vit")]
    [DataRow("test_efficientnet")]
    public void OurModelsAreReadAsTheyWere(string name)
    {
        var graph = Zoo.Build(name, new() { Opset = 20 }).Graph;
        graph.Metadata["timm.architecture"] = name;
        var bytes = OnnxFile.ToBytes(graph);
        var read = OnnxFile.Read(bytes);
        Assert.IsFalse(read.IsForeign);
        Assert.AreEqual(GraphText.Dump(graph), GraphText.Dump(read));
        CollectionAssert.AreEqual(bytes, OnnxFile.ToBytes(read));
    }

    [TestMethod]
    public void EveryModelIsReadAsItWas()
    {
        // Weights as inputs: the whole zoo is checked without making one.
        foreach (var name in Zoo.Names)
        {
            var first = OnnxFile.Read(OnnxFile.ToBytes(Zoo.Build(name).Graph, weightsAsInputs: true));
            Assert.AreEqual(GraphText.Dump(first), GraphText.Dump(OnnxFile.Read(OnnxFile.ToBytes(first))), name);
        }
    }

    [TestMethod]
    public void ContentBesideTheModelIsRead()
    {
        using var folder = new TempFolder();
        var graph = Zoo.Build("test_resnet").Graph;
        OnnxFile.Write(graph, folder["a.onnx"], externalAbove: 1000);
        var read = OnnxFile.Read(folder["a.onnx"]);
        foreach (var (wrote, got) in graph.Weights.Zip(read.Weights))
            Assert.IsTrue(wrote.Data!.Bytes.Span.SequenceEqual(got.Data!.Bytes.Span), wrote.Name);
        CollectionAssert.AreEqual(OnnxFile.ToBytes(graph), OnnxFile.ToBytes(read));
    }

    [TestMethod]
    public void FilesOfOthersSurvive()
    {
        var files = Directory.GetFiles(Paths.Shared("golden", "ort-training"), "*.onnx", SearchOption.AllDirectories);
        var ran = 0;
        foreach (var file in files)
        {
            var graph = OnnxFile.Read(file);
            Assert.IsTrue(graph.IsForeign, file);
            var again = OnnxFile.Read(OnnxFile.ToBytes(graph));
            Assert.AreEqual(GraphText.Dump(graph), GraphText.Dump(again), file);
            if (Same.InOnnxRuntime(File.ReadAllBytes(file), OnnxFile.ToBytes(graph), file))
                ran++;
        }
        Console.WriteLine($"{ran} of {files.Length} run in a build for inference.");
        Assert.IsGreaterThan(files.Length / 3, ran);
    }
}
