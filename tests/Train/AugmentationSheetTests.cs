using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A batch as a picture: what the network would see, and what was done to it.</summary>
[TestClass]
public sealed class AugmentationSheetTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void TheSheetShowsTheFirstBatchAsItIsTrainedOn()
    {
        var parts = Parts(o => (o.Mixup, o.Aa) = (1, "rand-m9-n2-p1-inc1"));
        var before = parts.Batches.Epoch(0).First().Memory.ToArray();
        using var sheet = ImageDecoder.Decode(AugmentationSheet.Draw(parts, TinyTraining.Config), "sheet");
        CollectionAssert.AreEqual(before, parts.Batches.Epoch(0).First().Memory.ToArray());
        var batch = parts.Batches.Epoch(0).First();
        var partners = new BatchMixing(parts).Apply(batch, 0);
        Assert.AreNotEqual(1, partners[0].Share);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(batch.Memory.Span);
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
                for (var c = 0; c < 3; c++)
                    Assert.AreEqual(
                        255 * (values[(c * 32 + y) * 32 + x] * 0.5 + 0.5), sheet.Row(8 + y)[4 * (8 + x) + c], 1);
        Assert.IsTrue(Enumerable.Range(40, 20).Any(y => sheet.Row(y)[32..800].ContainsAnyExcept((byte)255)), "no text");
    }

    [TestMethod]
    public void WhatWasDoneIsTold()
    {
        var parts = Parts(o => (o.Aa, o.Hflip, o.Reprob) = ("rand-m9-n2-p1-inc1", 1, 1));
        var told = parts.Batches.Told(0, parts.Batches.Sampler.Epoch(0)[0].Span[0]);
        Assert.HasCount(5, told);
        StringAssert.StartsWith(told[0], "crop ");
        Assert.AreEqual("HorizontalFlip", told[1]);
        Assert.IsTrue(told.Skip(2).Take(2).All(t => PolicyOperations.Find(t.Split(' ')[0]) is not null));
        Assert.AreEqual("erased 1", told[4]);
    }

    [TestMethod]
    public void BatchesAreKeptAsPictures()
    {
        using (var trainer = new Trainer(Parts(o => (o.SaveImages, o.Epochs) = (true, 1))))
            trainer.Run();
        var files = Directory.GetFiles(folder["run"], "train-batch-*.jpg").Select(f => Path.GetFileName(f)).Order();
        CollectionAssert.AreEqual(
            (string[])["train-batch-1.jpg", "train-batch-5.jpg", "train-batch-6.jpg"], files.ToArray());
        using var image = ImageDecoder.Decode(Path.Combine(folder["run"], "train-batch-1.jpg"));
        Assert.AreEqual((8 * 32, 2 * 32), (image.Width, image.Height));
    }

    TrainParts Parts(Action<TrainOptions> change)
    {
        var options = TinyTraining.Options(folder[""], "run", change);
        return TinyTraining.Parts(options, new TinyTraining.View()) with
        {
            Batches = OptionParts.TrainBatches(options, new Dots(112), TinyTraining.Config),
        };
    }
}
