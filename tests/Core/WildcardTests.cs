namespace OnnxTimm.Tests;

[TestClass]
public sealed class WildcardTests
{
    [TestMethod]
    [DataRow("resnet50", "resnet50", true)]
    [DataRow("resnet50", "resnet50d", false)]
    [DataRow("resnet*", "resnet50d", true)]
    [DataRow("*50", "resnet50d", false)]
    [DataRow("resnet5?", "resnet50", true)]
    [DataRow("resnet5?", "resnet5", false)]
    [DataRow("*.bias", "fc.bias", true)]
    [DataRow("*.bias", "fcxbias", false)]
    [DataRow("ResNet*", "resnet50", false)]
    [DataRow("*a*b*", "xaxxbx", true)]
    [DataRow("*", "resnet50.a1_in1k", true)]
    [DataRow(@"a\*", @"a\b", true)]
    [DataRow(@"a\*", "a*", false)]
    [DataRow("a.b[0-9]", "a.b1", false)]
    public void FitsWholeNames(string pattern, string name, bool fits) =>
        Assert.AreEqual(fits, new Wildcard(pattern).Fits(name));
}
