using OnnxTimm.Cli.Results;
using OnnxTimm.Models;
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
    Dictionary<string, object> Front =>
        new Deserializer().Deserialize<Dictionary<string, object>>(Card.Split("---\n")[1]);

    [TestMethod]
    public void AnExportHasItsCard()
    {
        Cli.Output("export", "test_resnet", "--num-classes", "3", "--output", folder["n.onnx"], "--card");
        Assert.AreEqual("unknown", Front["license"], "initial weights are nobody's");
        Assert.AreEqual("onnx", Front["library_name"]);
        Assert.AreEqual("image-classification", Front["pipeline_tag"]);
        Assert.IsFalse(Front.ContainsKey("datasets"));
        string[] parts = ["onnxtimm infer --model n.onnx --data-dir PHOTOS", "logits [N, 3]", "model.Classify(",
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
        Cli.Output("convert", folder["n.onnx"], "--model", "test_resnet", "--output", folder["w.safetensors"],
            "--card");
        Assert.AreEqual("timm", Front["library_name"]);
        StringAssert.Contains(Card, "onnxtimm infer --model test_resnet --checkpoint w.safetensors");
        StringAssert.Contains(Card, "Classifier.Create(\"test_resnet\", \"w.safetensors\");");
    }

    /// <summary>Licences are of timm's records, accuracies of its results-imagenet.csv.</summary>
    [TestMethod]
    [DataRow("resnet18.a1_in1k", "license: apache-2.0\n", "datasets:\n- imagenet-1k\n",
        "base_model: timm/resnet18.a1_in1k\n", "top-1 73.2 %, top-5 91.1 % at 288 px")]
    [DataRow("convnextv2_atto.fcmae_ft_in1k", "license: cc-by-nc-4.0\n")]
    [DataRow("fastvit_t8.apple_in1k", "license: other\nlicense_name: fastvit-license\n")]
    [DataRow("resnet50_clip.openai", "pipeline_tag: image-feature-extraction\n", "float[] features =")]
    public void WeightsOfTimmAreNamed(string name, params string[] parts)
    {
        var model = Zoo.Build(name);
        var text = new HubCard(model, Cards.Of(model).WithRecord(model.Record), "n.onnx").Text();
        foreach (var part in parts)
            StringAssert.Contains(text, part);
    }

    /// <summary>The calls for .NET are those of the page, whose programs are run.</summary>
    [TestMethod]
    public void UsesAreThoseOfThePage()
    {
        Cli.Output("export", "test_resnet", "--output", folder["n.onnx"], "--card");
        var sample = File.ReadAllText(Path.Combine(Paths.Root, "docs", "library.md"));
        string[] calls = ["using OnnxTimm;", "using var model = Classifier.Open(", "model.Classify(\"photo.jpg\", top: 5)"];
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
