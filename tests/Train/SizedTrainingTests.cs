using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Train;
using View = OnnxTimm.Tests.Train.TinyTraining.View;

namespace OnnxTimm.Tests.Train;

/// <summary>A training on images of several sizes by turns.</summary>
[TestClass]
public sealed class SizedTrainingTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void AStepOfAnotherSizeIsThatOfItsNetwork()
    {
        var (own, other) = (Network(32), Network(48));
        using var session = new GradientSession(StepGraph.Gradients(own.Graph), own.Graph.Weights, 8, new());
        using var sized = session.Sized(StepGraph.Gradients(own.Resized(48, 48).Graph), 4);
        using var alone = new GradientSession(StepGraph.Gradients(other.Graph), own.Graph.Weights, 4, new());
        foreach (var step in new[] { sized, alone })
        {
            Fill.Uniform("images", step.Images.Length).CopyTo(step.Images);
            step.Targets.Fill(0.25f);
        }
        Assert.AreEqual(alone.Run(), sized.Run());
        Assert.IsTrue(alone.Grads.All.Span.SequenceEqual(session.Grads.All.Span), "gradients");
        Assert.IsTrue(alone.Stats.All.Span.SequenceEqual(session.Stats.All.Span), "statistics");
    }

    [TestMethod]
    [DataRow("constant", "none")]
    [DataRow("progressive", "linear")]
    public void ItLearnsAndGoesOnToTheSameBits(string schedule, string weight)
    {
        using (var whole = Make("whole", o => (o.TrainSizeSchedule, o.VariableBatchLossScale) = (schedule, weight)))
        {
            Assert.IsTrue(whole.Run());
            Assert.IsLessThan(whole.Results[0].TrainLoss / 2, whole.Results[^1].TrainLoss);
        }
        using var stop = new CancellationTokenSource();
        var view = new View(u =>
        {
            if ((u.Epoch, u.Update) == (1, 2))
                stop.Cancel();
        });
        using (var first = Make("parts",
            o => (o.TrainSizeSchedule, o.VariableBatchLossScale) = (schedule, weight), view))
            Assert.IsFalse(first.Run(stop.Token));
        using (var second = Make("parts", o => (o.TrainSizeSchedule, o.VariableBatchLossScale, o.Resume) =
            (schedule, weight, folder["parts"])))
            Assert.IsTrue(second.Run());
        SameRun.Check(folder["whole"], folder["parts"]);
    }

    [TestMethod]
    public void ANetworkOfOneSizeSaysWhichWeightIsAnother()
    {
        var message = Assert.ThrowsExactly<UserException>(() => Make("run", o =>
            (o.Model, o.TrainImgSizes) = ("test_vit", [32, 48]))).Message;
        StringAssert.Contains(message, "test_vit cannot be trained on images of several sizes: pos_embed");
    }

    [TestMethod]
    [DataRow("--train-batch-sizes has 1 numbers and --train-img-sizes 2", "8", "")]
    [DataRow("--train-size-probs has 3 numbers and --train-img-sizes 2", "", "1 1 1")]
    public void WhatDoesNotFitIsNamed(string expected, string batches, string probabilities)
    {
        var message = Assert.ThrowsExactly<UserException>(() => Make("run", o =>
        {
            o.TrainBatchSizes = [.. batches.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            o.TrainSizeProbs = [.. probabilities.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(double.Parse)];
        })).Message;
        StringAssert.Contains(message, expected);
    }

    static Model Network(int size, string name = "test_resnet") =>
        Zoo.Build(name, new() { NumClasses = 4, ImgSize = (size, size) });

    Trainer Make(string name, Action<TrainOptions> change, View? view = null)
    {
        var options = TinyTraining.Options(folder[""], name, o =>
        {
            (o.TrainImgSizes, o.TrainBatchSizes) = ([24, 32], [16, 8]);
            (o.Hflip, o.Scale, o.ColorJitter) = (0, [0.8, 1], 0);
            change(o);
        });
        var model = Network(32, options.Model);
        var trainee = Trainees.Of(model) with { Resized = shape => model.Resized(shape.Height, shape.Width).Graph };
        var batches = OptionParts.TrainBatches(options, new Dots(112), TinyTraining.Config);
        return new(OptionParts.Of(options, trainee, batches,
            new(new Dots(40), EvalTransform.Create(TinyTraining.Config), new() { BatchSize = 32 }), view ?? new()));
    }
}
