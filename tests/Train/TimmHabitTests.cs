using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What timm takes otherwise than one may think is taken so, and said.</summary>
[TestClass]
public sealed class TimmHabitTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>timm asks <c>if not args.lr</c>; then lr_base * batch / 256 for SGD.</summary>
    [TestMethod]
    public void ARateOfZeroIsNone()
    {
        var view = new TinyTraining.View();
        var options = TinyTraining.Options(folder[""], "run", o => (o.Lr, o.Opt) = (0, "sgd"));
        var parts = TinyTraining.Parts(options, view);
        Assert.AreEqual(0.1 * 32 / 256, parts.Lr, 1e-12);
        Assert.AreEqual("--lr 0 stands for none, as in timm: 0.0125 follows from --lr-base 0.1 and 32 images an "
            + "update.", view.Lines.Single());
        view = new();
        TinyTraining.Parts(TinyTraining.Options(folder[""], "run", o => o.Lr = null), view);
        Assert.IsEmpty(view.Lines);
    }

    /// <summary>timm's readers of streams see ceil(images * repeats / batch) batches, its folders as before.</summary>
    [TestMethod]
    [DataRow("wds/", "wds", 2.5, 6)]
    [DataRow("wds/", "wds", 0.5, 2)]
    [DataRow("hfds/", "parquet", 2.5, 2)]
    [DataRow("", "folder", 2.5, 2)]
    public void EpochsOfStreamsAreRepeated(string kind, string place, double repeats, int batches)
    {
        var options = new TrainOptions
        {
            Dataset = kind,
            DataDir = Paths.Golden("datasets", place),
            TrainSplit = kind.Length > 0 ? "train" : "",
            EpochRepeats = repeats,
            BatchSize = 5,
        };
        using var data = OptionParts.Train(options);
        Assert.AreEqual(12, data.Count);
        Assert.AreEqual(batches, OptionParts.TrainBatches(options, data, TinyTraining.Config).BatchCount);
    }

    [TestMethod]
    public void RepeatsThatChangeNothingAreSaid()
    {
        var view = new TinyTraining.View();
        TinyTraining.Parts(TinyTraining.Options(folder[""], "run", o => o.EpochRepeats = 2), view);
        StringAssert.StartsWith(view.Lines.Single(), "--epoch-repeats changes nothing here");
        var options = new TrainOptions { EpochRepeats = 2, TrainImgSizes = [32, 64], Dataset = "wds/" };
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(options.Check).Message, "--epoch-repeats is for");
    }
}
