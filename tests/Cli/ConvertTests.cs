using OnnxTimm.Conversion;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command that brings weights into timm's names, where they do not fit.</summary>
[TestClass]
public sealed class ConvertTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    public void NothingIsWrittenOfABadFile()
    {
        CheckNothingIsWritten(Paths.Golden("convert", "bad"));
        CheckNothingIsWritten(Paths.Golden("convert", "mxnet", "bad"));
    }

    /// <summary>With whole files of other networks among them.</summary>
    [TestMethod]
    public void NothingIsWrittenOfAFileOfTheLargerSet() =>
        CheckNothingIsWritten(Paths.Shared("golden", "convert", "bad"));

    [TestMethod]
    public void NamesMayBeLeftOverWhereItIsSaid()
    {
        var weights = Zoo.Build("cifar_resnet20").Graph.Weights.Select(w => KeyValuePair.Create(w.Name, w.Data!));
        SafetensorsWriter.Write(folder["w.safetensors"],
            [.. weights.Where(w => w.Key != "fc.bias"), new("aux.weight", Tensor.Of(new float[4], 4))]);
        string[] convert = ["convert", folder["w.safetensors"], "--model", "cifar_resnet20", "--output",
            folder["x.safetensors"]];
        const string missing = "In the model, not in the file (1): fc.bias.";
        const string unexpected = "In the file, not in the model (1): aux.weight.";
        Assert.Contains($"{missing} {unexpected}", Cli.Error(convert));
        Assert.EndsWith($"the model. {unexpected}\n", Cli.Error([.. convert, "--allow-missing", "fc.*"]));
        Assert.EndsWith($"the model. {missing}\n", Cli.Error([.. convert, "--allow-unexpected", "aux.*"]));
        CollectionAssert.AreEqual(new[] { "w.safetensors" }, folder.Files);
        var (code, _, notes) = Cli.Run([.. convert, "--allow-missing", "fc.*", "--allow-unexpected", "aux.*"]);
        Assert.AreEqual((0, "onnxtimm: initial values stay in fc.bias\n"), (code, notes));
        using var file = Checkpoint.Open(folder["x.safetensors"]);
        CollectionAssert.AreEqual(weights.Select(w => w.Key).ToArray(), file.Keys.ToArray());
    }

    void CheckNothingIsWritten(string bad)
    {
        foreach (var file in Directory.GetFiles(bad).Order(StringComparer.Ordinal))
            foreach (var form in new[] { "onnx", "safetensors" })
                Assert.Contains(Path.GetFileName(file), Cli.Error("convert", file, "--model", "densenet121", "--output",
                    folder[$"x.{form}"], "--report", folder["report.json"]));
        Assert.IsEmpty(folder.Files);
    }
}
