using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What goes wrong in a run costs no more than it must, and is said.</summary>
[TestClass]
public sealed class TrainerFaultTests
{
    readonly TempFolder folder = new();
    readonly TinyTraining.View view = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void ATrainingGoesOnInAnotherFolder()
    {
        Train("one", epochs: 1);
        Train("two", epochs: 2, resume: folder["one"]);
        foreach (var file in new[] { "checkpoint-1.safetensors", "model_best.safetensors", "model_best.onnx" })
            Assert.IsTrue(File.Exists(Path.Combine(folder["two"], file)), file);
        Assert.IsFalse(File.Exists(Path.Combine(folder["two"], "checkpoint-0.safetensors")));
        Assert.IsTrue(File.Exists(Path.Combine(folder["one"], "checkpoint-0.safetensors")));
        StringAssert.Contains(Fault(() => Train("two", epochs: 3, resume: folder["one"])), "holds another training");
    }

    [TestMethod]
    public void ARunCannotStartBehindItsEnd() => StringAssert.Contains(Fault(() => TinyTraining.Make(
        TinyTraining.Options(folder[""], "run", o => (o.Epochs, o.StartEpoch) = (2, 2)), view).Dispose()),
        "--start-epoch 2 is behind the last epoch, 1.");

    [TestMethod]
    public void DamagedCheckpointsAreNamedAndPassedOver()
    {
        Train("run", epochs: 2);
        var last = Path.Combine(folder["run"], "last.safetensors");
        // A copy: the kept checkpoints are other names of the same file.
        var bytes = File.ReadAllBytes(last);
        File.Delete(last);
        File.WriteAllBytes(last, bytes[..^9]);
        bytes[^9] ^= 4;
        File.WriteAllBytes(Path.Combine(folder["run"], "checkpoint-00.safetensors"), bytes);
        Train("run", epochs: 2, resume: folder["run"]);
        StringAssert.Contains(Single("Skipped: ", "last.safetensors"), "cut short");
        StringAssert.Contains(Single("Skipped: ", "checkpoint-00.safetensors"), "is damaged");
        StringAssert.Contains(Single("Goes on from"), "epoch 2");
    }

    [TestMethod]
    public void AFolderOfDamagedCheckpointsIsNoBeginning()
    {
        Train("run", epochs: 1);
        foreach (var file in Directory.GetFiles(folder["run"], "*.safetensors"))
            File.WriteAllText(file, "x");
        StringAssert.Contains(Fault(() => Train("run", epochs: 2, resume: folder["run"])), "can be read");
    }

    [TestMethod]
    public void ARunWithoutACheckpointBeginsAnew()
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path.Combine(folder["run"], "args.yaml"), "opt: adamw\n");
        Train("run", epochs: 1, resume: folder["run"]);
        StringAssert.Contains(Single("There is no checkpoint"), "begins anew");
        Assert.IsTrue(File.Exists(Path.Combine(folder["run"], "model_best.onnx")));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ARemovedBestFileCostsNoResult(bool isDamaged)
    {
        var best = Path.Combine(folder["run"], "model_best.safetensors");
        // At the second epoch's beginning; a rate of zero makes it no better.
        var removing = new TinyTraining.View(u =>
        {
            if (u is not { Epoch: 1, Update: 0 })
                return;
            File.Delete(best);
            if (isDamaged)
                File.WriteAllText(best, "x");
        });
        var options = Options("run", 2, change: o => (o.EvalMetric, o.Lr, o.WarmupEpochs) = ("top5", 1e-9, 0));
        using (var trainer = TinyTraining.Make(options, removing))
            Assert.IsTrue(trainer.Run());
        Assert.IsTrue(removing.Lines.Any(l => l.StartsWith("--result", StringComparison.Ordinal)));
        Assert.IsTrue(removing.Lines.Any(l => l.StartsWith("Skipped: ", StringComparison.Ordinal)
            && l.Contains(best, StringComparison.Ordinal)));
        StringAssert.EndsWith(removing.Lines[^1],
            $"model_best.onnx from {Path.Combine(folder["run"], "checkpoint-0.safetensors")}");
    }

    [TestMethod]
    public void UnreadableImagesAreNamedOnceAndCountedPerEpoch()
    {
        var options = Options("run", epochs: 2);
        using (var trainer = TinyTraining.Make(options, view, new Spoilt(112, [3, 50]), new Spoilt(40, [7])))
            Assert.IsTrue(trainer.Run());
        Single("Not readable in training: ", "/3.bmp");
        Single("Not readable in training: ", "/50.bmp");
        Single("Not readable in validation: ", "/7.bmp");
        foreach (var epoch in new[] { 0, 1 })
            Single($"Train: {epoch}: 2 of 112 images could not be read");
        Assert.AreEqual(2, view.Lines.Count(l =>
            l.StartsWith("Test: 1 of 40 images could not be read", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void AValidationSetOfWhichNothingCanBeReadIsNoBeginning()
    {
        var nothing = new Spoilt(8, [.. Enumerable.Range(0, 8)]);
        var fault = Fault(() => TinyTraining.Make(Options("run", epochs: 1), view, null, nothing));
        StringAssert.Contains(fault, "None of the 8 images of the validation set can be read");
        Assert.IsFalse(Directory.Exists(folder["run"]));
    }

    [TestMethod]
    public void AnEpochWhoseValidationFailsIsKept()
    {
        var spoilt = new Spoilt(40, []);
        var failing = new TinyTraining.View(_ => spoilt.Bad = [.. Enumerable.Range(0, 40)]);
        using (var trainer = TinyTraining.Make(Options("run", epochs: 1), failing, null, spoilt))
            StringAssert.Contains(Fault(() => trainer.Run()), "Nothing is left of the validation set");
        Train("run", epochs: 1, resume: folder["run"]);
        Assert.IsFalse(view.Lines.Any(l => l.StartsWith("Train: 0 [", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void AFolderIsLeftAsItWasWhenNothingBegan()
    {
        var options = Options("run", 1, change: o => o.Opt = "sdg");
        StringAssert.Contains(Fault(() => TinyTraining.Make(options, view)), "sgd");
        Assert.IsFalse(Directory.Exists(folder["run"]));
    }

    TrainOptions Options(string name, int epochs, string resume = "", Action<TrainOptions>? change = null) =>
        TinyTraining.Options(folder[""], name, o =>
        {
            (o.Epochs, o.Resume, o.RecoveryInterval, o.ModelEma) = (epochs, resume, 0, false);
            change?.Invoke(o);
        });

    void Train(string name, int epochs, string resume = "")
    {
        using var trainer = TinyTraining.Make(Options(name, epochs, resume), view);
        Assert.IsTrue(trainer.Run());
    }

    string Single(string begin, string part = "") => view.Lines.Single(l =>
        l.StartsWith(begin, StringComparison.Ordinal) && l.Contains(part, StringComparison.Ordinal));

    static string Fault(Action action) => Assert.ThrowsExactly<UserException>(action).Message;

    /// <summary>Dots of which some are no images.</summary>
    sealed class Spoilt(int count, int[] bad) : IDataset
    {
        readonly Dots dots = new(count);

        public int[] Bad { get; set; } = bad;

        public int Count => count;

        public IReadOnlyList<string> Classes => dots.Classes;

        public int Label(int index) => dots.Label(index);

        public string Name(int index) => dots.Name(index);

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) =>
            Bad.Contains(index) ? "no"u8 : dots.Read(index, buffer);

        public void Dispose() => dots.Dispose();
    }
}
