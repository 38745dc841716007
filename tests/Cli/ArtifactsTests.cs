using OnnxTimm.Conversion;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command that writes sets for on-device training, and the way back from them.</summary>
[TestClass]
public sealed class ArtifactsTests
{
    [TestMethod]
    public void ASetComesBackAsTheNetworkThatItWasMadeOf()
    {
        using var folder = new TempFolder();
        var output = Cli.Output("artifacts", "test_resnet", "--num-classes", "4", "--img-size", "32", "--output",
            folder["set"],
            "--loss", "soft", "--opt-betas", "0.8", "0.99", "--clip-grad", "1", "--drop", "0.1", "--frozen", "conv1.*");
        Assert.Contains("input  target Float32[N, 4]", output);
        Assert.Contains("input  mask:0", output);
        Cli.Output("export", "test_resnet", "--num-classes", "4", "--img-size", "32", "--output", folder["a.onnx"]);
        Cli.Output("convert", folder["set"], "--model", "test_resnet", "--num-classes", "4", "--img-size", "32",
            "--output", folder["b.onnx"]);
        CollectionAssert.AreEqual(Run(folder["a.onnx"]), Run(folder["b.onnx"]));
    }

    [TestMethod]
    [DataRow("--opt", "lion", "--form step")]
    [DataRow("--grad-checkpointing", "--nominal", "--form step")]
    [DataRow("--form", "fused", "set or step")]
    public void FormsHaveFlagsOfTheirOwn(string flag, string value, string message)
    {
        using var folder = new TempFolder();
        var (code, _, error) = Cli.Run("artifacts", "test_resnet", flag, value, "--output", folder["x"]);
        Assert.AreNotEqual(0, code);
        Assert.Contains(message, error);
    }

    [TestMethod]
    public void AFileOfOthersBecomesASet()
    {
        using var folder = new TempFolder();
        Cli.Output("artifacts", "--from", Paths.Golden("onnx", "convnet", "forward.onnx"), "--output", folder["set"],
            "--optimizer", "sgd", "--bn-variance", "biased", "--nominal", "--prefix", "p_", "--output-logits");
        Assert.IsTrue(File.Exists(Path.Combine(folder["set"], "p_nominal_checkpoint")));
    }

