using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>The cases of timm's tests/test_hub.py.</summary>
[TestClass]
public sealed class WeightFilesTests
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-files-");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("a.safetensors model.pth pytorch_model.bin", "pytorch_model.bin")]
    [DataRow("a.bin b.pth c.safetensors", "c.safetensors")]
    [DataRow("b.pth a.pth", "a.pth")]
    [DataRow("x.bin last.pth.tar", "last.pth.tar")]
    [DataRow("config.json x.bin", "x.bin")]
    public void TheBestFileIsTaken(string names, string expected)
    {
        foreach (var name in names.Split(' '))
            File.WriteAllText(Path.Combine(folder.FullName, name), "");
        Assert.AreEqual(expected, Path.GetFileName(WeightFiles.In(folder.FullName)));
    }

    [TestMethod]
    public void AFolderWithoutCheckpointsIsNamed() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => WeightFiles.In(folder.FullName)).Message, "No suitable checkpoints");
}
