using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Blocks of an image, and what a nested transformer drops.</summary>
[TestClass]
public sealed class NestTests
{
    /// <summary>4 x 4 blocks, then 2 x 2, then one, whose side is a sixteenth of the image's.</summary>
    [TestMethod]
    public void AnotherImageSizeHasBlocksOfAnotherSize()
    {
        var graph = Zoo.Build("nest_tiny", new() { ImgSize = (256, 256) }).Graph;
        Assert.AreEqual(Shape.Of(1, 16, 16 * 16, 96), graph.Find("levels.0.pos_embed")!.Shape);
        Assert.AreEqual(Shape.Of(1, 4, 16 * 16, 192), graph.Find("levels.1.pos_embed")!.Shape);
        Assert.AreEqual(Shape.Of(1, 1, 16 * 16, 384), graph.Find("levels.2.pos_embed")!.Shape);
    }

    [TestMethod]
    [DataRow(224, 256)]
    [DataRow(232, 232)]
    public void AnImageThatDoesNotFallIntoBlocksIsRefused(int height, int width)
    {
        var error = Assert.ThrowsExactly<UserException>(() => Zoo.Build("nest_tiny",
            new() { ImgSize = (height, width) }));
        StringAssert.Contains(error.Message, $"multiple of 16, not {height} x {width}");
    }

    /// <summary>Twelve layers, each with two residuals: rate * layer / 11.</summary>
    [TestMethod]
    public void DepthIsStochasticByTheLayer()
    {
        var rates = new ModelOptions { DropPathRate = 0.22, AttnDropRate = 0.1, ProjDropRate = 0.1, DropRate = 0.1 };
        var nodes = Zoo.Build("nest_tiny", rates).Graph.Nodes;
        var paths = nodes.Where(n => n.Op == "DropPath").Select(n => Math.Round(n.Float("ratio"), 6)).ToArray();
        var expected = Enumerable.Range(1, 11).SelectMany(layer => Enumerable.Repeat(Math.Round(0.02 * layer, 6), 2));
        CollectionAssert.AreEqual(expected.ToArray(), paths);
        Assert.AreEqual(12 * 4 + 1, nodes.Count(n => n.Op == "Dropout"));
    }
}
