namespace OnnxTimm.Tests;

[TestClass]
public sealed class NearestTests
{
    [TestMethod]
    public void HintNamesTheNearestCandidate() =>
        Assert.AreEqual(" Did you mean \"resnet50\"?", Nearest.Hint("resnet5O", ["resnet18", "resnet50", "vgg16"]));

    [TestMethod]
    public void HintIsEmptyWhenNothingIsNear() => Assert.AreEqual("", Nearest.Hint("zzz", ["resnet18"]));
}
