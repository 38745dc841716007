using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Models;

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
    public void AModelOfEachFamilyIsReadAsItWas()
    {
        // Weights as inputs: nothing is made.
        foreach (var name in Asked.Smallest(30))
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
    public void FilesOfOthersSurvive() => Survive(Paths.Golden("onnx"));

    [TestMethod]
    public void AllFilesOfOthersSurvive() => Survive(Paths.Shared("golden", "ort-training"));

    static void Survive(string folder)
    {
        var ran = 0;
        foreach (var file in Directory.GetFiles(folder, "*.onnx", SearchOption.AllDirectories))
        {
            var graph = OnnxFile.Read(file);
            Assert.IsTrue(graph.IsForeign, file);
            var written = OnnxFile.ToBytes(graph);
            Assert.AreEqual(GraphText.Dump(graph), GraphText.Dump(OnnxFile.Read(written)), file);
            if (Same.InOnnxRuntime(File.ReadAllBytes(file), written, file))
                ran++;
        }
        // The others have operators of a training build, or sequences as inputs.
        Assert.IsGreaterThanOrEqualTo(2, ran);
    }
}
