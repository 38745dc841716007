using OnnxTimm.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace OnnxTimm.Tests.Library;

[TestClass]
public sealed class ImageSharpTests
{
    static readonly string Swan = Path.Combine(Paths.Root, "demo", "photos", "n01860187_black_swan.JPEG");

    /// <summary>The same pixels by another library's image, in one piece of memory and in several.</summary>
    [TestMethod]
    public void ItsImagesAreClassified()
    {
        using var folder = new TempFolder();
        using (var loaded = ModelLoader.Load(new("cifar_resnet20")))
            loaded.Export(folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        using var decoded = ImageDecoder.Decode(Swan);
        using var image = decoded.ToImageSharp();
        CollectionAssert.AreEqual(model.Classify(Swan), model.Classify(image));
        CollectionAssert.AreEqual(model.Embed(Swan), model.Embed(image));
        var pieces = Configuration.Default.Clone();
        pieces.PreferContiguousImageBuffers = false;
        pieces.MemoryAllocator = new SixLabors.ImageSharp.Memory.SimpleGcMemoryAllocator();
        using var other = image.Clone(pieces);
        CollectionAssert.AreEqual(model.Classify(Swan), model.Classify(other));
    }

    /// <summary>What a model sees is what the transform gives, which timm's and Pillow's tests hold.</summary>
    [TestMethod]
    public void WhatAModelSeesIsShown()
    {
        using var folder = new TempFolder();
        using (var loaded = ModelLoader.Load(new("cifar_resnet20")))
            loaded.Export(folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        using var decoded = ImageDecoder.Decode(Swan);
        using var image = decoded.ToImageSharp();
        using var seen = model.Seen(image);
        using var expected = EvalTransform.Create(model.Preprocess).Apply(decoded.View());
        var pixels = new Rgb24[seen.Width * seen.Height];
        seen.CopyPixelDataTo(pixels);
        CollectionAssert.AreEqual(expected.ToRgb(), pixels.SelectMany(p => new[] { p.R, p.G, p.B }).ToArray());
        Assert.AreEqual((32, 32), (seen.Width, seen.Height));
    }
}
