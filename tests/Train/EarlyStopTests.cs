using OnnxTimm.Train;
using View = OnnxTimm.Tests.Train.TinyTraining.View;

namespace OnnxTimm.Tests.Train;

/// <summary>A training ends where nothing better comes any more, also when it is resumed in between.</summary>
[TestClass]
public sealed class EarlyStopTests
{
    /// <summary>The best is epoch 1; 2, 3 and 4 are no better, an equal one among them.</summary>
    static readonly double[] Accuracies = [50, 60, 55, 60, 59, 70, 80, 90];

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow(3, 5)]
    [DataRow(null, 8)]
    public void ItEndsAfterSoManyEpochsWithoutABetterMetric(int? most, int epochs)
    {
        using var trainer = new Trainer(Parts("run", most, new View()));
        Assert.IsTrue(trainer.Run());
        Assert.HasCount(epochs, trainer.Results);
        Assert.AreEqual(epochs == 8 ? 7 : 1, trainer.Best!.Epoch);
        Assert.IsTrue(File.Exists(folder["run/model_best.onnx"]));
    }

    [TestMethod]
    public void AResumedTrainingCountsOn()
    {
        using var stop = new CancellationTokenSource();
        var view = new View(u =>
        {
            if ((u.Epoch, u.Update) == (3, 0))
                stop.Cancel();
        });
        using (var first = new Trainer(Parts("run", 3, view)))
            Assert.IsFalse(first.Run(stop.Token));
        var parts = Parts("run", 3, view = new View());
        using var second = new Trainer(parts with
        {
            Policy = parts.Policy with { Resume = folder["run"], Place = parts.Policy.Place with { IsResumed = true } },
        });
        Assert.IsTrue(second.Run());
        Assert.HasCount(5, second.Results);
        Assert.Contains("No better top1 in 3 epochs: the training ends early.", view.Lines);
    }

    TrainParts Parts(string name, int? most, IProgress<TrainEvent> view) =>
        TinyTraining.Parts(TinyTraining.Options(folder[""], name, o =>
            (o.EarlyStop, o.Epochs, o.BatchSize, o.GradAccumSteps, o.ModelEma) = (most, 8, 4, 1, false)),
            view, new Dots(12)) with
        {
            Evaluator = (_, _) => new Told(view as View),
        };

    /// <summary>Says what was written down for each epoch.</summary>
    sealed class Told(View? view) : IEvaluator
    {
        public EvalResult Run(
            IEnumerable<KeyValuePair<string, Tensor>> weights, string suffix, CancellationToken cancel) =>
            new(1, Accuracies[view!.Lines.Where(l => l.StartsWith("Train: ", StringComparison.Ordinal))
                .Select(l => int.Parse(l.Split(' ')[1], null)).Last()], 100);
    }
}
