using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

/// <summary>Trained weights on real images against timm and PyTorch (tests/golden/real).</summary>
[TestClass]
public sealed class RealWeightsTests
{
    [TestMethod]
    public void Lite0SeesWhatTimmSees()
    {
        var weights = Paths.Shared("weights", "imagenet", "efficientnet-lite0-57934424.pth");
        var output = Cli.Output("infer", "--model", "tf_efficientnet_lite0", "--checkpoint", weights,
            "--data-dir", Paths.Shared("data", "photos"), "--topk", "5");
        var result = JsonDocument.Parse(output.Split("--result")[1]).RootElement;
        var photos = Golden.Json("real", "efficientnet_lite0_photos.json")
            .GetProperty("tf_efficientnet_lite0").GetProperty("photos");
        foreach (var photo in photos.EnumerateObject())
        {
            var row = result.GetProperty(photo.Name);
            CollectionAssert.AreEqual(Numbers(photo.Value, "top5"), Numbers(row, "index"), photo.Name);
            foreach (var (expected, got) in Numbers(photo.Value, "logits").Zip(Numbers(row, "logit")))
                Assert.AreEqual(expected, got, Tolerances.Get("real/logits"), photo.Name);
        }
        Assert.AreEqual(37, photos.EnumerateObject().Count(p =>
            p.Value.GetProperty("class").GetInt32() == Numbers(result.GetProperty(p.Name), "index")[0]));
    }

    [TestMethod]
    [TestCategory("all")]
    [DataRow("cifar_resnet20", "resnet20-12fca82f.th")]
    [DataRow("cifar_resnet32", "resnet32-d509ac18.th")]
    public void CifarResNetsAreRightAsOften(string model, string file)
    {
        var output = Cli.Output("validate", "--model", model, "--checkpoint", Paths.Shared("weights", "cifar10", file),
            "--data-dir", Paths.Shared("data", "cifar10", "test.tar"));
        var result = JsonDocument.Parse(output.Split("--result")[1]).RootElement;
        var expected = Golden.Json("real", "cifar_resnet.json").GetProperty(file);
        Assert.AreEqual(expected.GetProperty("n").GetInt32(), result.GetProperty("count").GetInt32());
        Assert.AreEqual(expected.GetProperty("top1_correct").GetDouble(),
            result.GetProperty("top1_correct").GetDouble(),
            Tolerances.Get("real/top1_correct"));
    }

    static double[] Numbers(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(v =>
        v.GetDouble())];
}
