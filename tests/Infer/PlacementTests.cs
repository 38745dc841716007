using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

/// <summary>Which provider computes which nodes.</summary>
[TestClass]
public sealed class PlacementTests
{
    static readonly TempFolder Folder = new();

    static readonly string Model = Export();

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    /// <summary>Without optimizations each node of the file is there, once, by its own name.</summary>
    [TestMethod]
    public void ItIsTheNodesOfTheFile()
    {
        Placement? placed = null;
        using var session = Session.Open(Model, new() { Optimize = false, Placed = found => placed = found });
        var graph = OnnxFile.Read(Model);
        CollectionAssert.AreEquivalent(
            graph.Nodes.Select(n => n.Op).ToArray(), placed!.Nodes.Select(n => n.Op).ToArray());
        Assert.IsTrue(placed.Nodes.All(n => n.Provider == "cpu"));
        Assert.HasCount(placed.Nodes.Count, placed.Nodes.Select(n => n.Name).Distinct().ToArray());
        Assert.IsNull(placed.Fallback);
        Assert.AreEqual(
            $"cpu has {graph.Nodes.Count} of {graph.Nodes.Count} nodes", placed.Remarks(whole: true).Single());
        Assert.IsEmpty(placed.Remarks(whole: false));
    }

    [TestMethod]
    public void WhatIsLeftToTheProcessorIsSaid()
    {
        var placed = new Placement(Device.Parse("tensorrt:1"),
        [
            new("cpu", "Shape", "s"), new("tensorrt", "Conv", "a"), new("cuda", "Softmax", "b"),
            new("cpu", "Gather", "c"), new("cpu", "Gather", "d"), new("tensorrt", "Conv", "e"),
        ]);
        Assert.IsFalse(placed.IsElsewhere);
        Assert.AreEqual("Not all 6 nodes are on tensorrt:1: cpu has 3 (2 Gather, 1 Shape), cuda has 1 (1 Softmax).",
            placed.Fallback);
        CollectionAssert.AreEqual(
            (string[])["tensorrt has 2 of 6 nodes", "cpu has 3 of 6 nodes: 2 Gather, 1 Shape",
                "cuda has 1 of 6 nodes: 1 Softmax"], placed.Remarks(whole: true).ToArray());
        var unknown = placed with { Nodes = [] };
        Assert.IsFalse(unknown.IsElsewhere);
        Assert.Contains("does not record", unknown.Fallback!);
        Assert.Contains("does not record", unknown.Remarks(whole: true).Single());
        Assert.IsEmpty((unknown with { Device = Device.Cpu }).Remarks(whole: false));
        Assert.IsTrue((placed with { Device = Device.Parse("xnnpack") }).IsElsewhere);
    }

    static string Export()
    {
        Cli.Cli.Output("export", "cifar_resnet20", "--output", Folder["m.onnx"]);
        return Folder["m.onnx"];
    }
}
