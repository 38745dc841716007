using System.Numerics.Tensors;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Tests.Data;
using OnnxTimm.Train;
using View = OnnxTimm.Tests.Train.TinyTraining.View;

namespace OnnxTimm.Tests.Train;

/// <summary>A training on patches of images of any shape.</summary>
[TestClass]
public sealed class PatchTrainingTests
{
    static readonly DataConfig Config = TinyTraining.Config with { Patches = new(NarrowNaFlex.Patch, 6) };

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>It learns, and goes on from the middle of an epoch to the same bits with another number of threads.
    /// </summary>
    [TestMethod]
    [DataRow("", false)]
    [DataRow("8", true)]
    public void ItLearnsAndGoesOnToTheSameBits(string sides, bool mixes)
    {
        void Change(TrainOptions o)
        {
            o.NaflexPatchSizes = Numbers(sides);
            (o.Mixup, o.Cutmix, o.Reprob, o.Remode) = mixes ? (0.2, 0.2, 0.2, "pixel") : (0, 0, 0, "");
        }
        using (var whole = Make("whole", Change))
        {
            Assert.IsTrue(whole.Run());
            Assert.IsLessThan(whole.Results[0].TrainLoss * (mixes ? 1 : 0.8), whole.Results[^1].TrainLoss);
        }
        using var stop = new CancellationTokenSource();
        var view = new View(u =>
        {
            if ((u.Epoch, u.Update) == (1, 1))
                stop.Cancel();
        });
        using (var first = Make("parts", Change, view))
            Assert.IsFalse(first.Run(stop.Token));
        using (var second = Make("parts", o =>
        {
            Change(o);
            (o.Workers, o.Resume) = (1, folder["parts"]);
        }))
            Assert.IsTrue(second.Run());
        SameRun.Check(folder["whole"], folder["parts"]);
    }

    /// <summary>The best network takes any number of patches, and says of images what validation said.</summary>
    [TestMethod]
    public void TheBestNetworkTakesPatches()
    {
        using var trainer = Make("run", o => (o.Epochs, o.NaflexTrainSeqLens) = (8, [4]));
        trainer.Run();
        Assert.IsGreaterThan(35, trainer.Best!.Metric);
        using var session = Session.Open(Path.Combine(folder["run"], "model_best.onnx"));
        Assert.IsTrue(InputImage.IsPatches(session));
        var (right, data) = (0, new Dots(40));
        new ImageRunner(session, Config, data).Run(1, (i, row) =>
            right += TensorPrimitives.IndexOfMax(row) == data.Label(i) ? 1 : 0,
            (_, e) => throw e);
        Assert.AreEqual(trainer.Best.Metric, 100.0 * right / 40, 1e-9);
    }

    /// <summary>Batches have as many patches each; the gradients of a batch count by its images.</summary>
    [TestMethod]
    public void BatchesHaveAsManyPatches()
    {
        var options = Options("run", o => o.NaflexTrainSeqLens = [4, 8]);
        var loader = OptionParts.TrainBatches(options, new PatchLoaderTests.Shapes(100), Config);
        foreach (var batch in loader.Epoch(0))
        {
            var patches = batch.Normalised.Shape.Patches!;
            Assert.IsTrue(batch.Count == 128 / patches.MaxSeqLen || batch.Count == loader.Sizes[batch.Size].BatchSize);
            Assert.IsLessThanOrEqualTo(16 * 8, batch.Count * patches.MaxSeqLen);
        }
        Assert.AreEqual(2, OptionParts.BatchWeight(options)!(32));
        options.NaflexLossScale = "sqrt";
        Assert.AreEqual(Math.Sqrt(2), OptionParts.BatchWeight(options)!(32));
        options.NaflexLossScale = "none";
        Assert.AreEqual(1, OptionParts.BatchWeight(options)!(32));
    }

    TrainOptions Options(string name, Action<TrainOptions> change) => TinyTraining.Options(folder[""], name, o =>
    {
        (o.NaflexLoader, o.NaflexTrainSeqLens, o.NaflexMaxSeqLen) = (true, [4, 6], 6);
        (o.Hflip, o.ColorJitter, o.GradAccumSteps, o.ModelEma) = (0, 0, 1, false);
        o.Scale = [0.8, 1];
        change(o);
    });

    Trainer Make(string name, Action<TrainOptions> change, View? view = null)
    {
        var options = Options(name, change);
        var batches = OptionParts.TrainBatches(options, new Dots(112), Config);
        return new(OptionParts.Of(options, NarrowNaFlex.Trainee(4), batches,
            OptionParts.EvalBatches(options, new Dots(40), Config), view ?? new()));
    }

    static int[] Numbers(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
