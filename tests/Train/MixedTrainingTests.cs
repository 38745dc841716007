using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Trainings that mix images, or compare looks at them, learn, stop and go on to the same bits.</summary>
[TestClass]
public sealed class MixedTrainingTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    public static IEnumerable<object[]> Kinds =>
        ((string)"mixup cutmix half jsd").Split(' ').Select(kind => new object[] { kind });

    static void Set(TrainOptions o, string kind)
    {
        (o.TrainInterpolation, o.Hflip, o.Scale, o.Epochs) = ("bilinear", 0, [0.8, 1], 3);
        switch (kind)
        {
            case "jsd":
                (o.AugSplits, o.JsdLoss, o.Resplit, o.Reprob, o.Aa) = (2, true, true, 0.3, "augmix-m2-w2-d1");
                break;
            case "half":
                (o.Mixup, o.MixupMode, o.BceLoss, o.Smoothing) = (0.4, "half", true, 0);
                break;
            case "mixup":
                (o.Mixup, o.Cutmix, o.MixupMode, o.Aa) = (0.4, 1, "elem", "rand-m3-mstd0.5");
                break;
            default:
                (o.CutmixMinmax, o.MixupProb, o.MixupOffEpoch) = ([0.2, 0.6], 0.7, 2);
                break;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void ItLearnsStopsAndGoesOnToTheSameBits(string kind)
    {
        using (var whole = new Trainer(Parts("whole", kind, 1)))
        {
            Assert.IsTrue(whole.Run());
            Assert.IsLessThan(whole.Results[0].TrainLoss, whole.Results[^1].TrainLoss);
        }
        using var stop = new CancellationTokenSource();
        var view = new TinyTraining.View(update =>
        {
            if (update is { Epoch: 1, Update: 1 })
                stop.Cancel();
        });
        using (var first = new Trainer(Parts("parts", kind, 2, view)))
            Assert.IsFalse(first.Run(stop.Token));
        using (var second = new Trainer(Parts("parts", kind, 7, change: o => o.Resume = folder["parts"])))
            Assert.IsTrue(second.Run());
        SameRun.Check(folder["whole"], folder["parts"]);
    }

    [TestMethod]
    public void ContradictionsAreRefusedBeforeAnyWork()
    {
        foreach (var (change, part) in ((Action<TrainOptions>, string)[])
        [
            (o => (o.Mixup, o.BatchSize) = (0.2, 15), "--batch-size 15"),
            (o => (o.Cutmix, o.AugSplits) = (1, 2), "--aug-splits"),
            (o => o.CutmixMinmax = [0.8, 0.2], "0.8 0.2"),
            (o => o.CutmixMinmax = [0.8], "two numbers"),
            (o => (o.Mixup, o.LossType) = (0.2, "asl"), "mixed"),
            (o => (o.Mixup, o.MixupMode) = (0.2, "paar"), "pair"),
            (o => o.MixupProb = 1.5, "--mixup-prob"),
        ])
        {
            var options = new TrainOptions();
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(options.Check).Message, part);
        }
    }

    TrainParts Parts(string run, string kind, int threads, TinyTraining.View? view = null,
        Action<TrainOptions>? change = null)
    {
        var options = TinyTraining.Options(folder[""], run, o =>
        {
            Set(o, kind);
            o.Workers = threads;
            change?.Invoke(o);
        });
        // The number of threads is among the options that the runs keep, and means nothing to what they learn.
        var batches = OptionParts.TrainBatches(options, new Dots(112), TinyTraining.Config);
        options.Workers = 1;
        return TinyTraining.Parts(options, view ?? new TinyTraining.View()) with { Batches = batches };
    }
}
