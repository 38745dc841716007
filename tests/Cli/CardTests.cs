using YamlDotNet.Serialization;

namespace OnnxTimm.Tests.Cli;

/// <summary>The README.md that a hub shows beside a file.</summary>
[TestClass]
public sealed class CardTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    string Card => File.ReadAllText(folder["README.md"]);

    /// <summary>The front matter as a YAML reader takes it.</summary>
    Dictionary<string, object> Front => new Deserializer().Deserialize<Dictionary<string, object>>(Card.Split("---\n")[1]);

    [TestMethod]
    public void AnExportHasItsCard()
    {
        Cli.Output("export", "test_resnet", "--num-classes", "3", "--output", folder["n.onnx"], "--card");
        Assert.AreEqual("unknown", Front["license"], "initial weights are nobody's");
        Assert.AreEqual("onnx", Front["library_name"]);
        Assert.AreEqual("image-classification", Front["pipeline_tag"]);
        Assert.IsFalse(Front.ContainsKey("datasets"));
        string[] parts = ["onnxtimm infer --model n.onnx --data-dir PHOTOS", "logits [N, 3]", "Logits.Top(",
            "yours to say here"];
        foreach (var part in parts)
            StringAssert.Contains(Card, part);
        Cli.Output("export", "test_resnet", "--num-classes", "0", "--output", folder["n.onnx"], "--card");
        Assert.AreEqual("image-feature-extraction", Front["pipeline_tag"], "its own card is written anew");
    }

    [TestMethod]
    public void AConversionHasItsCard()
    {
        Cli.Output("export", "test_resnet", "--no-fold", "--output", folder["n.onnx"]);
        Cli.Output("convert", folder["n.onnx"], "--model", "test_resnet", "--output", folder["w.safetensors"], "--card");
        Assert.AreEqual("timm", Front["library_name"]);
        StringAssert.Contains(Card, "onnxtimm infer --model test_resnet --checkpoint w.safetensors");
        StringAssert.Contains(Card, "Zoo.Build(\"test_resnet\");");
    }

    /// <summary>The lines for .NET are those of the sample, which is compiled.</summary>
    [TestMethod]
    public void UsesAreThoseOfTheSample()
    {
        Cli.Output("export", "test_resnet", "--output", folder["n.onnx"], "--card");
        var sample = File.ReadAllText(Path.Combine(Paths.Root, "docs", "samples", "Classify.cs"));
        string[] calls = ["session.Bind([1, card.Preprocess.Channels, card.Preprocess.Height, card.Preprocess.Width]);",
            "EvalTransform.Create(card.Preprocess).Apply(File.ReadAllBytes(photo), photo, binding.Input<float>());",
            "binding.Run();", "var top = Logits.Top(binding.Output<float>(), 5);"];
        foreach (var call in calls)
        {
            StringAssert.Contains(Card, call);
            StringAssert.Contains(sample, call);
        }
    }

    [TestMethod]
    public void SomebodysPageStays()
    {
        File.WriteAllText(folder["README.md"], "mine");
        Assert.Contains("is there already", Cli.Error("export", "test_resnet", "--output", folder["n.onnx"], "--card"));
        Assert.IsFalse(File.Exists(folder["n.onnx"]));
        Assert.AreEqual("mine", Card);
        Assert.Contains("--card does nothing here", Cli.Error("convert", folder["README.md"], "--output",
            folder["w.safetensors"], "--card"));
    }
}
