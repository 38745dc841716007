namespace OnnxTimm.Tests;

[TestClass]
public sealed class NearestTests
{
    [TestMethod]
    public void HintNamesTheNearestCandidate() =>
        Assert.AreEqual(" Did you mean \"resnet50\"?", Nearest.Hint("resnet5O", ["resnet18", "resnet50", "vgg16"]));

    [TestMethod]
    public void HintIsEmptyWhenNothingIsNear() => Assert.AreEqual("", Nearest.Hint("zzz", ["resnet18"]));

    /// <summary>Two letters of three would make a word any other.</summary>
    [TestMethod]
    public void AShortWordIsNearOnlyByOneLetter()
    {
        Assert.AreEqual("", Nearest.Hint("foo", ["volo"]));
        Assert.AreEqual(" Did you mean \"vgg\"?", Nearest.Hint("vg", ["vgg"]));
        Assert.AreEqual(" Did you mean \"sgd\"?", Nearest.Hint("sdg", ["adam", "sgd"]));
    }

    [TestMethod]
    public void AnUnknownNameGetsTheNearestOrAll()
    {
        string[] many = [.. Enumerable.Range(0, 30).Select(i => $"name_{i}")];
        Assert.AreEqual("No loss \"cf\". Did you mean \"ce\"? There are: ce, bce.",
            Nearest.Unknown("loss", "cf", ["ce", "bce"]).Message);
        Assert.AreEqual("No name \"nane_7\". Did you mean \"name_7\"?", Nearest.Unknown("name", "nane_7", many).Message);
        Assert.Contains(", name_29.", Nearest.Unknown("name", "other", many).Message);
    }
}
