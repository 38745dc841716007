using System.Numerics.Tensors;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Products in half precision give nearly the gradients of float32, and overflows are survived.</summary>
[TestClass]
public sealed class MixedPrecisionTests
{
    const int Batch = 8, Pixels = 160, Classes = 10;

    /// <summary>
    /// The bounds are half as wide again as what torch.autocast gives there: 0.057, 0.002 and 0.0035 in float16, 0.17,
    /// 0.016 and 0.027 in bfloat16. That it is more than nothing shows that numbers were rounded.
    /// </summary>
    [TestMethod]
    [DataRow("test_resnet", DType.Float16, 0.09)]
    [DataRow("test_vit", DType.Float16, 0.004)]
    [DataRow("test_efficientnet", DType.Float16, 0.007)]
    [DataRow("test_resnet", DType.BFloat16, 0.25)]
    [DataRow("test_vit", DType.BFloat16, 0.03)]
    [DataRow("test_efficientnet", DType.BFloat16, 0.05)]
    public void GradientsAreNearThoseOfFloat32(string name, DType type, double bound)
    {
        var model = Zoo.Build(name, new() { NumClasses = Classes, ImgSize = (Pixels, Pixels) });
        var (loss, gradients) = Run(model.Graph, DType.Float32);
        var (halfLoss, half) = Run(model.Graph, type);
        Assert.AreEqual(loss, halfLoss, 2e-3 * Math.Abs(loss));
        var error = TensorPrimitives.Distance<float>(half, gradients) / TensorPrimitives.Norm<float>(gradients);
        Assert.IsTrue(error > 1e-5 && error <= bound, $"{error}");
    }

    /// <summary>
    /// The form for devices that compute in float16 loads, and gives as much: where the processor has no such operator,
    /// the runtime casts around it.
    /// </summary>
    [TestMethod]
    public void TheFormOfDevicesGivesTheSame()
    {
        var graph = Zoo.Build("test_efficientnet", new() { NumClasses = Classes, ImgSize = (32, 32) }).Graph;
        var step = StepGraph.Gradients(graph, isScaled: true);
        var native = MixedPrecision.Apply(step.Graph, DType.Float16, native: true);
        Assert.IsTrue(native.Nodes.Where(n => n.Op is "Conv" or "MatMul").All(n => n.Out.Type == DType.Float16));
        using var session = GraphSession.Of(Fused.Expand(native), "test", new());
    }

    /// <summary>By hand: halved at each overflow, doubled after 2,000 good updates in a row.</summary>
    [TestMethod]
    public void TheScaleFollowsTheRule()
    {
        var scaler = new GradScaler();
        float[] good = [1, -2], bad = [1, float.PositiveInfinity], none = [float.NaN, 0];
        Assert.IsFalse(scaler.Accepts(bad));
        Assert.AreEqual(32768, scaler.Scale);
        Assert.IsFalse(scaler.Accepts(none));
        Assert.AreEqual(16384, scaler.Scale);
        for (var i = 0; i < 1999; i++)
            Assert.IsTrue(scaler.Accepts(good));
        Assert.AreEqual(16384, scaler.Scale);
        Assert.IsTrue(scaler.Accepts(good));
        Assert.AreEqual(32768, scaler.Scale);
        for (var i = 0; i < 1000; i++)
            scaler.Accepts(good);
        Assert.IsFalse(scaler.Accepts(bad));
        Assert.AreEqual((16384, 3), (scaler.Scale, scaler.Skipped));
        var other = new GradScaler { State = scaler.State };
        for (var i = 0; i < 1999; i++)
            other.Accepts(good);
        Assert.AreEqual(16384, other.Scale);
        other.Accepts(good);
        Assert.AreEqual(32768, other.Scale);
    }

    /// <summary>An update whose gradients overflow changes no weight, and is told.</summary>
    [TestMethod]
    public void AnOverflowIsLeftOut()
    {
        using var folder = new TempFolder();
        var view = new TinyTraining.View();
        var parts = TinyTraining.Parts(TinyTraining.Options(folder[""], "run", o =>
            (o.Amp, o.Epochs, o.WarmupEpochs, o.ClipGrad) = (true, 1, 0, null)), view);
        var isFirst = true;
        // The loss of the first batch is so large that 65,536 times its gradient is beyond float16.
        using (var trainer = new Trainer(parts with { Task = new Larger(() => isFirst ? 1e5f : 1) }))
        {
            view.OnUpdate = _ => isFirst = false;
            trainer.Run();
        }
        Assert.ContainsSingle(line => line.StartsWith("Update 0 is left out: ", StringComparison.Ordinal), view.Lines);
        Assert.DoesNotContain(line => line.StartsWith("Update 1 is left out: ", StringComparison.Ordinal), view.Lines);
    }

    /// <summary>Cross entropy times a factor of each step.</summary>
    sealed class Larger(Func<float> factor) : ITask
    {
        public IReadOnlyList<IFeeder> Feeders =>
            [.. Classification.Plain.Feeders, new Feeder("factor", (_, to) => to.Fill(factor()))];

        public Value Loss(TaskGraph graph) =>
            Classification.Plain.Loss(graph) * graph.Input("factor", new(Dim.Batch, 1)).ReduceMean(keepDims: false);
    }

    static (double Loss, float[] Gradients) Run(Graph graph, DType half)
    {
        using var session = new GradientSession(StepGraph.Gradients(graph, isScaled: half == DType.Float16),
            graph.Weights, Batch, new RuntimeOptions(), half: half);
        var random = new CounterRandom(1);
        foreach (ref var x in session.Images)
            x = (float)random.Normal();
        for (var i = 0; i < Batch; i++)
            session.Targets[i * Classes + i % Classes] = 1;
        var scale = half == DType.Float16 ? 65536f : 1;
        if (half == DType.Float16)
            session.Input(StepGraph.Scale)[0] = scale;
        var loss = session.Run();
        var gradients = session.Grads.All.ToArray();
        TensorPrimitives.Divide(gradients, scale, gradients);
        return (loss, gradients);
    }
}
