using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Each part of a training can be one that nobody has written yet: made here, given to the library, and seen to do its
/// work. Nothing in the sources knows of it.
/// </summary>
[TestClass]
public sealed class TrainPartsTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>Second moments of rows alone, as Adafactor keeps them: of 1e-12, of one row 0.7 and 0.7.</summary>
    static readonly Optimizer RowWise = new("rowwise",
        [new("row") { Shape = shape => [shape[0]] }, new("start") { FromParameter = true }], [Scalar.Lr],
        (p, g, s, k) =>
        {
            long[] axes = [.. Enumerable.Range(1, p.Shape.Rank - 1).Select(i => (long)i)];
            var row = s[0] * 0.5 + (axes.Length > 0 ? (g * g).ReduceMean(axes, keepDims: false) : g * g) * 0.5;
            var wide = row.Reshape([p.Shape[0].Size, .. axes.Select(_ => 1L)]);
            return [p - g / (wide.Sqrt() + 1e-6) * k[0], row, s[1]];
        })
    { IsElementwise = false };

    [TestMethod]
    public void AnOptimizerWithAStateOfAnotherShape()
    {
        var layout = new TensorLayout([("w", [2, 3]), ("b", [2])]);
        var (p, g) = (new FlatTensors(layout, 1), new FlatTensors(layout));
        float[] gradient = [3, 0, 4, 1, 1, 1];
        gradient.CopyTo(g["w"]);
        g["b"].Span.Fill(2);
        using var update = Updates.Of(RowWise, new(p, g, [new(layout.Names, 0)], 0.1), new());
        update.Apply(0.1, gradScale: 0.5);
        CollectionAssert.AreEqual((long[])[2], update.State[0].Layout.ShapeOf("w"));
        // Half the gradients: mean squares 25/12 and 1/4, of which the state takes half.
        Assert.AreEqual(25.0 / 24, update.State[0]["w"].Span[0], 1e-6);
        Assert.AreEqual(1 - 0.1 * 1.5 / (Math.Sqrt(25.0 / 24) + 1e-6), p["w"].Span[0], 1e-6);
        Assert.AreEqual(1 - 0.1 * 0.5 / (Math.Sqrt(0.125) + 1e-6), p["w"].Span[5], 1e-6);
        Assert.AreEqual(1 - 0.1 / (Math.Sqrt(0.5) + 1e-6), p["b"].Span[1], 1e-6);
        Assert.AreEqual(1, update.State[1]["w"].Span[0], "it began as the parameter");
    }

    [TestMethod]
    public void ItLearnsStopsAndGoesOnToTheSameBits()
    {
        TrainParts Parts(string run) => TinyTraining.Parts(Options(run), new TinyTraining.View()) with
        {
            Optimizer = RowWise,
            Lr = 2e-3,
            Schedule = _ => Schedules.Create(new() { Epochs = 4, WarmupEpochs = 0 }, 2e-3),
        };
        using (var whole = new Trainer(Parts("whole")))
            Assert.IsTrue(whole.Run());
        using var stop = new CancellationTokenSource();
        var parts = Parts("parts");
        var view = new TinyTraining.View(u =>
        {
            if ((u.Epoch, u.Update) == (1, 1))
                stop.Cancel();
        });
        using (var first = new Trainer(parts with { Events = view }))
            Assert.IsFalse(first.Run(stop.Token));
        var place = parts.Policy.Place with { IsResumed = true };
        using (var second = new Trainer(parts with
        {
            Policy = parts.Policy with { Resume = folder["parts"], Place = place },
        }))
        {
            Assert.IsTrue(second.Run());
            Assert.IsLessThan(second.Results[0].TrainLoss, second.Results[^1].TrainLoss);
        }
        SameRun.Check(folder["whole"], folder["parts"]);
    }

    /// <summary>Learns what another says of each image; what that is, the batch tells.</summary>
    sealed class Taught(Func<int, float> teacher) : ITask
    {
        public List<int> Seen { get; } = [];

        public Value Loss(TaskGraph g)
        {
            var difference = g.Logits - g.Input("teacher", g.Logits.Shape);
            return (difference * difference).ReduceMean(keepDims: false);
        }

        public IReadOnlyList<IFeeder> Feeders => [new Feeder("teacher", (batch, to) =>
        {
            foreach (var (i, index) in batch.Indices.ToArray().Index())
            {
                Seen.Add(index);
                to.Slice(i * 4, 4).Fill(teacher(index));
            }
        })];
    }

    [TestMethod]
    public void ALossWithATeachersLogits()
    {
        var task = new Taught(_ => 3);
        using var trainer = new Trainer(TinyTraining.Parts(Options("run"), new TinyTraining.View()) with { Task = task });
        trainer.Run();
        Assert.HasCount(4 * 112, task.Seen);
        // From logits about 0, whose distance is 9.
        Assert.AreEqual(9, trainer.Results[0].TrainLoss, 2);
        Assert.IsLessThan(6, trainer.Results[^1].TrainLoss);
    }

    [TestMethod]
    public void AStepOfTheGradients()
    {
        var scales = new List<double>();
        GradientStep half = (_, gradients, scale) =>
        {
            scales.Add(scale);
            gradients.All.Span.Clear();
            return scale;
        };
        var parts = TinyTraining.Parts(Options("run", o => (o.Epochs, o.WeightDecay, o.Opt) = (1, 0, "sgd")),
            new TinyTraining.View());
        var before = parts.Trainee.Graph.Find("conv1.0.weight")!.Data!.ToFloats();
        using var trainer = new Trainer(parts with { Gradients = [half, GradientSteps.Average(IWorld.Alone)] });
        trainer.Run();
        CollectionAssert.AreEqual((double[])[0.5, 0.5, 0.5, 1], scales);
        using var stored = TrainCheckpoint.Read(Path.Combine(folder["run"], "last.safetensors"));
        CollectionAssert.AreEqual(before, stored["conv1.0.weight"].ToFloats());
    }

    TrainOptions Options(string name, Action<TrainOptions>? change = null) =>
        TinyTraining.Options(folder[""], name, change);
}
