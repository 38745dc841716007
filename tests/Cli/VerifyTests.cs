using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command, from a file to a word.</summary>
[TestClass]
public sealed class VerifyTests
{
    static readonly string Images = Path.Combine(Paths.Root, "demo", "photos");

    [TestMethod]
    [DataRow("float32")]
    [DataRow("float16")]
    [DataRow("bfloat16")]
    [DataRow("float16", "--half-io")]
    [DataRow("float32", "--no-fold")]
    [DataRow("float32", "--batch-size", "2")]
    [DataRow("float32", "--features-only", "--out-indices", "0", "-1")]
    public void AnExportIsEqual(string dtype, params string[] flags)
    {
        using var folder = new TempFolder();
        Cli.Output(["export", "cifar_resnet20", "--dtype", dtype, "--output", folder["a.onnx"], .. flags]);
        var said = Cli.Output("verify", folder["a.onnx"]);
        Assert.StartsWith($"{folder["a.onnx"]}: equal\n", said);
        Assert.Contains("of its deviation off", said);
    }

    [TestMethod]
    public void AChangedWeightIsNamedThoughItsEffectIsAllowed()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["a.onnx"]);
        var bytes = File.ReadAllBytes(folder["a.onnx"]);
        bytes[bytes.Length / 2 & ~3] ^= 1;
        File.WriteAllBytes(folder["a.onnx"], bytes);
        var (code, said, _) = Cli.Run("verify", folder["a.onnx"]);
        Assert.AreEqual(1, code);
        Assert.Contains("not equal\n  its weights: not what was written\n  logits: ", said);
        var json = JsonDocument.Parse(Cli.Run("verify", folder["a.onnx"], "--json").Out).RootElement;
        Assert.AreEqual("weights", json.GetProperty("changed")[0].GetString());
    }

    [TestMethod]
    public void TwoFilesAreComparedImageByImage()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["a.onnx"]);
        Cli.Output("export", "cifar_resnet20", "--output", folder["half.onnx"], "--dtype", "float16");
        var said = Cli.Output("verify", folder["half.onnx"], "--against", folder["a.onnx"], "--data-dir", Images);
        Assert.Contains("10 of 10 images have the same class", said);
        Assert.Contains("tensors of the same name, none parts", said);
        var graph = OnnxFile.Read(folder["a.onnx"]);
        var weight = graph.Find("layer2.1.conv1.weight")!;
        weight.Data = Tensor.Filled(0.01f, weight.Shape.Sizes);
        OnnxFile.Write(graph, folder["b.onnx"], isSealed: true);
        var (code, parted, _) = Cli.Run(
            "verify", folder["b.onnx"], "--against", folder["a.onnx"], "--data-dir", Images);
        Assert.AreEqual(1, code);
        Assert.Contains($"that parts: {graph.Nodes.Single(n => n.In.Contains(weight)).Out.Name} (Conv)", parted);
    }

    /// <summary>Without the digest the network is not run; the seal is there all the same.</summary>
    [TestMethod]
    public void TheDigestCanBeLeftOut()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--no-digest", "--dtype", "float16", "--output", folder["a.onnx"]);
        Assert.Contains("it has no digest", Cli.Output("verify", folder["a.onnx"]));
    }

    [TestMethod]
    public void WhatCannotBeIsOneLine()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["a.onnx"]);
        OnnxFile.Write(Zoo.Build("cifar_resnet20").Graph, folder["bare.onnx"]);
        File.WriteAllText(folder["text.onnx"], "no model");
        File.WriteAllBytes(folder["cut.onnx"], File.ReadAllBytes(folder["a.onnx"])[..5000]);
        var hostile = OnnxFile.Read(folder["a.onnx"]);
        hostile.Metadata["onnxtimm.golden"] = hostile.Metadata["onnxtimm.golden"].Replace("32,32", "99999,99999");
        OnnxFile.Write(hostile, folder["hostile.onnx"]);
        Assert.Contains("neither a seal nor a digest", Cli.Error("verify", folder["bare.onnx"]));
        Assert.Contains("no ONNX model", Cli.Error("verify", folder["text.onnx"]));
        Assert.Contains("cut.onnx", Cli.Error("verify", folder["cut.onnx"]));
        Assert.Contains("digest of", Cli.Error("verify", folder["hostile.onnx"]));
        Assert.Contains("There is no file", Cli.Error("verify", folder["absent.onnx"]));
        Assert.Contains("--data-dir", Cli.Error("verify", folder["a.onnx"], "--against", folder["a.onnx"]));
        Assert.Contains("does not say how images are prepared", Cli.Error(
            "verify", folder["a.onnx"], "--against", folder["bare.onnx"], "--data-dir", Images));
        Assert.Contains("Did you mean \"float16\"?", Cli.Error(
            "export", "cifar_resnet20", "--dtype", "flot16", "--output", folder["x.onnx"]));
        Assert.Contains("--dtype float16", Cli.Error(
            "export", "cifar_resnet20", "--half-io", "--output", folder["x.onnx"]));
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }
}
