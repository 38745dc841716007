using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class LoaderTests
{
    static readonly byte[] Png = File.ReadAllBytes(Paths.Golden("images", "files", "rgb.png"));

    [TestMethod]
    public void BatchesDoNotDependOnThreads()
    {
        var one = Read(new Files(50), new() { BatchSize = 8, IsTraining = true, Threads = 1 }, epoch: 2);
        var four = Read(new Files(50), new() { BatchSize = 8, IsTraining = true, Threads = 4, Prefetch = 3 }, epoch: 2);
        Assert.AreEqual(6, one.Count);
        CollectionAssert.AreEqual(one, four);
    }

    [TestMethod]
    public void EpochsDifferInOrderAndNumbers()
    {
        var options = new LoaderOptions { BatchSize = 50, IsTraining = true };
        Assert.AreNotEqual(Read(new Files(50), options, 0)[0], Read(new Files(50), options, 1)[0]);
    }

    [TestMethod]
    public void AnEpochGoesOnFromABatch()
    {
        var options = new LoaderOptions { BatchSize = 8, IsTraining = true };
        CollectionAssert.AreEqual(Read(new Files(50), options, 1)[4..], Read(new Files(50), options, 1, first: 4));
    }

    [TestMethod]
    public void EvaluationIsInOrderAndComplete()
    {
        var loader = new Loader(new Files(21), new Probe(), new() { BatchSize = 8 });
        var seen = loader.Epoch(0).SelectMany(b => b.Indices.ToArray()).ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 21).ToArray(), seen);
        Assert.AreEqual(3, loader.BatchCount);
    }

    [TestMethod]
    public void EvaluationLeavesUnreadableImagesOut()
    {
        var loader = new Loader(new Files(10, bad: [2, 5]), new Probe(), new() { BatchSize = 4, Type = DType.UInt8 });
        var batches = loader.Epoch(0).Select(b => string.Join(' ', b.Indices.ToArray()) + " " + b.Images).ToArray();
        CollectionAssert.AreEqual(
            (string[])["0 1 3 UInt8[3, 1, 1, 2]", "4 6 7 UInt8[3, 1, 1, 2]", "8 9 UInt8[2, 1, 1, 2]"], batches);
        Assert.AreEqual(2, loader.SkippedCount);
        StringAssert.Contains(loader.Unreadable["file 5"], "is no image");
    }

    [TestMethod]
    public void TrainingTakesTheNextReadableImage()
    {
        var options = new LoaderOptions { BatchSize = 5, IsTraining = true };
        var loader = new Loader(new Files(10, bad: [3, 4, 9]), new Probe(), options);
        var expected = loader.Sampler.Epoch(0).SelectMany(b => b.ToArray()).Select(d => d.Sample)
            .Select(i => i switch { 3 or 4 => 5, 9 => 0, _ => i }).ToArray();
        CollectionAssert.AreEqual(expected, loader.Epoch(0).SelectMany(b => b.Indices.ToArray()).ToArray());
        Assert.AreEqual(4, loader.SkippedCount);
        CollectionAssert.AreEquivalent((string[])["file 3", "file 4", "file 9"], loader.Unreadable.Keys.ToArray());
    }

    [TestMethod]
    public void TrainingStopsWhenNothingCanBeRead()
    {
        var data = new Files(30, bad: [.. Enumerable.Range(0, 30)]);
        var loader = new Loader(data, new Probe(), new() { BatchSize = 5, IsTraining = true });
        var e = Assert.ThrowsExactly<UserException>(() => loader.Epoch(0).Count());
        StringAssert.Contains(e.Message, "20 images in a row cannot be read");
    }

    /// <summary>One image must not end a long run, whatever happens to it; all of them do.</summary>
    [TestMethod]
    public void AnyFaultWithAnImageIsThatImages()
    {
        var loader = new Loader(new Files(4), new Broken(), new() { BatchSize = 2 });
        Assert.AreEqual(0, loader.Epoch(0).Sum(b => b.Count));
        Assert.HasCount(4, loader.Unreadable);
        StringAssert.StartsWith(loader.Unreadable["file 2"], "file 2 cannot be used: InvalidOperationException: ");
        var training = new Loader(new Files(4), new Broken(), new() { BatchSize = 2, IsTraining = true });
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => training.Epoch(0).Count()).Message,
            "20 images in a row cannot be read. file ");
    }

    [TestMethod]
    public void ASetWithOneReadableImageIsReadable()
    {
        new Loader(new Files(4, bad: [0, 1, 2]), new Probe(), new() { BatchSize = 2 }).CheckReadable("test");
        var none = new Loader(new Files(2, bad: [0, 1]), new Probe(), new() { BatchSize = 2 });
        StringAssert.StartsWith(Assert.ThrowsExactly<UserException>(() => none.CheckReadable("test")).Message,
            "None of the 2 images of the test set can be read. file 0 is no image");
    }

    [TestMethod]
    public void LeavingAnEpochStopsItsThreads()
    {
        var loader = new Loader(new Files(200), new Probe(), new() { BatchSize = 2 });
        Assert.AreEqual(2, loader.Epoch(0).First().Count);
        Assert.AreEqual(100, loader.Epoch(0).Count());
    }

    [TestMethod]
    public void AnEpochCanBeCancelled()
    {
        using var cancel = new CancellationTokenSource();
        var loader = new Loader(new Files(200), new Probe(), new() { BatchSize = 2 });
        var seen = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            foreach (var _ in loader.Epoch(0, cancel: cancel.Token))
                if (++seen == 3)
                    cancel.Cancel();
        });
        Assert.AreEqual(3, seen);
    }

    [TestMethod]
    public void TrainingNeedsLabelsAndAFullBatch()
    {
        var options = new LoaderOptions { BatchSize = 4, IsTraining = true };
        Fails("file 0 has no label", new Files(8, label: -1), options);
        Fails("3 images are fewer than one batch of 4", new Files(3), options);
    }

    static void Fails(string message, Files data, LoaderOptions options) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => new Loader(data, new Probe(), options)).Message, message);

    /// <summary>Each batch as text: indices, labels, values.</summary>
    static List<string> Read(Files data, LoaderOptions options, int epoch, int first = 0) =>
        [.. new Loader(data, new Probe(), options).Epoch(epoch, first).Select(b =>
            $"{b.Index}: {string.Join(' ', b.Indices.ToArray())} {string.Join(' ', b.Labels.ToArray())} "
            + string.Join(' ', b.Images.ToFloats()))];

    /// <summary>The same image many times, some of them broken.</summary>
    sealed class Files(int count, int[]? bad = null, int label = 3) : IDataset
    {
        public int Count => count;

        public IReadOnlyList<string> Classes => [];

        public int Label(int index) => label;

        public string Name(int index) => $"file {index}";

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => bad?.Contains(index) == true ? "no"u8 : Png;

        public void Dispose()
        {
        }
    }

    /// <summary>Shows the first byte of the image and a random number.</summary>
    sealed class Probe : IImageTransform
    {
        public int Channels => 1;

        public int Height => 1;

        public int Width => 2;

        public ImageSize Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw)
        {
            (chw[0], chw[1]) = (image.Bytes[8], 7);
            return new(1, 2);
        }

        public ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw)
        {
            (chw[0], chw[1]) = (image.Bytes[8], (float)random.NextDouble());
            return new(1, 2);
        }
    }

    sealed class Broken : IImageTransform
    {
        public int Channels => 1;

        public int Height => 1;

        public int Width => 1;

        public ImageSize Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw) =>
            throw new InvalidOperationException("broken");

        public ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw) =>
            throw new InvalidOperationException("broken");
    }
}
