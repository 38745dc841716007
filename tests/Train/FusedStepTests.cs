using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>The fused file does what the split step and the optimizer in place do.</summary>
[TestClass]
public sealed class FusedStepTests
{
    [TestMethod]
    public void OneFusedStepEqualsGradientsAndUpdate()
    {
        var model = Zoo.Build("test_resnet", new() { NumClasses = 4, ImgSize = (32, 32) });
        var groups = ParamGroups.ByDecay(Trainees.Of(model), 0.05);
        var optimizer = Optimizers.Create("momentum");
        using var split = new GradientSession(StepGraph.Gradients(model.Graph), model.Graph.Weights, 2, new());
        Fill.Input(2, 3, 32, 32).CopyTo(split.Images);
        float[] targets = [0.7f, 0.1f, 0.1f, 0.1f, 0, 0, 1, 0];
        targets.CopyTo(split.Targets);

        var fused = StepGraph.WithUpdate(model.Graph, optimizer, groups);
        var scalars = optimizer.Scalars.ToDictionary(s => s.Name, s => s);
        var outputs = Ort.Run(Fused.Expand(fused.Graph), [.. fused.Graph.Inputs.Select(i =>
            Feed(i, split, groups, scalars))]);

        var loss = split.Run();
        new BlockUpdate(optimizer, split.Params, split.Grads, groups, 1e-3).Apply(1e-3);
        var tolerance = Tolerances.Get("train.fused");
        Assert.AreEqual(loss, outputs["loss"][0], tolerance);
        foreach (var name in fused.Params)
            foreach (var (expected, got) in split.Params[name].ToArray().Zip(outputs[$"next:param:{name}"]))
                Assert.AreEqual(expected, got, tolerance, name);
        StringAssert.Contains(fused.Graph.Metadata[StepGraph.MetadataKey], "\"form\":\"fused\"");
    }

    const int Seed = 3;

    public static IEnumerable<object[]> AllNames => OptimizerTests.AllNames;

    [TestMethod]
    [DynamicData(nameof(AllNames))]
    public void EveryOptimizerIsFusedAsItIsSplit(string name)
    {
        var model = Layers();
        ParamGroup[] groups = [new(["b1", "b2"], 0), new(["w1", "w2"], 0.05, 0.5)];
        var optimizer = Optimizers.Create(name);
        using var split = new GradientSession(StepGraph.Gradients(model), model.Weights, 2, new());
        Fill.Input(2, 3, 4, 4).CopyTo(split.Images);
        float[] targets = [0.7f, 0.1f, 0.1f, 0.1f, 0, 0, 1, 0];
        targets.CopyTo(split.Targets);
        using var update = Updates.Of(optimizer, new(split.Params, split.Grads, groups, 1e-3)
        {
            Draw = UpdateTargets.Drawn(Seed),
        }, new() { Threads = 1 });
        split.Run();
        update.Apply(1e-3);
        var fused = StepGraph.WithUpdate(model, optimizer, groups);
        var scalars = optimizer.Scalars.ToDictionary(s => s.Name, s => s);
        var outputs = Ort.Run(Fused.Expand(fused.Graph), [.. fused.Graph.Inputs.Select(i =>
            Feed(i, split, groups, scalars, update))]);
        split.Run();
        update.Apply(1e-3);
        foreach (var param in fused.Params)
            foreach (var (expected, got) in split.Params[param].ToArray().Zip(outputs[$"next:param:{param}"]))
                Assert.AreEqual(expected, got, Tolerances.Get("optimizer.fused"), param);
    }

    /// <summary>Two layers, each a matrix and a bias.</summary>
    static Graph Layers()
    {
        var graph = new Graph("layers");
        var x = graph.Input("input", DType.Float32, new Shape(Dim.Batch, 3, 4, 4)).Flatten();
        x = (x.MatMul(Weight("w1", 48, 20)) + Weight("b1", 20)).Relu();
        graph.Output("logits", x.MatMul(Weight("w2", 20, 4)) + Weight("b2", 4));
        return graph;

        Value Weight(string name, params long[] shape) => graph.Store(name, Role.Param,
            Tensor.Of([.. Fill.Uniform(name, shape.Aggregate(1L, (a, b) => a * b)).Select(v => v * 0.2f)], shape));
    }

    static (string, float[], long[]) Feed(Value input, GradientSession split, ParamGroup[] groups,
        Dictionary<string, Scalar> scalars, IUpdate? update = null)
    {
        long[] shape = [.. input.Shape.Select(d => d.IsFixed ? d.Size : 2)];
        var count = shape.Aggregate(1L, (product, d) => product * d);
        var data = input.Name.Split(':') switch
        {
            ["input"] => split.Images.ToArray(),
            ["target"] => split.Targets.ToArray(),
            ["param", var name] => split.Params[name].ToArray(),
            ["stat", var name] => split.Stats[name].ToArray(),
            ["state", var slot, var name] when update is not null =>
                update.State[Array.FindIndex(update.Optimizer.State, s => s.Name == slot)][name].ToArray(),
            ["scalar", var group, var name] => [(float)scalars[name].Of(Info(groups[int.Parse(group)]))],
            ["draw", var draw, var name] => Drawn(update!.Optimizer.Draws.First(d => d.Name == draw), name),
            _ => new float[count],
        };
        return (input.Name, data, shape);

        float[] Drawn(RandomSlot draw, string name)
        {
            var drawn = new float[count];
            UpdateTargets.Drawn(Seed)(draw, name, update!.Step + 1, drawn);
            return drawn;
        }

        StepInfo Info(ParamGroup group) =>
            new((update?.Step ?? 0) + 1, 1e-3 * group.LrScale, group.WeightDecay, 1e-3);
    }
}
