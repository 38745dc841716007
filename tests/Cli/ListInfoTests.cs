using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class ListInfoTests
{
    [TestMethod]
    public void ListsByWildcardInNaturalOrder() =>
        Assert.AreEqual("resnet10t\nresnet14t\nresnet18\nresnet18d\n",
            Cli.Output("list", "resnet1?*", "--module", "resnet")
            .Replace("resnet101\nresnet101c\nresnet101d\nresnet101s\nresnet152\nresnet152c\nresnet152d\nresnet152s\n", ""));

    [TestMethod]
    public void ListsTagsOfWeights() =>
        Assert.Contains("resnet50.a1_in1k\n", Cli.Output("list", "resnet50", "--pretrained"));

    [TestMethod]
    public void ListsAsJson() =>
        Assert.AreEqual("resnet18", JsonDocument.Parse(Cli.Output("list", "resnet18",
            "--json")).RootElement[0].GetString());

    /// <summary>timm: 25.557032 M parameters; 4.11 GMACs and 11.11 M activations in its tables.</summary>
    [TestMethod]
    public void InfoHasTimmsFigures()
    {
        var info = JsonDocument.Parse(Cli.Output("info", "resnet50", "--json")).RootElement;
        Assert.AreEqual(25557032, info.GetProperty("params").GetInt64());
        Assert.AreEqual(4.11, info.GetProperty("gmacs").GetDouble());
        Assert.AreEqual(11.11, info.GetProperty("macts").GetDouble(), 0.01);
        Assert.AreEqual(2048, info.GetProperty("num_features").GetInt64());
    }

    [TestMethod]
    public void InfoTakesAnotherSizeAndHead()
    {
        var info = JsonDocument.Parse(Cli.Output("info", "resnet18", "--img-size", "96", "--num-classes", "10",
            "--json")).RootElement;
        Assert.AreEqual(96, info.GetProperty("img_size").GetInt32());
        Assert.AreEqual(11689512 - 513 * 990, info.GetProperty("params").GetInt64());
    }

    [TestMethod]
    [DataRow("Did you mean \"resnet50\"?", "info", "resnet5O")]
    [DataRow("Did you mean \"list\"?", "lst")]
    [DataRow("Did you mean \"--pretrained\"?", "list", "--pretraind")]
    [DataRow("Did you mean \"resnet\"?", "list", "--module", "resnets")]
    [DataRow("No model matches", "list", "nothing*")]
    [DataRow("--top needs a value.", "list", "--top")]
    [DataRow("--max-params needs a value.", "list", "--max-params", "--pretrained")]
    [DataRow("--img-size needs a value.", "info", "resnet18", "--img-size")]
    [DataRow("No license \"apache\". There are: apache-2.0,", "list", "--license", "apache")]
    [DataRow("There are: name, top1, params, gmacs.", "list", "--sort", "size")]
    [DataRow("info needs the name", "info")]
    [DataRow("--img-size", "info", "resnet18", "--img-size", "large")]
    public void AMistakeIsOneMessage(string message, params string[] args) => Assert.Contains(message, Cli.Error(args));

    [TestMethod]
    public void HelpSaysWhatThereIs()
    {
        Assert.Contains("info", Cli.Output());
        Assert.Contains("--module", Cli.Output("list", "--help"));
    }
}
