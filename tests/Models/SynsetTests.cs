using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Names of ImageNet's classes, against timm's imagenet_info.</summary>
[TestClass]
public sealed class SynsetTests
{
    /// <summary>timm 1.0: ImageNetInfo(subset).index_to_description(index), detailed as asked.</summary>
    [TestMethod]
    [DataRow(1000, 100, "n01860187", "black swan, Cygnus atratus", "large Australian swan having black pluma")]
    [DataRow(11821, 5000, "n03659950", "lever lock", "a lock whose tumblers are levers that mu")]
    [DataRow(21841, 21840, "n15102894", "knothole", "a hole in a board where a knot came out")]
    [DataRow(21843, 7, "n00021265", "food, nutrient", "any substance that can be metabolized by")]
    [DataRow(21842, 1500, "n01501777", "little skate, Raja erinacea", "most plentiful skate in North American i")]
    [DataRow(11221, 11220, "n15102894", "knothole", "a hole in a board where a knot came out")]
    public void DescriptionsAreTimms(int classes, int index, string id, string words, string meaning)
    {
        Assert.AreEqual(id, Synsets.Labels(classes, "name")[index]);
        Assert.AreEqual(words, Synsets.Labels(classes, "description")[index]);
        StringAssert.StartsWith(Synsets.Labels(classes, "detailed")[index], $"{words}: {meaning}");
        Assert.HasCount(classes, Synsets.Labels(classes, "detailed"));
    }

    [TestMethod]
    public void OtherNumbersHaveNoNames() => Assert.IsEmpty(Synsets.Labels(10, "description"));
}
