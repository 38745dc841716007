using OnnxTimm.Deploy;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Deploy;

/// <summary>What repairs accuracy changes nothing that it should not.</summary>
[TestClass]
public sealed class RepairTests
{
    /// <summary>Channels have other scales inside, and the network computes what it did.</summary>
    [TestMethod]
    [DataRow("cifar_resnet20")]
    [DataRow("seresnet18")]
    public void EqualizationLeavesTheFunctionAsItIs(string name)
    {
        var graph = Export.Optimize(Zoo.Build(name, new() { ImgSize = (32, 32), NumClasses = 10 }).Graph).Graph;
        var images = Noise.For(graph, 4);
        var equalized = Equalization.Apply(graph,
            Calibrator.Measure(graph, Equalization.Measured(graph), images));
        var (before, after) = (Logits(graph), Logits(equalized));
        var largest = before.Max(Math.Abs);
        for (var i = 0; i < before.Length; i++)
            Assert.AreEqual(before[i], after[i], largest * Tolerances.Get("deploy/equalized"));
        Assert.AreNotEqual(0, graph.Stored.Zip(equalized.Stored).Count(p => p.First.Role == Role.Param
            && !p.First.Data!.Bytes.Span.SequenceEqual(p.Second.Data!.Bytes.Span)));
    }

    /// <summary>The mean of what a layer gives is that of float32 again, whatever its weights have lost.</summary>
    [TestMethod]
    public void TheMeanErrorIsTakenOffTheBias()
    {
        float[] weight = [0.6f, -0.26f, 0.1f, 1.27f], means = [3, 5];
        var coded = WeightCodes.With([0.5f, 0.5f], weight, [2, 2], 0, Codes.Int8);
        var errors = BiasCorrection.MeanErrors(weight, coded, i => means[i % 2]);
        // The codes mean 0.5 and -0.5, 0 and 1.5.
        Assert.AreEqual((0.5 - 0.6) * 3 + (-0.5 + 0.26) * 5, errors[0], 1e-6);
        Assert.AreEqual((0 - 0.1) * 3 + (1.5 - 1.27) * 5, errors[1], 1e-6);
    }

    static float[] Logits(Graph graph)
    {
        var random = new Random(5);
        float[] pixels = [.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => random.NextSingle() * 2 - 1)];
        return Ort.Run(graph, ("input", pixels, [1, 3, 32, 32]))["logits"];
    }
}
