using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What ends a step stands in the order in which ONNX Runtime, from the last on, frees maps early.</summary>
[TestClass]
public sealed class EarlyLeavesTests
{
    [TestMethod]
    public void TheLastLayersGradientsComeFirst() => Check("grad:", StepGraph.Gradients(Network().Graph));

    /// <summary>An update is written parameter by parameter, the first layer's before.</summary>
    [TestMethod]
    public void TheLastLayersUpdatesComeFirst()
    {
        var model = Network();
        Check("next:param:", StepGraph.WithUpdate(model.Graph, Optimizers.Create("adamw"),
            ParamGroups.ByDecay(Trainees.Of(model), 0.05)));
    }

    static Model Network() => Zoo.Build("test_vit", new() { NumClasses = 4 });

    static void Check(string begin, StepGraph step)
    {
        var nodes = Fused.Expand(step.Graph).Nodes;
        var layers = ParamGroups.Layers(Trainees.Of(Network()));
        int[] order = [.. nodes.Reverse().SelectMany(n => n.Outs)
            .Where(v => v.Name.StartsWith(begin, StringComparison.Ordinal)).Select(v => layers[v.Name[begin.Length..]])];
        CollectionAssert.AreEqual(order.OrderDescending().ToArray(), order);
        Assert.HasCount(step.Trained.Count, order);
    }
}
