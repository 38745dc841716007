using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A step that computes maps again gives the same numbers from fewer maps.</summary>
[TestClass]
public sealed class RecomputationTests
{
    const int Batch = 4, Classes = 5;

    public static IEnumerable<object[]> Rows =>
        from name in new[] { "test_resnet", "test_efficientnet", "test_vit", "test_convnext" }
        from dialect in Enum.GetValues<ModelGradientTests.Dialect>()
        select new object[] { name, dialect };

    /// <summary>Loss, gradients and running statistics of two steps, with drop-path and dropout drawn.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void TheBitsAreThoseOfAStepThatKeepsAll(string name, ModelGradientTests.Dialect dialect)
    {
        var model = Zoo.Build(name,
            new() { NumClasses = Classes, ImgSize = (64, 64), DropRate = 0.3, DropPathRate = 0.2 });
        Fill.Weights(model.Graph, 1);
        var expected = Run(model, Keepings.All, dialect);
        Check(expected, Run(model, Keepings.Costly, dialect), "costly");
        Check(expected, Run(model, Keepings.Borders(Trainees.Of(model)), dialect), "borders");
        Assert.IsTrue(expected.SelectMany(values => values).All(float.IsFinite));
        CollectionAssert.AreNotEqual(expected[1], expected[4], "other masks, other gradients");
    }

    static float[][] Run(Model model, Keeping keeping, ModelGradientTests.Dialect dialect)
    {
        using var session = new GradientSession(StepGraph.Gradients(model.Graph, keeping: keeping),
            model.Graph.Weights, Batch, new(), portable: dialect == ModelGradientTests.Dialect.Portable);
        var random = new CounterRandom(7);
        Fill.Input(Batch, 3, 64, 64).CopyTo(session.Images);
        session.Targets.Fill(1f / Classes);
        return [.. Enumerable.Range(0, 2).SelectMany(_ =>
        {
            foreach (var mask in session.Step.Masks)
                mask.Draw(random, session.Input(mask.Input));
            float[] loss = [session.Run()];
            return new[] { loss, session.Grads.All.ToArray(), session.Stats.All.ToArray() };
        })];
    }

    static void Check(float[][] expected, float[][] found, string what)
    {
        foreach (var (i, (a, b)) in expected.Zip(found).Index())
            CollectionAssert.AreEqual(a.Select(BitConverter.SingleToUInt32Bits).ToArray(),
                b.Select(BitConverter.SingleToUInt32Bits).ToArray(), $"{what} {i}");
    }

    /// <summary>
    /// Before the last block, whose maps are kept, nothing lives from the forward to the backward part but what comes
    /// out of the stem and of each block.
    /// </summary>
    [TestMethod]
    public void OnlyBordersAreKept()
    {
        var model = Zoo.Build("test_vit");
        var blocks = model.Graph.Weights.Count(w => w.Name.EndsWith("attn.qkv.weight"));
        var step = StepGraph.Gradients(model.Graph, keeping: Keepings.Borders(Trainees.Of(model))).Graph;
        var last = Above(step.Find($"param:blocks.{blocks - 1}.norm1.weight")!);
        var kept = Kept(step).Where(v => !last.Contains(v)).ToArray();
        Assert.HasCount(blocks, kept, string.Join("\n", kept.Select(v => $"{v}")));
        var tokens = step.Nodes.First(n => n.Op == "LayerNormalization").Out.Shape;
        foreach (var v in kept)
            Assert.AreEqual(tokens, v.Shape);
        Assert.IsGreaterThan(10 * blocks, Kept(StepGraph.Gradients(model.Graph, keeping: Keepings.All).Graph).Length);
    }

    /// <summary>By default what a norm and an activation make for a heavy convolution; a sum of maps is kept.</summary>
    [TestMethod]
    public void WhatIsCheapIsNotKept()
    {
        var graph = Zoo.Build("resnet50").Graph;
        var (all, costly) = (Kept(StepGraph.Gradients(graph, keeping: Keepings.All).Graph),
            Kept(StepGraph.Gradients(graph).Graph));
        Assert.HasCount(2 * 16, all.Select(v => v.Name).Except(costly.Select(v => v.Name)).ToArray());
        Assert.IsEmpty(costly.Select(v => v.Name).Except(all.Select(v => v.Name)).ToArray());
    }

    /// <summary>ONNX Runtime would run one node for two that compute the same.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheRuntimeKeepsTheCopies(bool portable)
    {
        using var folder = new TempFolder();
        var model = Zoo.Build("test_vit");
        var step = StepGraph.Gradients(model.Graph, keeping: Keepings.Borders(Trainees.Of(model)));
        using (new GradientSession(step, model.Graph.Weights, 1,
            new() { OptimizedFile = folder["optimized.onnx"] }, portable))
            Assert.AreEqual(Count(step.Graph), Count(OnnxFile.Read(folder["optimized.onnx"])));

        static int Count(Graph graph) => graph.Nodes.Count(n => n.Op == "Softmax");
    }

    [TestMethod]
    public void ATrainingComesToTheSameEnd()
    {
        using var folder = new TempFolder();
        foreach (var again in new[] { false, true })
            using (var trainer = TinyTraining.Make(TinyTraining.Options(folder[""], $"{again}", o =>
                (o.GradCheckpointing, o.Epochs, o.WarmupEpochs) = (again, 1, 0)), new TinyTraining.View()))
                Assert.IsTrue(trainer.Run());
        SameRun.Check(folder[$"{false}"], folder[$"{true}"]);
    }

    /// <summary>What the backward part reads of the forward part, the copies in it being its own.</summary>
    static Value[] Kept(Graph step)
    {
        var forward = Below([.. step.Outputs.Where(v => v.Name == "loss" || v.Name.StartsWith("next:"))]);
        return [.. step.Nodes.Where(n => !n.Outs.Any(forward.Contains)).SelectMany(n => n.In.OfType<Value>())
            .Where(v => v.Producer is not null && forward.Contains(v) && v.Shape.Rank > 1
                && v.Shape.Any(d => !d.IsFixed)).Distinct()];
    }

    static HashSet<Value> Below(IEnumerable<Value> ends)
    {
        var below = ends.ToHashSet();
        foreach (var n in ends.First().Graph.Nodes.Reverse().Where(n => n.Outs.Any(below.Contains)))
            below.UnionWith(n.In.OfType<Value>());
        return below;
    }

    static HashSet<Value> Above(Value start)
    {
        var above = new HashSet<Value> { start };
        foreach (var n in start.Graph.Nodes.Where(n => n.In.Any(v => v is not null && above.Contains(v))))
            above.UnionWith(n.Outs);
        return above;
    }
}
