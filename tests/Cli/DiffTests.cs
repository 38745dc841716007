using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

/// <summary>Two models side by side.</summary>
[TestClass]
public sealed class DiffTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>
    /// He et al. (arXiv:1512.03385), table 1: 2, 2, 2, 2 and 3, 4, 6, 3 blocks; 8 blocks of two convolutions more.
    /// </summary>
    [TestMethod]
    public void NamesShowTheirStages()
    {
        var diff = JsonDocument.Parse(Cli.Output("diff", "resnet18", "resnet34", "--json")).RootElement;
        Assert.AreEqual("2, 2, 2, 2", diff.GetProperty("a").GetProperty("blocks").GetString());
        Assert.AreEqual("3, 4, 6, 3", diff.GetProperty("b").GetProperty("blocks").GetString());
        Assert.AreEqual(16, diff.GetProperty("operators").GetProperty("Conv")[1].GetInt32()
            - diff.GetProperty("operators").GetProperty("Conv")[0].GetInt32());
        Assert.AreEqual(0, diff.GetProperty("only_a").GetArrayLength());
        Assert.AreEqual(16 * 5, diff.GetProperty("only_b").GetArrayLength(), "a kernel and four values of a norm");
        var text = Cli.Output("diff", "resnet18", "resnet34");
        string[] parts = ["blocks", "2, 2, 2, 2", "3, 4, 6, 3", "11,689,512", "21,797,672", "80 only in resnet34",
            "and 72 more"];
        foreach (var part in parts)
            StringAssert.Contains(text, part);
    }

    [TestMethod]
    public void FilesAndWeightsAreHeldAgainstEachOther()
    {
        Cli.Output("export", "test_resnet", "--no-fold", "--output", folder["a.onnx"]);
        Cli.Output("convert", folder["a.onnx"], "--model", "test_resnet", "--output", folder["b.safetensors"]);
        Assert.DoesNotContain("only in", Cli.Output("diff", folder["b.safetensors"], folder["b.safetensors"]));
        var same = JsonDocument.Parse(Cli.Output("diff", folder["a.onnx"], folder["b.safetensors"], "--json"))
            .RootElement;
        Assert.AreEqual(0, same.GetProperty("only_b").GetArrayLength());
        Assert.AreEqual(0, same.GetProperty("changed").EnumerateObject().Count());
        var bytes = File.ReadAllBytes(folder["b.safetensors"]);
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder["c.safetensors"], bytes);
        Assert.Contains("1 of the same shape with other values",
            Cli.Output("diff", folder["b.safetensors"], folder["c.safetensors"]));
        Cli.Output("export", "test_resnet", "--no-fold", "--num-classes", "7", "--output", folder["d.onnx"]);
        var heads = Cli.Output("diff", folder["a.onnx"], folder["d.onnx"]);
        Assert.Contains("2 of another shape:\n", heads);
        Assert.Contains("fc.bias [1000] and [7]", heads);
    }

    [TestMethod]
    [DataRow("Did you mean \"resnet18\"?", "resnet18", "resnet1B")]
    [DataRow("There is no file \"none.onnx\".", "resnet18", "none.onnx")]
    [DataRow("diff needs", "resnet18")]
    [DataRow("diff does not understand \"resnet50\"", "resnet18", "resnet34", "resnet50")]
    public void AMistakeIsOneMessage(string message, params string[] args) =>
        Assert.Contains(message, Cli.Error(["diff", .. args]));
}
