using System.Xml.Linq;
using OnnxTimm.Models;
using OnnxTimm.ZooTools;

namespace OnnxTimm.Tests.Models;

/// <summary>The pages of models are what the zoo, the index and the records make them.</summary>
[TestClass]
public sealed class ModelPageTests
{
    [TestMethod]
    public void PagesAreOfTheZoo()
    {
        Same("docs/models.md", ModelsPage.Of(Paths.Root));
        foreach (var module in Zoo.Modules)
            Same($"docs/models/{module}.md", FamilyPage.Of(Paths.Root, module));
    }

    [TestMethod]
    public void PlotsAreOfTheIndex()
    {
        Same("docs/images/top1-params.svg", ScatterPlot.OfParams());
        Same("docs/images/top1-gmacs.svg", ScatterPlot.OfGMacs());
    }

    /// <summary>Pictures of some families, others each day, drawn anew.</summary>
    [TestMethod]
    public void PicturesAreOfTheGraphs()
    {
        foreach (var module in Asked.Sample(Zoo.Modules, module => Zoo.List(module: module).First(), 8))
            Same(FamilyPage.Picture(module), StageDiagram.Of(FamilyPage.Example(module))!);
    }

    [TestMethod]
    public void PicturesAreWellFormed()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Paths.Root, "docs", "models"), "*.svg"))
            Assert.AreEqual("svg", XDocument.Load(file).Root!.Name.LocalName, file);
    }

    /// <summary>He et al. 2015 (arXiv:1512.03385), figure 5, right: 1x1, 3x3, 1x1 and a sum with what came in.</summary>
    [TestMethod]
    public void ABottleneckIsDrawn()
    {
        var picture = StageDiagram.Of("resnet50")!;
        string[] parts = ["stages 1–4", "3, 4, 6, 3 blocks", "conv 3×3", "64…512", "256…2048", "BN · ReLU", ">+<"];
        foreach (var part in parts)
            StringAssert.Contains(picture, part);
    }

    /// <summary>Dosovitskiy et al. (arXiv:2010.11929), figure 1: norm, attention, sum, norm, MLP, sum.</summary>
    [TestMethod]
    public void ATransformerIsDrawn()
    {
        var picture = StageDiagram.Of("vit_tiny_patch16_224")!;
        string[] order = [">stage 1<", ">LN<", ">linear<", ">576<", "attention, 3 heads", ">192<", ">+<", ">LN<",
            ">768<", "GELU", ">192<", ">+<"];
        var at = 0;
        foreach (var part in order)
        {
            at = picture.IndexOf(part, at, StringComparison.Ordinal);
            Assert.IsGreaterThan(-1, at, part);
        }
    }

    static void Same(string file, string content) => Assert.AreEqual(content,
        File.ReadAllText(Path.Combine(Paths.Root, file)), $"{file}: build.sh docs writes it");
}
