using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Other things than files of weights, and other files that hold weights.</summary>
[TestClass]
public sealed class MisplacedTests
{
    const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 102464\n";
    const string Page = "\n <!DOCTYPE html><html>Sign in</html>";

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    [DataRow(Pointer, "it is a Git LFS pointer")]
    [DataRow(Page, "it begins like a web page")]
    public void PointersAndPagesAreCalledThat(string content, string words)
    {
        foreach (var name in new[] { "w.safetensors", "w.pth", "w.onnx", "cat.jpg" })
            File.WriteAllText(folder[name], content);
        Action[] readers =
        [
            () => Checkpoint.Open(folder["w.safetensors"]),
            () => Checkpoint.Open(folder["w.pth"]),
            () => Session.Open(folder["w.onnx"]),
            () => OnnxFile.Read(folder["w.onnx"]),
            () => ImageDecoder.Decode(folder["cat.jpg"]),
        ];
        foreach (var read in readers)
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(read).Message, words);
    }

    [TestMethod]
    public void AnUnknownFileIsSaidToBeginWithWhatItDoes()
    {
        File.WriteAllText(folder["w.bin"], "hello, world");
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder["w.bin"])).Message,
            "it begins with \"hello, w\"");
        File.WriteAllBytes(folder["w.bin"], [0xCA, 0xFE, 0, 1]);
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder["w.bin"])).Message,
            "it begins with CAFE0001");
    }

    [TestMethod]
    public void TheWeightsOfAnOnnxFileAreTaken()
    {
        var graph = Zoo.Build("cifar_resnet20").Graph;
        OnnxFile.Write(graph, folder["net.onnx"]);
        using var file = Checkpoint.Open(folder["net.onnx"]);
        Assert.AreEqual(CheckpointFormat.Onnx, file.Format);
        var result = StateDicts.Load(file, [.. graph.Weights.Select(w => (w.Name, w.Shape.Sizes))]);
        foreach (var weight in graph.Weights)
            CollectionAssert.AreEqual(weight.Data!.ToFloats(), result.Tensors[weight.Name].ToFloats(), weight.Name);
    }

    [TestMethod]
    [DataRow("model.safetensors")]
    [DataRow("pytorch_model.bin")]
    public void AFolderOfTheHubsFormIsItsWeights(string name)
    {
        File.Copy(Paths.Golden("pytorch", name == "pytorch_model.bin" ? "zip.pth" : "plain.safetensors"), folder[name]);
        File.WriteAllText(folder["config.json"], "{}");
        Assert.AreEqual(folder[name], Checkpoint.FileOf(folder["."][..^2]));
    }

    [TestMethod]
    [DataRow("timm/resnet50.a1_in1k")]
    [DataRow("hf-hub:timm/resnet50.a1_in1k")]
    [DataRow("hf_hub:timm/resnet50.a1_in1k")]
    public void NamesOfTimmsRepositoriesAreNamesOfModels(string name) =>
        Assert.AreEqual("resnet50.a1_in1k", Zoo.Resolve(name).Name);

    [TestMethod]
    public void ARepositoryOfSomebodyElsesIsRefused() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Zoo.Resolve("hf-hub:someone/resnet50")).Message, "--checkpoint");
}
