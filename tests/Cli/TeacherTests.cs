using System.Globalization;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Cli;

/// <summary>A training with a teacher: a name with a checkpoint, or a file, teach the same.</summary>
[TestClass]
public sealed class TeacherTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void AFileAndACheckpointTeachTheSame()
    {
        Write(10);
        var alone = Loss("alone");
        var file = Loss("file", "--kd-model-name", folder["teacher.onnx"]);
        var name = Loss("name", "--kd-model-name", "cifar_resnet20", "--kd-pretrained-path",
            folder["teacher.safetensors"]);
        Assert.AreEqual(file, name, 1e-5 * file);
        Assert.IsGreaterThan(alone + 1e-3, file);
        Assert.AreEqual(alone, Loss("weights", "--kd-model-name", folder["teacher.onnx"], "--distill-loss-weight", "0"),
            1e-5 * alone);
    }

    [TestMethod]
    public void ATeacherOfOtherClassesIsRefused()
    {
        Write(7);
        var (code, _, error) = Cli.Run(Command("x", "--kd-model-name", folder["teacher.onnx"]));
        Assert.AreEqual(1, code);
        StringAssert.Contains(error, "the training has 10 classes");
    }

    [TestMethod]
    [DataRow("--kd-temperature", "0", "greater than 0")]
    [DataRow("--kd-distill-type", "logits", "Did you mean \"logit\"?")]
    [DataRow("--kd-token-distill-type", "x", "soft and hard")]
    [DataRow("--kd-loss-type", "mse", "there is kl")]
    public void WrongOptionsAreErrors(string flag, string value, string message) =>
        StringAssert.Contains(Cli.Error(Command("x", flag, value)), message);

    /// <summary>A network whose answers are far from even, as a file and as weights.</summary>
    void Write(int classes)
    {
        using var loaded = ModelLoader.Load(new("cifar_resnet20") { Options = new() { NumClasses = classes } });
        var head = loaded.Model.Graph.Weights.Where(w => w.Name.StartsWith("fc.", StringComparison.Ordinal));
        foreach (var weight in head)
            weight.Data = Tensor.Of(Fill.Uniform(weight.Name, weight.Shape.Count.Size), weight.Shape.Sizes);
        loaded.Export(folder["teacher.onnx"], new() { Fold = false });
        SafetensorsWriter.Write(folder["teacher.safetensors"],
            [.. loaded.Model.Graph.StateDict.Select(w => KeyValuePair.Create(w.Name, w.Weight.Data!))]);
    }

    double Loss(string run, params string[] flags)
    {
        var (code, _, error) = Cli.Run(Command(run, flags));
        Assert.AreEqual(0, code, error);
        return double.Parse(File.ReadAllLines(Path.Combine(folder["runs"], run, "summary.csv"))[1].Split(',')[1],
            CultureInfo.InvariantCulture);
    }

    string[] Command(string run, params string[] flags) =>
    [
        "train", "--data-dir", Path.Combine(Paths.Root, "demo", "sign-digits"), "--train-split", "val",
        "--val-split", "", "--model", "cifar_resnet20", "--epochs", "1", "--batch-size", "64", "--opt", "momentum", "--lr", "1e-9",
        "--warmup-epochs", "0", "--workers", "1", "--output", folder["runs"], "--experiment", run, .. flags,
    ];
}
