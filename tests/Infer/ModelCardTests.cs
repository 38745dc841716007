using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class ModelCardTests
{
    static readonly ModelCard Card = new()
    {
        Architecture = "resnet18",
        Tag = "a1_in1k",
        PretrainedCfg = "{}",
        Preprocess = new()
        {
            Height = 96,
            Width = 128,
            Interpolation = Interpolation.Bilinear,
            CropPct = 0.9,
            CropMode = CropMode.Border,
            Mean = [0.5, 0.5, 0.5],
            Std = [0.5, 0.5, 0.5],
        },
        Labels = ["cat", "dog's \"best\"", "große Maus"],
        Source = "abc",
    };

    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        var read = ModelCard.Read(Card.ToMetadata(), "x.onnx")!;
        Assert.AreEqual("resnet18 a1_in1k {} abc", $"{read.Architecture} {read.Tag} {read.PretrainedCfg} "
            + $"{read.Source}");
        CollectionAssert.AreEqual(Card.Labels.ToArray(), read.Labels.ToArray());
        var (p, q) = (Card.Preprocess, read.Preprocess);
        Assert.AreEqual((p.Height, p.Width, p.Channels, p.Interpolation, p.CropPct, p.CropMode),
            (q.Height, q.Width, q.Channels, q.Interpolation, q.CropPct, q.CropMode));
        CollectionAssert.AreEqual(p.Mean.ToArray(), q.Mean.ToArray());
        CollectionAssert.AreEqual(p.Std.ToArray(), q.Std.ToArray());
    }

    /// <summary>
    /// Readers of Ultralytics' files evaluate <c>names</c> as a Python dictionary and <c>imgsz</c> as a list.
    /// </summary>
    [TestMethod]
    public void OtherReadersFindTheirKeys()
    {
        var metadata = Card.ToMetadata();
        Assert.AreEqual("classify", metadata["task"]);
        Assert.AreEqual("[96, 128]", metadata["imgsz"]);
        Assert.AreEqual("{0: 'cat', 1: 'dog\\'s \"best\"', 2: 'große Maus'}", metadata["names"]);
        Assert.AreEqual("Rgb8", metadata["Image.BitmapPixelFormat"]);
        Assert.AreEqual("Normalized_1_1", metadata["Image.NominalPixelRange"]);
    }

    [TestMethod]
    public void AFileOfSomebodyElseHasNoCard() => Assert.IsNull(ModelCard.Read(new Dictionary<string,
        string> { { "a", "b" } }, "x.onnx"));

    [TestMethod]
    [DataRow("no JSON")]
    [DataRow("{}")]
    [DataRow("""{"size": 3}""")]
    [DataRow("""{"channels": "three"}""")]
    public void ADamagedCardIsNamed(string preprocess)
    {
        var metadata = new Dictionary<string, string> { { "onnxtimm.preprocess", preprocess } };
        Assert.Contains("x.onnx", Assert.Throws<UserException>(() => ModelCard.Read(metadata, "x.onnx")).Message);
    }
}
