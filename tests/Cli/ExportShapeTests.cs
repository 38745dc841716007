using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Cli;

/// <summary>One file with logits and features, with probabilities and best classes, or for any size.</summary>
[TestClass]
public sealed class ExportShapeTests
{
    [TestMethod]
    [DataRow("\"logits\" Float32[N, 10], \"feature_0\" Float32[N, 16, 32, 32], \"feature_1\" Float32[N, 32, 16, 16], "
        + "\"feature_2\" Float32[N, 64, 8, 8]", "--with-features")]
    [DataRow("\"logits\" Float32[N, 10], \"feature_0\" Float32[N, 32, 16, 16], \"feature_1\" Float32[N, 64, 8, 8]",
        "--with-features", "1", "-1")]
    [DataRow("\"features\" Float32[N, 64], \"feature_0\" Float32[N, 64, 8, 8]", "--with-features", "-1",
        "--num-classes", "0")]
    [DataRow("\"probabilities\" Float32[N, 10], \"top_values\" Float32[N, 3], \"top_classes\" Int64[N, 3]",
        "--softmax", "--top-k", "3")]
    [DataRow("\"logits\" Float32[N, 10], \"top_values\" Float32[N, 2], \"top_classes\" Int64[N, 2]", "--top-k", "2",
        "--dtype", "float16")]
    public void OutputsAreNamed(string outputs, params string[] flags)
    {
        using var folder = new TempFolder();
        Cli.Output(["export", "cifar_resnet20", "--output", folder["m.onnx"], .. flags]);
        using var session = Session.Open(folder["m.onnx"]);
        Assert.AreEqual(outputs, string.Join(", ", session.Outputs));
        Assert.Contains(": equal", Cli.Output("verify", folder["m.onnx"]));
    }

