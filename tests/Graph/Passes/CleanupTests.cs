using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Passes;

/// <summary>StripTraining, MergeEqual, and the dropping of dead nodes.</summary>
[TestClass]
public sealed class CleanupTests
{
    [TestMethod]
    public void WhatOnlyTrainingNeedsIsStripped()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        graph.Output("y", x.Dropout(0.1).Relu().Identity().DropPath(0.2));
        Assert.AreEqual("Relu", StripTraining.Apply(graph).Nodes.Single().Op);
        Assert.AreEqual("y", StripTraining.Apply(graph).Outputs.Single().Name);
    }

    [TestMethod]
    public void ADropoutThatTrainsOrWhoseMaskIsReadStays()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        var trains = graph.Const(Tensor.Of([true]));
        graph.Output("a", graph.Emit("Dropout", [x, graph.Scalar(0.5), trains]).Out.Neg());
        graph.Output("mask", graph.Emit("Dropout", [x], 2).Outs[1].Cast(DType.Float32));
        Assert.HasCount(4, StripTraining.Apply(graph).Nodes);
    }

    [TestMethod]
    public void EqualNodesAreOne()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        graph.Output("y", Branch("a") * Branch("b"));
        var merged = MergeEqual.Apply(graph);
        var ops = merged.Nodes.Select(n => n.Op).ToArray();
        CollectionAssert.AreEqual(new[] { "LeakyRelu", "Add", "Softmax", "Mul" }, ops);
        Assert.HasCount(1, merged.Stored);

        Value Branch(string constant) =>
            (x.LeakyRelu(0.1) + graph.Store(constant, Role.Constant, Tensor.Of([1f, 2, 3], 3))).Softmax();
    }

    [TestMethod]
    public void EqualLargeConstantsAreOne()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(1000));
        graph.Output("y", x + Filled("a", 1) + Filled("b", 1) + Filled("c", 2));
        Assert.HasCount(2, MergeEqual.Apply(graph).Stored);

        Value Filled(string name, float value) => graph.Store(name, Role.Constant, Tensor.Filled(value, 1000));
    }

    [TestMethod]
    public void NodesThatDifferInAnAttributeOrDrawAtRandomAreNotMerged()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        graph.Output("y", (x.LeakyRelu(0.1) + x.LeakyRelu(0.2)) * (Random(x) + Random(x)));
        Assert.HasCount(graph.Nodes.Count, MergeEqual.Apply(graph).Nodes);

        static Value Random(Value x) => x.Graph.Emit("RandomNormalLike", [x]).Out;
    }

    [TestMethod]
    public void DeadNodesAndWeightsAreDropped()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        x.Linear(graph.Root["unused"], 4);
        graph.Output("y", x.Linear(graph.Root["fc"], 2));
        var live = Rewrite.Apply(graph);
        Assert.HasCount(1, live.Nodes);
        CollectionAssert.AreEqual(new[] { "fc.weight", "fc.bias" }, live.Weights.Select(w => w.Name).ToArray());
    }
}
