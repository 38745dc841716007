using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Library;

/// <summary>Features: what enters the last linear layer, wherever a file comes from.</summary>
[TestClass]
public sealed class EmbedTests
{
    const int Side = 8;

    static readonly byte[] Pixels = [.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)(i * 37))];

    /// <summary>timm's own features: the model with num_classes=0 (forward_head(pre_logits=True)).</summary>
    [TestMethod]
    [DataRow("test_resnet")]
    [DataRow("test_efficientnet")]
    [DataRow("test_vit")]
    [DataRow("test_convnext")]
    [DataRow("test_byobnet")]
    [DataRow("levit_128s")]
    [DataRow("mobilenetv3_small_050")]
    [DataRow("cait_xxs24_224")]
    public void AClassifiersFeaturesAreTheModelsWithoutIt(string name)
    {
        using var folder = new TempFolder();
        var photo = Path.Combine(Paths.Root, "demo", "photos", "n01860187_black_swan.JPEG");
        var expected = Embed(folder, name, new() { NumClasses = 0 }, photo);
        var found = Embed(folder, name, new(), photo);
        Assert.HasCount(expected.Length, found);
        var largest = expected.Max(Math.Abs);
        foreach (var (x, y) in expected.Zip(found))
            Assert.AreEqual(x, y, Tolerances.Get("cli/logits") * Math.Max(1, largest));
    }

    static float[] Embed(TempFolder folder, string name, ModelOptions options, string photo)
    {
        using var loaded = ModelLoader.Load(new(name) { Options = options });
        loaded.Export(folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        return model.Embed(photo);
    }

    /// <summary>Means of the three channels, then a layer of our own, at the end of which a file may have more.</summary>
    [TestMethod]
    public void TheLastLayerIsFoundBehindWhatFollowsIt()
    {
        foreach (var end in (Func<Value, Value>[])
            [x => x, x => x.Softmax(), x => x.Sigmoid(), x => x.Identity().Softmax(), x => x.Cast(DType.Float16)])
            AreNear(Means(), Run(x => end(Linear(Pooled(x)))));
        AreNear(Means(), Run(x => Pooled(x).MatMul(Weight(x, 3, 2)).Add(Weight(x, 2))));
        AreNear(Means(), Run(x => Weight(x, 2).Add(Pooled(x).MatMul(Weight(x, 3, 2)))));
    }

    /// <summary>A value inside is made an output in a copy of the file's bytes; its content may lie beside it.</summary>
    [TestMethod]
    public void ContentBesideTheFileIsFound()
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Network(x => Linear(Pooled(x))), folder["m.onnx"], externalAbove: 0);
        Assert.IsTrue(File.Exists(folder["m.onnx.data"]));
        using var model = Classifier.Open(folder["m.onnx"], AsStored);
        AreNear(Means(), model.Embed(Pixels, PixelFormat.Rgb24, Side, Side));
        Assert.AreEqual(2, model.Classes);
    }

    [TestMethod]
    public void MapsAndTokensArePooled()
    {
        AreNear(Means(), Run(x => x.Relu(), FeaturePool.Avg));
        CollectionAssert.AreEqual(Planes().Select(p => p.Max()).ToArray(), Run(x => x.Relu(), FeaturePool.Max));
        CollectionAssert.AreEqual(Planes().SelectMany(p => p).ToArray(), Run(x => x.Relu(), FeaturePool.None));
        Value Tokens(Value x) => x.Reshape(Dim.Batch, 3, Side * Side).Transpose(0, 2, 1);
        CollectionAssert.AreEqual(Planes().Select(p => p[0]).ToArray(), Run(Tokens, FeaturePool.Token));
        AreNear(Means(), Run(Tokens, FeaturePool.Avg));
    }

    /// <summary>What an encoder gives is meant, also where its last layer is linear.</summary>
    [TestMethod]
    public void AnEncodersOutputIsItsFeatures()
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Network(x => Linear(Pooled(x)), "image_embeds"), folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        Assert.HasCount(2, model.Embed(Pixels, PixelFormat.Rgb24, Side, Side));
        Assert.Contains("is features; it has no classifier", Assert.ThrowsExactly<UserException>(() =>
            model.Classify(Pixels, PixelFormat.Rgb24, Side, Side)).Message);
    }

    [TestMethod]
    public void WhatCannotBeToldIsOneLine()
    {
        var message = Assert.ThrowsExactly<UserException>(() => Run(x =>
            Linear(Pooled(x)).Add(Linear(Pooled(x.Relu()))))).Message;
        Assert.Contains("gives no features: which of its values are an image's cannot be told", message);
        using var folder = new TempFolder();
        OnnxFile.Write(Network(x => Pooled(x).Relu()), folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        Assert.ThrowsExactly<UserException>(() => model.EmbedAll([], (_, _) => { }));
    }

    [TestMethod]
    public void TheCosineOfVectors()
    {
        Assert.AreEqual(1f, Vectors.Cosine([1, 2], [2, 4]), (float)Tolerances.Get("library/means"));
        // Rounding does not lead beyond 1.
        Assert.IsLessThanOrEqualTo(1f, Enumerable.Range(1, 500).Max(i => Vectors.Cosine([i, i * 0.3f], [i, i * 0.3f])));
        Assert.AreEqual(0f, Vectors.Cosine([1, 0], [0, 3]));
        Assert.AreEqual(-1f, Vectors.Cosine([1], [-5]));
        Assert.IsTrue(float.IsNaN(Vectors.Cosine([0, 0], [1, 2])));
        Assert.AreEqual("Vectors of 1 and of 2 values have no angle: both have to come from one model.",
            Assert.ThrowsExactly<UserException>(() => Vectors.Cosine([1], [1, 2])).Message);
    }

    /// <summary>Pixels from 0 to 1, without a mean or deviation of ImageNet's.</summary>
    static ClassifierOptions AsStored => new()
    {
        Preprocess = own => own with { CropPct = 1, Mean = [0, 0, 0], Std = [1, 1, 1] },
    };

    static Value Pooled(Value x) => x.GlobalAveragePool().Flatten();

    static void AreNear(float[] expected, float[] found)
    {
        Assert.HasCount(expected.Length, found);
        foreach (var (x, y) in expected.Zip(found))
            Assert.AreEqual(x, y, Tolerances.Get("library/means"));
    }

    static float[] Run(Func<Value, Value> network, FeaturePool pool = FeaturePool.Avg)
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Network(network), folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"], AsStored with { Pool = pool });
        return model.Embed(Pixels, PixelFormat.Rgb24, Side, Side);
    }

    static Graph Network(Func<Value, Value> end, string output = "y")
    {
        var graph = new Graph("m");
        graph.Output(output, end(graph.Input("x", DType.Float32, new(Dim.Batch, 3, Side, Side))));
        return graph;
    }

    static Value Linear(Value x) => x.Gemm(Weight(x, 2, 3), Weight(x, 2), transB: true);

    static Value Weight(Value x, params long[] shape) =>
        x.Graph.Const(Tensor.Of(
            [.. Enumerable.Range(1, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(i => i / 4f)], shape));

    static float[][] Planes() => [.. Enumerable.Range(0, 3).Select(c =>
        Enumerable.Range(0, Side * Side).Select(i => Pixels[3 * i + c] / 255f).ToArray())];

    static float[] Means() => [.. Planes().Select(p => (float)p.Average(x => (double)x))];
}
