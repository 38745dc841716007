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
