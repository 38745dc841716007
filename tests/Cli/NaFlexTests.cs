using System.Text.Json;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

/// <summary>From a name to labels of photos of any shape.</summary>
[TestClass]
public sealed class NaFlexTests
{
    const string Name = "naflexvit_base_patch16_gap";

    static readonly string Photo = Directory.GetFiles(Path.Combine(Paths.Root, "demo", "photos"))
        .Order(StringComparer.Ordinal).First();

    static readonly string[] Network = ["--num-classes", "10", "--naflex", "--naflex-max-seq-len", "24"];

    /// <summary>Program and library say the same of a file.</summary>
    [TestMethod]
    public void AFileOfPatchesIsUsedAsAnyOther()
    {
        using var folder = new TempFolder();
        Cli.Output(["export", Name, .. Network, "--no-digest", "--output", folder["m.onnx"]]);
        using (var session = Session.Open(folder["m.onnx"]))
            Assert.AreEqual("\"patches\" Float32[N, L, 768], \"patch_coord\" Int64[N, L, 2], \"patch_valid\" Bool[N, L]",
                string.Join(", ", session.Inputs));
        Assert.Contains("patches of images of any shape",
            Cli.Error("infer", "--model", folder["m.onnx"], "--img-size", "100", Photo));
        Assert.Contains("patches      at most 24 patches of 16 x 16\n", Cli.Output("info", folder["m.onnx"]));
        var info = JsonDocument.Parse(Cli.Output("info", folder["m.onnx"], "--json")).RootElement;
        Assert.AreEqual((16, 24), (info.GetProperty("patch_size").GetInt32(), info.GetProperty("max_seq_len").GetInt32()));
        Assert.IsFalse(info.TryGetProperty("img_size", out _) || info.GetProperty("metadata").TryGetProperty("imgsz", out _));
        var (code, output, error) = Cli.Run("benchmark", "--model", folder["m.onnx"], "--num-bench-iter", "1",
            "--num-warm-iter", "0");
        Assert.AreEqual(0, code, error);
        Assert.Contains("w/ 24 patches of 16 x 16 and batch size 1.", error);
        Assert.Contains("\"infer_patch_size\": 16", output);
        Assert.Contains("\"infer_max_seq_len\": 24", output);
        using var classifier = Classifier.Open(folder["m.onnx"]);
        Assert.AreEqual(Classes(Cli.Output("infer", "--model", folder["m.onnx"], "--json", "--topk", "5", Photo)),
            string.Join(" ", classifier.Classify(Photo, 5).Select(p => p.Index)));
    }

    /// <summary>So do the network by its name and a file in half precision, which verifies.</summary>
    [TestMethod]
    [TestCategory("all")]
    public void NameAndHalfPrecisionAgree()
    {
        using var folder = new TempFolder();
        Cli.Output(["export", Name, .. Network, "--dtype", "float16", "--output", folder["half.onnx"]]);
        Assert.Contains(": equal", Cli.Output("verify", folder["half.onnx"]));
        Assert.AreEqual(Classes(Cli.Output("infer", "--model", folder["half.onnx"], "--json", Photo)),
            Classes(Cli.Output(["infer", "--model", Name, .. Network, "--json", Photo])));
    }

    [TestMethod]
    public void WhatDoesNotFitIsSaid()
    {
        Assert.Contains("takes images, no patches", Cli.Error("infer", "--model", "resnet18", "--naflex", Photo));
        Assert.Contains("belongs to --naflex",
            Cli.Error("infer", "--model", Name, "--naflex-max-seq-len", "24", Photo));
        Assert.Contains("from 1 to 65536", Cli.Error("infer", "--model", Name, "--naflex", "--naflex-max-seq-len", "0", Photo));
        Assert.Contains("sizes must be fixed",
            Cli.Error(["export", Name, .. Network, "--target", "opencv", "--output", "no.onnx"]));
        Assert.Contains("any number of images",
            Cli.Error(["export", Name, .. Network, "--batch-size", "2", "--output", "no.onnx"]));
        Assert.Contains("no size of image", Cli.Error("infer", "--model", Name, "--naflex", "--img-size", "64", Photo));
    }

    static string Classes(string json) => string.Join(" ", JsonDocument.Parse(json).RootElement.EnumerateObject()
        .Single().Value.GetProperty("index").EnumerateArray().Select(index => index.GetInt32()));
}