    /// <summary>Logits and maps are those of the two files that give them alone.</summary>
    [TestMethod]
    public void FeaturesAreThoseOfFeaturesOnly()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["both.onnx"], "--with-features", "0", "2");
        Cli.Output("export", "cifar_resnet20", "--output", folder["maps.onnx"], "--features-only", "--out-indices", "0",
            "2");
        Cli.Output("export", "cifar_resnet20", "--output", folder["logits.onnx"]);
        var (both, maps, logits) = (Run(folder["both.onnx"]), Run(folder["maps.onnx"]), Run(folder["logits.onnx"]));
        float[][] expected = [logits[0], .. maps];
        foreach (var (a, b) in both.Zip(expected))
            Assert.IsLessThan(Tolerances.Get("cli/logits"), a.Zip(b, (x, y) => Math.Abs(x - y)).Max());
    }

    /// <summary>The best classes are those that a sort of the probabilities has in front.</summary>
    [TestMethod]
    public void TheBestClassesComeFirst()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["m.onnx"], "--softmax", "--top-k", "4");
        using var session = Session.Open(folder["m.onnx"]);
        using var binding = session.Bind([1, 3, 32, 32]);
        Fill.Input(1, 3, 32, 32).CopyTo(binding.Input<float>());
        binding.Run();
        var all = binding.Output<float>(0).ToArray();
        Assert.AreEqual(1, all.Sum(), 1e-5);
        var order = Enumerable.Range(0, 10).OrderByDescending(c => all[c]).Take(4).ToArray();
        CollectionAssert.AreEqual(order.Select(c => (long)c).ToArray(), binding.Output<long>(2).ToArray());
        CollectionAssert.AreEqual(order.Select(c => all[c]).ToArray(), binding.Output<float>(1).ToArray());
    }

    /// <summary>One file gives at three sizes what three files give.</summary>
    [TestMethod]
    [DataRow("resnet18")]
    [DataRow("mobilenetv2_100")]
    [DataRow("convnext_atto")]
    public void OneFileTakesAnySize(string name)
    {
        using var folder = new TempFolder();
        Cli.Output("export", name, "--num-classes", "7", "--dynamic-size", "--output", folder["any.onnx"]);
        using var any = Session.Open(folder["any.onnx"]);
        Assert.AreEqual("\"input\" Float32[N, 3, height, width]", $"{any.Inputs.Single()}");
        Assert.AreEqual("\"logits\" Float32[N, 7]", $"{any.Outputs.Single()}");
        foreach (var (height, width) in ((int, int)[])[(160, 192), (224, 224), (256, 320)])
        {
            Cli.Output("export", name, "--num-classes", "7", "--input-size", "3", $"{height}", $"{width}",
                "--no-digest", "--output", folder["one.onnx"]);
            using var one = Session.Open(folder["one.onnx"]);
            using var here = any.Bind([1, 3, height, width]);
            using var there = one.Bind([1, 3, height, width]);
            var image = Fill.Input(1, 3, height, width);
            var got = here.Run(image).ToArray();
            var far = OnnxTimm.Deploy.Distance.Of(got, there.Run(image));
            Assert.IsLessThan(Tolerances.Get("cli/dynamic"), far, $"{name} {height}x{width}");
        }
    }

    /// <summary>In half precision too, where sums over an image of open size stay in float32.</summary>
    [TestMethod]
    public void AnySizeInHalfPrecision()
    {
        using var folder = new TempFolder();
        foreach (var (file, type) in ((string, string)[])[("half.onnx", "float16"), ("whole.onnx", "float32")])
            Cli.Output("export", "resnet18", "--num-classes", "7", "--dynamic-size", "--dtype", type, "--output",
                folder[file]);
        Assert.AreEqual(DType.Float32,
            OnnxFile.Read(folder["half.onnx"]).Nodes.Single(HalfPrecision.IsSum).Out.Type);
        using var half = Session.Open(folder["half.onnx"]);
        using var whole = Session.Open(folder["whole.onnx"]);
        using var here = half.Bind([1, 3, 256, 320]);
        using var there = whole.Bind([1, 3, 256, 320]);
        var image = Fill.Input(1, 3, 256, 320);
        var got = here.Run(image).ToArray();
        Assert.IsLessThan(OnnxTimm.Deploy.Distance.MostOfHalf,
            OnnxTimm.Deploy.Distance.Of(got, there.Run(image)));
    }

    /// <summary>Ten networks in half precision: half the file, and on photos the logits of float32.</summary>
    [TestMethod]
    [TestCategory("all")]
    [DataRow("resnet18")]
    [DataRow("mobilenetv2_100")]
    [DataRow("efficientnet_b0")]
    [DataRow("tf_efficientnet_lite0")]
    [DataRow("hrnet_w18_small")]
    [DataRow("vit_tiny_patch16_224")]
    [DataRow("convnext_atto")]
    [DataRow("repvgg_a0")]
    [DataRow("regnety_002")]
    [DataRow("swin_tiny_patch4_window7_224")]
    public void HalfPrecisionHalvesTheFile(string name)
    {
        using var folder = new TempFolder();
        string[] weights = name == "tf_efficientnet_lite0"
            ? ["--checkpoint", Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors")] : [];
        foreach (var (file, type) in ((string, string)[])[("half.onnx", "float16"), ("whole.onnx", "float32")])
            Cli.Output(["export", name, .. weights, "--dtype", type, "--output", folder[file]]);
        var (half, whole) = (Logits(folder["half.onnx"]), Logits(folder["whole.onnx"]));
        var far = half.Zip(whole, (got, expected) => OnnxTimm.Deploy.Distance.Of(got, expected)).Max();
        var share = (double)new FileInfo(folder["half.onnx"]).Length / new FileInfo(folder["whole.onnx"]).Length;
        Console.WriteLine($"{name}: {far:0.0e-00} of the deviation, {share:P1} of the file");
        Assert.IsLessThan(OnnxTimm.Deploy.Distance.MostOfHalf, far, name);
        Assert.IsLessThan(0.55, share, name);
    }

    static float[][] Logits(string file)
    {
        using var session = Session.Open(file);
        var config = ModelCard.Read(session.Metadata, file)!.Preprocess;
        using var binding = session.Bind(InputImage.Shapes(session, config, 1));
        var transform = EvalTransform.Create(config);
        return [.. Directory.GetFiles(Path.Combine(Paths.Root, "demo", "photos")).Order(StringComparer.Ordinal)
            .Select(photo =>
            {
                using var image = ImageDecoder.Decode(photo);
                transform.Apply(image.View(), binding.Input<float>());
                binding.Run();
                return binding.Output<float>().ToArray();
            })];
    }

    [TestMethod]
    [DataRow("Reshape", "vit_tiny_patch16_224")]
    [DataRow("Conv", "tf_efficientnet_lite0")]
    [DataRow("takes images of one size: ", "swin_tiny_patch4_window7_224")]
    public void WhatDependsOnTheSizeIsNamed(string what, string name)
    {
        using var folder = new TempFolder();
        var error = Cli.Error("export", name, "--dynamic-size", "--output", folder["x.onnx"]);
        Assert.Contains(what, error);
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }

    [TestMethod]
    [DataRow("gives no logits", "--num-classes", "0", "--softmax")]
    [DataRow("has 10 classes, not 11", "--top-k", "11")]
    [DataRow("--top-k must be at least 1", "--top-k", "0")]
    [DataRow("numbers of maps, not \"last\"", "--with-features", "last")]
    [DataRow("out_indices", "--with-features", "9")]
    [DataRow("does not go with it", "--dynamic-size", "--embed-preprocess")]
    [DataRow("images have 3 channels", "--in-chans", "1", "--embed-preprocess")]
    [DataRow("one image of a fixed size goes in at a time", "--batch-size", "2", "--embed-preprocess")]
    [DataRow("opset 15", "--opset", "14", "--embed-preprocess")]
    public void AMistakeIsOneMessage(string message, params string[] flags)
    {
        using var folder = new TempFolder();
        Assert.Contains(message, Cli.Error(["export", "cifar_resnet20", "--output", folder["x.onnx"], .. flags]));
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }

    static float[][] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 32, 32]);
        Fill.Input(1, 3, 32, 32).CopyTo(binding.Input<float>());
        binding.Run();
        return [.. session.Outputs.Select((_, i) => binding.Output<float>(i).ToArray())];
    }
}
