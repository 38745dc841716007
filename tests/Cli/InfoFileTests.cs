using System.Text.Json;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>What "info" tells of files, of this program and of others.</summary>
[TestClass]
public sealed class InfoFileTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>The count is timm's for the network, whose batch norms are folded in the file.</summary>
    [TestMethod]
    public void AnExportTellsItsNetwork()
    {
        File.WriteAllLines(folder["labels.txt"], ["cat", "dog", "bird"]);
        Cli.Output("export", "resnet18", "--num-classes", "3", "--labels", folder["labels.txt"],
            "--output", folder["n.onnx"]);
        var info = JsonDocument.Parse(Cli.Output("info", folder["n.onnx"], "--json")).RootElement;
        Assert.AreEqual(11689512 - 513 * 997, info.GetProperty("params").GetInt64());
        Assert.AreEqual("resnet18", info.GetProperty("architecture").GetString());
        Assert.AreEqual("input Float32[N, 3, 224, 224]", info.GetProperty("inputs")[0].GetString());
        Assert.AreEqual("logits Float32[N, 3]", info.GetProperty("outputs")[0].GetString());
        Assert.AreEqual(18, info.GetProperty("opset").GetInt32());
        Assert.AreEqual(0.485, info.GetProperty("mean")[0].GetDouble());
        Assert.AreEqual("dog", info.GetProperty("labels")[1].GetString());
        Assert.AreEqual("classify", info.GetProperty("metadata").GetProperty("task").GetString());
        var text = Cli.Output("info", folder["n.onnx"]);
        string[] parts = ["resnet18", "logits [N, 3] Float32", "bicubic", "3: cat; dog; bird", "task = classify"];
        foreach (var part in parts)
            StringAssert.Contains(text, part);
    }

    [TestMethod]
    public void AFileOfAnotherProgramTellsWhatItHas()
    {
        var graph = new Graph("g", opset: 15);
        var x = graph.Input("x", DType.Float32, Shape.Of(1, 3, 4, 4));
        graph.Output("y", x * graph.Const(Tensor.Of(new float[48], 1, 3, 4, 4)));
        for (var i = 0; i < 100_000; i++)
            graph.Metadata[$"key {i:D6}"] = "one\ntwo\u001b[31m" + new string('x', 100);
        OnnxFile.Write(graph, folder["f.onnx"]);
        var text = Cli.Output("info", folder["f.onnx"]);
        StringAssert.Contains(text, "parameters   48 (0.00 M)\nopset        15\nnodes        1\n"
            + "input        x [1, 3, 4, 4] Float32\n"
            + "output       y [1, 3, 4, 4] Float32\npreprocess   the file does not say\nlabels       none\n"
            + "metadata     key 000000 = one two");
        StringAssert.EndsWith(text, "metadata     and 99970 more\n");
    }

    [TestMethod]
    public void WhatIsNoModelIsOneMessage()
    {
        File.WriteAllText(folder["t.onnx"], "no model");
        StringAssert.Contains(Cli.Error("info", folder["t.onnx"]), "no ONNX model");
        StringAssert.Contains(Cli.Error("info", folder["absent.onnx"]), "There is no file");
        StringAssert.Contains(Cli.Error("info", folder["t.onnx"], "--img-size", "3"), "is complete");
    }
}
