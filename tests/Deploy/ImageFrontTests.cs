using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Deploy;

/// <summary>The graph prepares images as the library does.</summary>
[TestClass]
public sealed class ImageFrontTests
{
    static readonly string Weights = Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors");

    static string Photos => Paths.HasShared("data", "photos") ? Paths.Shared("data", "photos")
        : Path.Combine(Paths.Root, "demo", "photos");

    /// <summary>Pixels are within one of 255, by each rule of sizes, on photos of their own sizes.</summary>
    [TestMethod]
    [DataRow(64, 64, Interpolation.Bicubic, CropMode.Center, 0.875, 0, 40, true)]
    [DataRow(64, 64, Interpolation.Bicubic, CropMode.Center, 0.875, 0, 40, false)]
    [DataRow(64, 64, Interpolation.Bilinear, CropMode.Center, 1, 3, 6, true)]
    [DataRow(64, 96, Interpolation.Bicubic, CropMode.Center, 0.9, 0, 6, true)]
    [DataRow(64, 96, Interpolation.Bicubic, CropMode.Center, 0.9, 0, 6, false)]
    [DataRow(48, 64, Interpolation.Bilinear, CropMode.Squash, 0.95, 0, 6, true)]
    [DataRow(48, 64, Interpolation.Bicubic, CropMode.Squash, 1, 5, 6, true)]
    public void PixelsAreThoseOfTheLibrary(int height, int width, Interpolation filter, CropMode mode, double cropPct,
        int border, int photos, bool antialiases)
    {
        var config = new DataConfig
        {
            Height = height,
            Width = width,
            Interpolation = filter,
            CropMode = mode,
            CropPct = cropPct,
            CropBorderPixels = border,
        };
        var graph = new Graph("pixels");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, height, width));
        graph.Output("pixels", x.Identity());
        using var session = Session.Load(OnnxFile.ToBytes(ImageFront.Put(graph, config, antialiases)), "front");
        var (transform, expected) = (EvalTransform.Create(config), new float[3 * height * width]);
        foreach (var photo in Directory.GetFiles(Photos).Order().Take(photos))
        {
            using var image = ImageDecoder.Decode(photo);
            transform.Apply(image.View(), expected);
            using var binding = InputImage.Bind(session, config, image.View());
            binding.Run();
            var most = binding.Output<float>().ToArray().Select((got, i) =>
                Math.Abs(got - expected[i]) * config.Std[i / (height * width)] * 255).Max();
            Assert.IsLessThan(1.001, most, photo);
        }
    }

    /// <summary>A file that takes photos as they are names the same five classes, in the same order.</summary>
    [TestMethod]
    public void TheSameClassesAreNamed()
    {
        using var folder = new TempFolder();
        using var loaded = ModelLoader.Load(new("tf_efficientnet_lite0") { Checkpoint = Weights });
        loaded.Export(folder["plain.onnx"], new() { Digest = false });
        loaded.Export(folder["whole.onnx"], new() { EmbedPreprocess = true, TopK = 5 });
        using var plain = Classifier.Open(folder["plain.onnx"]);
        using var whole = Classifier.Open(folder["whole.onnx"]);
        foreach (var photo in Directory.GetFiles(Photos))
            CollectionAssert.AreEqual(plain.Classify(photo).Select(p => p.Label).ToArray(),
                whole.Classify(photo).Select(p => p.Label).ToArray(), photo);
        var verified = Verification.Of(folder["whole.onnx"]);
        Assert.IsTrue(verified.IsEqual, string.Join(", ", verified.Outputs));
        var said = Cli.Cli.Output("infer", "--model", folder["whole.onnx"], "--json", Directory.GetFiles(Photos)[0]);
        Assert.Contains(plain.Classify(Directory.GetFiles(Photos)[0], 1)[0].Label, said);
        Assert.Contains("\"embedded\":\"full\"", OnnxFile.Read(folder["whole.onnx"]).Metadata["onnxtimm.preprocess"]);
    }

    [TestMethod]
    public void WhatHasNoSuchFormIsNamed()
    {
        var graph = new Graph("net");
        graph.Output("y", graph.Input("input", DType.Float32, new(Dim.Batch, 3, 8, 8)).Identity());
        string Fault(DataConfig config) =>
            Assert.ThrowsExactly<UserException>(() => ImageFront.Put(graph, config, true)).Message;
        var config = new DataConfig { Height = 8, Width = 8 };
        Assert.Contains("lanczos", Fault(config with { Interpolation = Interpolation.Lanczos }));
        Assert.Contains("border", Fault(config with { CropMode = CropMode.Border }));
        Assert.Contains("border", Fault(config with { CropPct = 1.1 }));
    }
}
