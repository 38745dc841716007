using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>The runtime's failures in training are messages, as in inference.</summary>
[TestClass]
public sealed class GradientSessionTests
{
    [TestMethod]
    public void AFailingStepIsOneMessage()
    {
        using var session = new GradientSession(StepGraph.Gradients(Table()), Table().Weights, 1, new());
        session.Targets.Fill(0.25f);
        session.Images.Fill(1);
        Assert.AreEqual(Math.Log(4), session.Run(), 1e-6);
        session.Images.Fill(7);
        var message = Assert.ThrowsExactly<UserException>(() => session.Run()).Message;
        StringAssert.StartsWith(message, "ONNX Runtime cannot run \"table in training\": ");
        Assert.IsFalse(message.Contains('\n'), message);
    }

    /// <summary>Looks up the logits at the place that the image names; there are two.</summary>
    static Graph Table()
    {
        var graph = new Graph("table");
        var input = graph.Input("input", DType.Float32, new(Dim.Batch, 1));
        var rows = graph.Store("rows", Role.Param, Tensor.Of(new float[8], 2, 4));
        graph.Output("logits", rows.Gather(input.Reshape(new Shape(Dim.Batch)).Cast(DType.Int64)));
        return graph;
    }
}
