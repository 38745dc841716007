using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests;

/// <summary>Several looks at an image share its crop; the first is clean, and may be spared from erasing.</summary>
[TestClass]
public sealed class SplitTests
{
    sealed class Negative : IAugmentation
    {
        public Image Apply(Image image, CounterRandom random)
        {
            Tones.Invert(image);
            return image;
        }
    }

    static readonly TrainConfig Config = new()
    {
        Data = new() { Width = 16, Height = 16, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] },
        Policy = new Negative(),
    };

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void LooksShareTheFirstStage(int threads)
    {
        var sampler = Samplers.Split(Samplers.Shuffled(20, 4, 3), 3);
        foreach (var images in Batches(Config, sampler, threads))
            for (var i = 0; i < 4; i++)
                for (var at = 0; at < images[i].Length; at++)
                {
                    Assert.AreEqual(-images[i][at], images[i + 4][at], 1e-6f);
                    Assert.AreEqual(images[i + 4][at], images[i + 8][at]);
                }
    }

    [TestMethod]
    public void EachLookDrawsItsOwnColours()
    {
        var config = Config with { Policy = null, ColorJitter = [0.9] };
        foreach (var images in Batches(config, Samplers.Split(Samplers.Shuffled(20, 4, 3), 3), 2))
            for (var i = 0; i < 4; i++)
                CollectionAssert.AreNotEqual(images[i + 4], images[i + 8]);
    }

    [TestMethod]
    public void TheFirstPartIsSpared()
    {
        var config = Config with { Policy = null, ColorJitter = [], Erasing = new(1, ErasingMode.Const) };
        var plain = Batches(config with { Erasing = null }, Samplers.Shuffled(20, 4, 3), 2);
        var erased = Batches(config, Samplers.Spare(Samplers.Shuffled(20, 4, 3), 2), 2);
        foreach (var (before, after) in plain.Zip(erased))
            for (var i = 0; i < 4; i++)
                Assert.AreEqual(i < 2, before[i].AsSpan().SequenceEqual(after[i]));
    }

    [TestMethod]
    public void ContradictionsAreRefusedBeforeAnyWork()
    {
        foreach (var (change, part) in ((Action<TrainOptions>, string)[])
        [
            (o => o.AugSplits = 1, "--aug-splits 1"),
            (o => (o.AugSplits, o.NoAug) = (2, true), "--no-aug"),
            (o => o.JsdLoss = true, "--aug-splits 2"),
            (o => o.Aa = "rand-x1", "rand-x1"),
            (o => (o.Aa, o.TrainInterpolation) = ("v0", "box"), "box"),
            (o => o.TrainCropMode = "foo", "foo"),
        ])
        {
            var options = new TrainOptions();
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(options.Check).Message, part);
        }
    }

    static List<float[][]> Batches(TrainConfig config, ISampler sampler, int threads)
    {
        var size = sampler.Epoch(0)[0].Length;
        var loader = new Loader(new Train.Dots(20), TrainTransform.Create(config),
            new() { BatchSize = size, IsTraining = true, Sampler = sampler, Threads = threads });
        return [.. loader.Epoch(0).Select(batch =>
            MemoryMarshal.Cast<byte, float>(batch.Memory.Span).ToArray().Chunk(3 * 16 * 16).ToArray())];
    }
}
