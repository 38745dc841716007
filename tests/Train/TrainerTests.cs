using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;
using View = OnnxTimm.Tests.Train.TinyTraining.View;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Level 5 in small: a network learns, is stopped, goes on to the same bits, and classifies as a file.
/// </summary>
[TestClass]
public sealed class TrainerTests
{
    readonly string folder = Directory.CreateTempSubdirectory("onnxtimm").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void ATrainingLearnsAndLeavesItsFiles()
    {
        var view = new View();
        using (var trainer = TinyTraining.Make(Options("run", o => (o.GradAccumSteps, o.Epochs) = (1, 6)), view))
        {
            Assert.IsTrue(trainer.Run());
            Assert.IsGreaterThan(90, trainer.Results[^1].Eval!.Top1, string.Join("\n", view.Lines));
        }
        string[] files = ["args.yaml", "checkpoint-2.safetensors", "checkpoint-3.safetensors", "curves.png",
            "last.safetensors", "model_best.onnx", "model_best.safetensors", "summary.csv"];
        var found = Directory.GetFiles(Path.Combine(folder, "run"))
            .Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.IsSubsetOf(files.Where(f => !f.StartsWith("checkpoint", StringComparison.Ordinal)).ToArray(),
            found);
        Assert.HasCount(2, found.Where(f => f.StartsWith("checkpoint-", StringComparison.Ordinal)));
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(folder, "run", "summary.csv")),
            "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n0,");
        Classifies(Path.Combine(folder, "run", "model_best.onnx"));
    }

    [TestMethod]
    [DataRow(1, 1, false)]
    [DataRow(2, 3, false)]
    [DataRow(2, 3, true)]
    public void AStoppedTrainingGoesOnToTheSameBits(int epoch, int update, bool amp)
    {
        using (var whole = TinyTraining.Make(Options("whole", o => o.Amp = amp), new View()))
            whole.Run();
        using var stop = new CancellationTokenSource();
        var view = new View(u =>
        {
            if ((u.Epoch, u.Update) == (epoch, update))
                stop.Cancel();
        });
        using (var first = TinyTraining.Make(Options("parts", o => o.Amp = amp), view))
            Assert.IsFalse(first.Run(stop.Token));
        var resumed = Options("parts", o => (o.Amp, o.Resume) = (amp, Path.Combine(folder, "parts")));
        using (var second = TinyTraining.Make(resumed, new View()))
            Assert.IsTrue(second.Run());
        SameRun.Check(Path.Combine(folder, "whole"), Path.Combine(folder, "parts"));
    }

    [TestMethod]
    public void ATrainingThatWasKilledBetweenFilesMendsThem()
    {
        var run = Path.Combine(folder, "killed");
        using (var first = TinyTraining.Make(Options("killed", o => o.Epochs = 1), new View()))
            first.Run();
        string[] files = ["checkpoint-0.safetensors", "model_best.safetensors", "summary.csv", "model_best.onnx"];
        foreach (var file in files)
            File.Delete(Path.Combine(run, file));
        using (var second = TinyTraining.Make(Options("killed", o => (o.Epochs, o.Resume) = (1, run)), new View()))
            second.Run();
        foreach (var file in files)
            Assert.IsTrue(File.Exists(Path.Combine(run, file)), file);
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(
            () => TinyTraining.Make(Options("killed"), new View())).Message, "holds another training");
    }

    /// <summary>Nothing that follows a loss that is no number could be used; what was stored before stays.</summary>
    [TestMethod]
    public void ALossThatIsNoNumberEndsTheTraining()
    {
        var options = Options("early", o =>
            (o.Lr, o.WeightDecay, o.ClipGrad, o.Opt, o.WarmupEpochs) = (1e6, 1e6, null, "sgd", 0));
        using (var first = TinyTraining.Make(options, new View()))
            StringAssert.Matches(Assert.ThrowsExactly<UserException>(() => first.Run()).Message,
                new("^The (validation )?loss of epoch 0.* is (nan|inf), at the learning rate .*there is no checkpoint"));
        Assert.IsFalse(File.Exists(Path.Combine(folder, "early", "last.safetensors")));
    }

    [TestMethod]
    public void NumbersThatAreNoneHaveTheirText()
    {
        Assert.AreEqual("nan inf -inf null", $"{PythonText.Significant(double.NaN)} "
            + $"{PythonText.Repr(double.PositiveInfinity)} {PythonText.Repr(double.NegativeInfinity)} "
            + PythonText.Json(double.NaN));
        Assert.DoesNotContain("nan", Summary.Json([new(0, double.NaN, null, 1)], "loss", true));
    }

    [TestMethod]
    public void LabelsMustMeanTheSame()
    {
        var trainee = new Trainee("net", Zoo.Build("test_resnet", new() { NumClasses = 3 }).Graph);
        StringAssert.Contains(
            Assert.ThrowsExactly<UserException>(() => Labels.Check(trainee, new Dots(8), null)).Message,
            "has the label 3; net has 3 classes");
        var whole = trainee with { Graph = Zoo.Build("test_resnet", new() { NumClasses = 4 }).Graph };
        Labels.Check(whole, new Dots(8), new Dots(8));
        StringAssert.Contains(
            Assert.ThrowsExactly<UserException>(() =>
            Labels.Check(whole, new Dots(8), new Dots(8, "black"))).Message,
            "training has red alone, validation black");
    }

    static void Classifies(string path)
    {
        using var session = Session.Open(path);
        var data = new Dots(8);
        var loader = new Loader(data, EvalTransform.Create(TinyTraining.Config), new() { BatchSize = 8 });
        using var binding = session.Bind([8, 3, 32, 32]);
        foreach (var batch in loader.Epoch(0))
        {
            var logits = binding.Run(MemoryMarshal.Cast<byte, float>(batch.Memory.Span)).ToArray();
            var right = Enumerable.Range(0, 8).Count(i =>
                logits.Skip(4 * i).Take(4).Index().MaxBy(l => l.Item).Index == data.Label(i));
            Assert.IsGreaterThanOrEqualTo(7, right);
        }
        Assert.AreEqual("dots", session.Metadata["task"]);
    }

    TrainOptions Options(string name, Action<TrainOptions>? change = null) =>
        TinyTraining.Options(folder, name, change);
}
