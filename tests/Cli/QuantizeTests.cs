using System.Text.Json;
using OnnxTimm.Deploy;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command, from images to a file.</summary>
[TestClass]
public sealed class QuantizeTests
{
    static readonly string Images = Path.Combine(Paths.Root, "demo", "photos");

    /// <summary>The same bytes again, and what the file says of itself is what the one in float32 says.</summary>
    [TestMethod]
    public void TheSameImagesGiveTheSameBytes()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["float.onnx"]);
        for (var i = 0; i < 2; i++)
            Cli.Output("quantize", folder["float.onnx"], "--calibrate", Images, "--calibration-size", "3", "--output",
                folder[$"{i}.onnx"]);
        var bytes = File.ReadAllBytes(folder["0.onnx"]);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(folder["1.onnx"]));
        Assert.IsLessThan(0.45, bytes.Length / (double)new FileInfo(folder["float.onnx"]).Length);
        var (before, after) = (OnnxFile.Read(folder["float.onnx"]), OnnxFile.Read(folder["0.onnx"]));
        string[] own = [GoldenDigest.Key, FileRecipe.Key];
        CollectionAssert.AreEqual(before.Metadata.ExceptBy(own, fact => fact.Key).ToArray(),
            after.Metadata.ExceptBy(own, fact => fact.Key).ToArray());
        Assert.Contains("\"step\":\"export\"", after.Metadata[FileRecipe.Key]);
        Assert.Contains("\"recipe\":\"cpu-cnn\",\"distance\":0.", after.Metadata[FileRecipe.Key]);
        Assert.Contains("equal", Cli.Output("verify", folder["0.onnx"]));
        Assert.Contains("\"index\"", Cli.Output("infer", "--model", folder["0.onnx"], "--json",
            Directory.GetFiles(Images)[0]));
    }

    /// <summary>Statistics of the images in place of initial ones: other weights in the file.</summary>
    [TestMethod]
    public void NormsAreMeasuredAgainWhereThatIsAskedFor()
    {
        using var folder = new TempFolder();
        foreach (var (file, flags) in ((string, string[])[])[("as-is.onnx", []), ("updated.onnx", ["--update-bn"])])
            Cli.Output(["quantize", "cifar_resnet20", "--calibrate", Images, "--calibration-size", "2", "--output",
                folder[file], .. flags]);
        float[] Steps(string file) =>
            OnnxFile.Read(folder[file]).Find("conv1.weight:scale")!.Data!.ToFloats();
        CollectionAssert.AreNotEqual(Steps("as-is.onnx"), Steps("updated.onnx"));
    }

    /// <summary>A name of the zoo is quantized as its export is.</summary>
    [TestMethod]
    [DataRow("weights-int8")]
    [DataRow("weights-int4")]
    [DataRow("cpu-vit")]
    public void ANameNeedsNoImagesWhereNothingIsMeasured(string recipe)
    {
        using var folder = new TempFolder();
        Cli.Output("quantize", "vit_tiny_patch16_224", "--img-size", "32", "--num-classes", "10", "--recipe", recipe,
            "--output", folder["small.onnx"]);
        Assert.IsLessThan(8_000_000, new FileInfo(folder["small.onnx"]).Length, "a quarter or an eighth of 22 MB");
        Assert.Contains("\"index\"", Cli.Output("infer", "--model", folder["small.onnx"], "--json",
            Directory.GetFiles(Images)[0]));
    }

    [TestMethod]
    public void AReportTellsWhatBecameOfTheNetwork()
    {
        using var folder = new TempFolder();
        foreach (var form in (string[])["json", "html"])
            Cli.Output("quantize", "cifar_resnet20", "--calibrate", Images, "--calibration-size", "2", "--output",
                folder["q.onnx"], "--report", folder[$"report.{form}"]);
        var report = JsonDocument.Parse(File.ReadAllText(folder["report.json"])).RootElement;
        Assert.AreEqual("cpu-cnn", report.GetProperty("recipe").GetString());
        Assert.AreEqual(0, report.GetProperty("graph_after").GetProperty("left_over").GetInt32());
        Assert.AreEqual(2, report.GetProperty("as_written").GetProperty("count").GetInt32());
        Assert.IsGreaterThan(10, report.GetProperty("tensors").GetArrayLength());
        Assert.IsGreaterThan(0, report.GetProperty("speeds")[0].GetProperty("after").GetDouble());
        var weights = report.GetProperty("weights").EnumerateArray().ToArray();
        Assert.HasCount(20, weights);
        Assert.IsTrue(weights.All(w => w.GetProperty("decibels").GetDouble() is > 35 and < 60));
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(folder["report.html"]));
    }

    /// <summary>What may be lost decides how many layers stay in float.</summary>
    [TestMethod]
    public void ABudgetIsKept()
    {
        using var folder = new TempFolder();
        var (code, _, error) = Cli.Run("quantize", "cifar_resnet20", "--calibrate", Images, "--calibration-size", "4",
            "--budget", "0", "--output", folder["q.onnx"]);
        Assert.AreEqual(0, code, error);
        Assert.Contains("layers in float: 0", error);
        Assert.Contains("0.00 % lost", error);
    }

    [TestMethod]
    public void WhatCannotBeIsOneLineAndNothingIsWritten()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["empty"]);
        Directory.CreateDirectory(folder["damaged"]);
        File.WriteAllText(Path.Combine(folder["damaged"], "a.jpg"), "no picture");
        Directory.CreateDirectory(folder["same"]);
        foreach (var name in (string[])["a.jpg", "b.jpg"])
            File.Copy(Directory.GetFiles(Images)[0], Path.Combine(folder["same"], name));
        string Fault(string model, params string[] flags) =>
            Cli.Error(["quantize", model, "--output", folder["q.onnx"], .. flags]);
        Assert.Contains("images", Fault("cifar_resnet20", "--calibrate", folder["empty"]));
        Assert.Contains("could be read", Fault("cifar_resnet20", "--calibrate", folder["damaged"]));
        Assert.Contains("all the same", Fault("cifar_resnet20", "--calibrate", folder["same"]));
        Assert.Contains("--calibrate", Fault("cifar_resnet20"));
        Assert.Contains("Did you mean \"cpu-vit\"?", Fault("cifar_resnet20", "--recipe", "cpu-vi"));
        Assert.Contains("Did you mean \"minmax\"?", Fault("cifar_resnet20", "--method", "minimax"));
        Assert.Contains("no BatchNormalization", Fault("vit_tiny_patch16_224", "--update-bn", "--calibrate", Images));
        Assert.Contains(".html and .json", Fault("cifar_resnet20", "--report", folder["r.txt"]));
        Assert.Contains("--budget", Fault("cifar_resnet20", "--budget", "-1"));
        Assert.Contains("no image is left to judge on", Fault("cifar_resnet20", "--budget", "1", "--calibrate", Images,
            "--calibration-size", "1"));
        Assert.IsFalse(File.Exists(folder["q.onnx"]));
    }

    [TestMethod]
    public void FilesThatCannotBeQuantizedAreNamed()
    {
        using var folder = new TempFolder();
        Cli.Output("quantize", "cifar_resnet20", "--recipe", "weights-int8", "--output", folder["a.onnx"]);
        Cli.Output("quantize", "cifar_resnet20", "--calibrate", Images, "--calibration-size", "2", "--output",
            folder["coded.onnx"]);
        Write(folder["nan.onnx"], 32, [float.NaN, .. new float[26]]);
        Write(folder["open.onnx"], new Dim(1, "H"), new float[27]);
        string Fault(string file) => Cli.Error("quantize", folder[file], "--calibrate", Images, "--output",
            folder["q.onnx"]);
        Assert.Contains("is quantized already", Fault("coded.onnx"));
        Assert.Contains("not finite", Fault("nan.onnx"));
        Assert.Contains("any size", Fault("open.onnx"));
        Assert.IsFalse(File.Exists(folder["q.onnx"]));
    }

    static void Write(string file, Dim height, float[] weight)
    {
        var graph = new Graph("bad");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, height, 32));
        var w = graph.Store("w", Role.Param, Tensor.Of(weight, 1, 3, 3, 3));
        graph.Output("logits", height.IsFixed ? x.Conv(w, null, new([1, 1], [1, 1, 1, 1], [1, 1])) : x.Relu());
        OnnxFile.Write(graph, file);
    }
}
