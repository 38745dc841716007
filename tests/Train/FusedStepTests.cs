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

    static (string, float[], long[]) Feed(
        Value input, GradientSession split, ParamGroup[] groups, Dictionary<string, Scalar> scalars)
    {
        long[] shape = [.. input.Shape.Select(d => d.IsFixed ? d.Size : 2)];
        var count = shape.Aggregate(1L, (product, d) => product * d);
        var data = input.Name.Split(':') switch
        {
            ["input"] => split.Images.ToArray(),
            ["target"] => split.Targets.ToArray(),
            ["param", var name] => split.Params[name].ToArray(),
            ["stat", var name] => split.Stats[name].ToArray(),
            ["scalar", var group, var name] =>
                [(float)scalars[name].Of(new(1, 1e-3, groups[int.Parse(group)].WeightDecay, 1e-3))],
            _ => new float[count],
        };
        return (input.Name, data, shape);
    }
}
