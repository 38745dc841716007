using System.Security.Cryptography;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class ExportTests
{
    [TestMethod]
    public void AFileSaysWhatItIs()
    {
        using var folder = new TempFolder();
        var file = folder["m.onnx"];
        var labels = folder["labels.txt"];
        File.WriteAllLines(labels, ["zero", "one", "two"]);
        var said = Cli.Output("export", "resnet18.a1_in1k", "--img-size", "96", "--num-classes", "3",
            "--labels", labels, "--output", file);
        Assert.MatchesRegex(@"error of a weight \d\.\de-0\d\n", said);
        using var session = Session.Open(file);
        Assert.AreEqual("\"input\" Float32[N, 3, 96, 96]", $"{session.Inputs.Single()}");
        Assert.AreEqual("\"logits\" Float32[N, 3]", $"{session.Outputs.Single()}");
        var card = ModelCard.Read(session.Metadata, file)!;
        Assert.AreEqual("resnet18", card.Architecture);
        Assert.AreEqual("two", card.Labels[2]);
        Assert.AreEqual(96, card.Preprocess.Height);
    }

    /// <summary>Tag and record are those of weights that timm publishes, not of a model's own or of a file's.</summary>
    [TestMethod]
    public void OnlyPretrainedWeightsHaveTheirRecord()
    {
        using var folder = new TempFolder();
        var weights = folder["w.safetensors"];
        Save(weights, "test_resnet", gain: 1);
        Cli.Output("export", "test_resnet.r160_in1k", "--checkpoint", weights, "--output", folder["file.onnx"]);
        Cli.Output("convert", weights, "--model", "test_resnet", "--output", folder["converted.onnx"]);
        Cli.Output("export", "test_resnet", "--output", folder["initial.onnx"]);
        foreach (var name in new[] { "file.onnx", "converted.onnx", "initial.onnx" })
            Assert.AreEqual("test_resnet  ", Facts(Card(folder[name])), name);
        var cache = Path.Combine(folder["hub"], "models--timm--test_resnet.r160_in1k", "snapshots", "main");
        Directory.CreateDirectory(cache);
        File.Copy(weights, Path.Combine(cache, "model.safetensors"));
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", folder["hub"]);
        Cli.Output("export", "test_resnet", "--pretrained", "--output", folder["hub.onnx"]);
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", null);
        var card = Card(folder["hub.onnx"]);
        StringAssert.StartsWith(Facts(card), "test_resnet r160_in1k {");
        Assert.Contains("\"hf_hub_id\":\"timm/\"", card.PretrainedCfg);
    }

    [TestMethod]
    public void WeightsForImageNetNameItsClasses()
    {
        using var folder = new TempFolder();
        var weights = folder["w.safetensors"];
        Save(weights, "test_resnet", gain: 1);
        Cli.Output("export", "test_resnet", "--checkpoint", weights, "--output", folder["a.onnx"]);
        var labels = Card(folder["a.onnx"]).Labels;
        Assert.HasCount(1000, labels);
        Assert.AreEqual("tench, Tinca tinca", labels[0]);
        Assert.AreEqual("black swan, Cygnus atratus", labels[100]);
        Assert.AreEqual("toilet tissue, toilet paper, bathroom tissue", labels[999]);
        Cli.Output("export", "test_resnet", "--output", folder["initial.onnx"]);
        Cli.Output("export", "test_resnet", "--checkpoint", weights, "--features-only", "--output",
            folder["maps.onnx"]);
        Cli.Output("export", "test_resnet", "--checkpoint", weights, "--num-classes", "0", "--output",
            folder["f.onnx"]);
        foreach (var name in new[] { "initial.onnx", "maps.onnx", "f.onnx" })
            Assert.IsEmpty(Card(folder[name]).Labels, name);
        File.WriteAllLines(folder["own.txt"], Enumerable.Range(0, 1000).Select(i => $"class {i}"));
        Cli.Output("export", "test_resnet", "--checkpoint", weights, "--labels", folder["own.txt"], "--output",
            folder["a.onnx"]);
        Assert.AreEqual("class 7", Card(folder["a.onnx"]).Labels[7]);
    }

    [TestMethod]
    public void FoldersOfResultsAreMade()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["new/deep/x.onnx"]);
        Assert.IsTrue(File.Exists(folder["new/deep/x.onnx"]));
        var weights = folder["w.safetensors"];
        Save(weights, "cifar_resnet20", gain: 1);
        Cli.Output("convert", weights, "--model", "cifar_resnet20", "--output", folder["other/y.safetensors"]);
        Assert.IsTrue(File.Exists(folder["other/y.safetensors"]));
    }

    [TestMethod]
    [DataRow("\"features\" Float32[N, 64]", "--num-classes", "0")]
    [DataRow("\"logits\" Float32[4, 10]", "--batch-size", "4")]
    [DataRow("\"feature_0\" Float32[N, 16, 32, 32], \"feature_1\" Float32[N, 64, 8, 8]", "--features-only",
        "--out-indices", "0", "-1")]
    [DataRow("\"logits\" Float32[N, 10]", "--input-size", "3", "48", "48")]
    [DataRow("\"logits\" Float32[N, 10]", "--in-chans", "1", "--opset", "22", "--no-fold", "--global-pool", "max")]
    public void OptionsShapeTheOutputs(string outputs, params string[] options)
    {
        using var folder = new TempFolder();
        var file = folder["m.onnx"];
        Cli.Output(["export", "cifar_resnet20", "--output", file, .. options]);
        using var session = Session.Open(file);
        Assert.AreEqual(outputs, string.Join(", ", session.Outputs));
    }

    /// <summary>The same weights by way of a file of tensors.</summary>
    [TestMethod]
    public void WeightsComeFromACheckpoint()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["a.onnx"], "--no-fold");
        var weights = folder["w.safetensors"];
        Save(weights, "cifar_resnet20", gain: 1.3);
        Cli.Output("export", "cifar_resnet20", "--output", folder["b.onnx"], "--no-fold", "--checkpoint", weights);
        Cli.Output("convert", weights, "--model", "cifar_resnet20", "--output", folder["c.onnx"], "--no-fold");
        Cli.Output("convert", weights, "--model", "cifar_resnet20", "--output", folder["d.safetensors"]);
        var (a, b, c) = (Run(folder["a.onnx"]), Run(folder["b.onnx"]), Run(folder["c.onnx"]));
        CollectionAssert.AreEqual(b, c);
        CollectionAssert.AreNotEqual(a, b);
        Cli.Output("export", "cifar_resnet20", "--output", folder["e.onnx"], "--no-fold", "--checkpoint",
            folder["d.safetensors"]);
        CollectionAssert.AreEqual(b, Run(folder["e.onnx"]));
        using var converted = Checkpoint.Open(folder["d.safetensors"]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights)));
        Assert.AreEqual((hash, hash, hash), (Card(folder["b.onnx"]).Source, Card(folder["c.onnx"]).Source,
            converted.Metadata["onnxtimm.source"]));
    }

    [TestMethod]
    [DataRow("--output", "export", "cifar_resnet20")]
    [DataRow("There is no file \"absent.pth\"", "export", "cifar_resnet20", "--checkpoint", "absent.pth", "--output",
        "x.onnx")]
    [DataRow("There is no class map \"absent.txt\"", "export", "cifar_resnet20", "--labels", "absent.txt", "--output",
        "x.onnx")]
    [DataRow("out_indices", "export", "cifar_resnet20", "--features-only", "--out-indices", "9", "--output", "x.onnx")]
    [DataRow("No global pool \"avgg\"", "export", "cifar_resnet20", "--gp", "avgg", "--output", "x.onnx")]
    [DataRow("Cannot write", "export", "cifar_resnet20", "--output", "/proc/such/x.onnx")]
    [DataRow("neither an .onnx nor a .safetensors", "convert", "x.pth", "--model", "cifar_resnet20", "--output",
        "x.pb")]
    [DataRow("--no-fold does nothing here: it needs an .onnx file", "convert", "x.pth", "--no-fold", "--output",
        "x.safetensors")]
    [DataRow("--num-classes does nothing here: it needs a network", "convert", "x.pth", "--num-classes", "7",
        "--output", "x.safetensors")]
    [DataRow("--allow-missing does nothing here", "convert", "x.params", "--symbol", "x.json", "--allow-missing", "z",
        "--output", "x.onnx")]
    [DataRow("There are no pretrained weights", "export", "cifar_resnet20", "--pretrained", "--output", "x.onnx")]
    public void AMistakeIsOneMessage(string message, params string[] args) => Assert.Contains(message, Cli.Error(args));

    [TestMethod]
    public void AnotherNumberOfClassesIsRefused()
    {
        using var folder = new TempFolder();
        var weights = folder["w.safetensors"];
        Save(weights, "cifar_resnet20", gain: 1);
        var error = Cli.Error("export", "cifar_resnet20", "--num-classes", "7", "--checkpoint", weights, "--output",
            folder["x.onnx"]);
        Assert.Contains("--num-classes 10", error);
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }

    /// <summary>The published Inception-v3 of torchvision has the second head of its training.</summary>
    [TestMethod]
    public void AHeadOfTrainingAloneIsLeftOut()
    {
        using var folder = new TempFolder();
        var (from, to) = (folder["a.safetensors"], folder["b.safetensors"]);
        Save(from, "inception_v3", gain: 1, ("AuxLogits.fc.weight", Tensor.Of(new float[10], 10)));
        Cli.Output("convert", from, "--model", "inception_v3", "--output", to);
        using var weights = Checkpoint.Open(to);
        CollectionAssert.AreEqual(Zoo.Build("inception_v3").Graph.Weights.Select(w => w.Name).ToArray(),
            weights.Keys.ToArray());
    }

    static void Save(string path, string model, double gain, params (string Name, Tensor Data)[] more) =>
        SafetensorsWriter.Write(path, [.. Fill.Weights(Zoo.Build(model).Graph, gain).Weights.Select(w =>
            KeyValuePair.Create(w.Name, w.Data!)),
            .. more.Select(m => KeyValuePair.Create(m.Name, m.Data))]);

    static ModelCard Card(string file)
    {
        using var session = Session.Open(file);
        return ModelCard.Read(session.Metadata, file)!;
    }

    static string Facts(ModelCard card) => $"{card.Architecture} {card.Tag} {card.PretrainedCfg}";

    static float[] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 32, 32]);
        return binding.Run(Fill.Input(1, 3, 32, 32)).ToArray();
    }
}