    /// <summary>As with the library, weights and names alone may lie beside each other.</summary>
    [TestMethod]
    public void ANominalSetLeavesTrainedWeightsAlone()
    {
        using var folder = new TempFolder();
        string[] command = ["artifacts", "test_resnet", "--output", folder["set"]];
        Cli.Output(command);
        var before = File.ReadAllBytes(Path.Combine(folder["set"], "checkpoint"));
        Cli.Output([.. command, "--nominal"]);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(folder["set"], "checkpoint")));
    }

    [TestMethod]
    public void ACheckpointWithAPrefixIsFoundInItsFolder()
    {
        using var folder = new TempFolder();
        Cli.Output("artifacts", "test_resnet", "--output", folder["set"], "--prefix", "p_");
        Cli.Output("convert", folder["set"], "--model", "test_resnet", "--output", folder["x.onnx"]);
    }

    [TestMethod]
    public void AHeadThatBeginsAnewIsNamed()
    {
        using var folder = new TempFolder();
        Cli.Output("artifacts", "test_resnet", "--num-classes", "4", "--output", folder["set"]);
        var (_, _, notes) = Cli.Run("artifacts", "test_resnet", "--num-classes", "6", "--checkpoint", folder["set"],
            "--output", folder["set6"]);
        Assert.Contains("initial values stay in fc.bias, fc.weight", notes);
    }

    [TestMethod]
    public void TheHeadAloneIsTrained()
    {
        using var folder = new TempFolder();
        Assert.Contains("2 tensors are trained", Cli.Output(
            "artifacts", "test_resnet", "--train-head-only", "--nominal", "--output", folder["set"]));
    }

    /// <summary>Training begins with the weights of a set: at a rate of next to nothing, it ends with them.</summary>
    [TestMethod]
    public void TrainingBeginsFromASet()
    {
        using var folder = new TempFolder();
        Cli.Output("artifacts", "cifar_resnet20", "--num-classes", "10", "--output", folder["set"]);
        Cli.Output("train", "--data-dir", Path.Combine(Paths.Root, "demo", "sign-digits"), "--train-split", "val",
            "--val-split", "",
            "--model", "cifar_resnet20", "--img-size", "32", "--initial-checkpoint", folder["set"], "--epochs", "1",
            "--batch-size", "32", "--opt", "sgd", "--lr", "1e-15", "--warmup-epochs", "0", "--workers", "1",
            "--output", folder["run"], "--experiment", "x");
        using var set = OrtCheckpoint.Read(Path.Combine(folder["set"], "checkpoint"));
        using var trained = Checkpoint.Open(Path.Combine(folder["run"], "x", "last.safetensors"), useEma: false);
        foreach (var (name, tensor) in set.Trainable)
            Assert.IsLessThan(1e-12, tensor.ToFloats().Zip(trained[name].ToFloats(), (a, b) =>
                Math.Abs(a - b)).Max(), name);
    }

    /// <summary>Of NesT's twelve layers all but the first are dropped unless asked otherwise, as in timm.</summary>
    [TestMethod]
    [DataRow(22)]
    [DataRow(22, "--drop-path", "0.1")]
    [DataRow(0, "--drop-path", "0")]
    public void TheStochasticDepthOfANetworkIsItsOwnUnlessGiven(int masks, params string[] flags)
    {
        using var folder = new TempFolder();
        var output = Cli.Output(["artifacts", "nest_tiny", "--nominal", "--output", folder["set"], .. flags]);
        Assert.AreEqual(masks, output.Split("input  mask:").Length - 1, output);
    }

    [TestMethod]
    [DataRow("Say one of both")]
    [DataRow("Say one of both", "resnet18", "--from", "x.onnx")]
    [DataRow("No model \"resnet5O\"", "resnet5O")]
    [DataRow("\"x.onnx\" is complete", "--from", "x.onnx", "--num-classes", "5")]
    [DataRow("Cannot read \"absent.onnx\"", "--from", "absent.onnx")]
    [DataRow("No loss \"cee\"", "cifar_resnet20", "--loss", "cee")]
    [DataRow("adamw and sgd, not \"lamb\"", "cifar_resnet20", "--optimizer", "lamb")]
    [DataRow("sgd has neither", "cifar_resnet20", "--optimizer", "sgd", "--weight-decay", "0.1")]
    [DataRow("--adam-mode must be from 0 to 1, not 2", "cifar_resnet20", "--adam-mode", "2")]
    [DataRow("--opt-betas takes two numbers", "cifar_resnet20", "--opt-betas", "0.9")]
    [DataRow("--opt-betas must be from 0 to below 1, not 1", "cifar_resnet20", "--opt-betas", "0.9", "1")]
    [DataRow("--opt-eps is a number above 0, not 0", "cifar_resnet20", "--opt-eps", "0")]
    [DataRow("--weight-decay must be at least 0, not nan", "cifar_resnet20", "--weight-decay", "NaN")]
    [DataRow("unbiased or biased", "cifar_resnet20", "--bn-variance", "none")]
    [DataRow("--clip-grad is a number above 0, not 0", "cifar_resnet20", "--clip-grad", "0")]
    [DataRow("--clip-grad must be at least 0, not nan", "cifar_resnet20", "--clip-grad", "NaN")]
    [DataRow("--batch-size must be at least 1, not -1", "cifar_resnet20", "--batch-size", "-1")]
    [DataRow("--num-classes must be at least 0, not -1", "cifar_resnet20", "--num-classes", "-1")]
    [DataRow("--drop must be from 0 to below 1, not 1", "cifar_resnet20", "--drop", "1")]
    [DataRow("--drop-path must be from 0 to below 1, not nan", "test_vit", "--drop-path", "NaN")]
    [DataRow("cannot be built for images of 8x8, but for 32x32: ", "test_vit3", "--img-size", "8")]
    [DataRow("takes images whose sides are multiples of 16, not 8 x 8.", "test_vit", "--img-size", "8")]
    [DataRow("--clip-grad takes a number.", "cifar_resnet20", "--clip-grad", "one")]
    [DataRow("--opt-betas takes a number, not", "cifar_resnet20", "--opt-betas", "0.9,0.99")]
    [DataRow("artifacts does not understand \"extra\"", "cifar_resnet20", "extra")]
    [DataRow("--use-ema belongs to a --checkpoint", "cifar_resnet20", "--use-ema")]
    [DataRow("not both", "cifar_resnet20", "--pretrained", "--checkpoint", "x")]
    [DataRow("cannot name a folder", "cifar_resnet20", "--prefix", "../x")]
    [DataRow("needs a classifier", "cifar_resnet20", "--num-classes", "0")]
    public void AMistakeIsOneMessage(string message, params string[] args)
    {
        using var folder = new TempFolder();
        Assert.Contains(message, Cli.Error(["artifacts", .. args, "--output", folder["set"]]));
        Assert.IsEmpty(folder.Files);
    }

    [TestMethod]
    public void AFolderWithoutACheckpointIsNamed()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["empty"]);
        Assert.Contains("ckpt-N.flax (clu), checkpoint_N (Flax; the folders of Orbax are not read) or "
            + "checkpoint (ONNX Runtime Training)", Cli.Error(
            "convert", folder["empty"], "--model", "cifar_resnet20", "--output", folder["x.onnx"]));
    }

    static float[] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 32, 32]);
        return binding.Run(Fill.Input(1, 3, 32, 32)).ToArray();
    }
}
