using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>The same of what makes the batches: <see cref="TrainPartsTests"/>.</summary>
[TestClass]
public sealed class BatchPartsTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>Each of the first images several times, in as many views.</summary>
    sealed class Repeated(int images, int views) : ISampler
    {
        public int BatchCount => images * views / 16;

        public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch) =>
        [
            .. Enumerable.Range(0, images * views).Select(i => new Draw(i / views, i % views)).Chunk(16)
                .Select(b => new ReadOnlyMemory<Draw>(b)),
        ];
    }

    [TestMethod]
    public void ASamplerOfSeveralViews()
    {
        var transform = TrainTransform.Create(new() { Data = TinyTraining.Config, Scale = new(0.2, 1) });
        Loader Make(int threads) => new(new Dots(40), transform,
            new() { BatchSize = 16, IsTraining = true, Threads = threads, Sampler = new Repeated(16, 3) });
        float[][] images = [.. Make(2).Epoch(0).SelectMany(Images)];
        Assert.HasCount(48, images);
        foreach (var views in images.Chunk(3))
            Assert.AreEqual(3, views.Select(v => v.Sum()).Distinct().Count(), "each view has its own crop");
        foreach (var (one, other) in images.Zip(Make(1).Epoch(0).SelectMany(Images)))
            CollectionAssert.AreEqual(one, other);
        var parts = TinyTraining.Parts(Options("run"), new TinyTraining.View()) with { Batches = Make(2) };
        using var trainer = new Trainer(parts);
        Assert.IsTrue(trainer.Run());
    }

    static IEnumerable<float[]> Images(Batch batch)
    {
        var all = MemoryMarshal.Cast<byte, float>(batch.Memory.Span).ToArray();
        return [.. all.Chunk(all.Length / batch.Count)];
    }

    /// <summary>Half of each image is that of its neighbour.</summary>
    sealed class Halves : IBatchMix
    {
        public void Apply(ImageBatch batch, int epoch, CounterRandom random, Span<Partner> partners)
        {
            var images = batch.Values;
            var (shape, before) = (batch.Shape, batch.Values.ToArray());
            for (var i = 0; i < shape.Count; i++)
            {
                var other = (i + 1) % shape.Count;
                for (var at = 0; at < shape.ImageLength; at++)
                    images[i * shape.ImageLength + at] = (before[i * shape.ImageLength + at]
                        + before[other * shape.ImageLength + at]) / 2;
                partners[i] = new(other, 0.5f);
            }
        }
    }

    [TestMethod]
    public void AMixOfImagesAndTheirTargets()
    {
        var targets = new List<float[]>();
        var plain = new Classification(Losses.SoftTargetCrossEntropy);
        var task = new Watched(plain, targets);
        var parts = TinyTraining.Parts(Options("run", o => o.Epochs = 1), new TinyTraining.View());
        using var trainer = new Trainer(parts with { Mix = new Halves(), Task = task });
        trainer.Run();
        foreach (var row in targets.SelectMany(t => t.Chunk(4)))
        {
            Assert.AreEqual(1, row.Sum(), 1e-6);
            Assert.IsTrue(row.All(x => x is 0 or 0.5f or 1), string.Join(' ', row));
        }
        Assert.IsTrue(targets.SelectMany(t => t).Contains(0.5f));
    }

    /// <summary>Keeps what a task feeds.</summary>
    sealed class Watched(ITask inner, List<float[]> targets) : ITask
    {
        public Value Loss(TaskGraph graph) => inner.Loss(graph);

        public IReadOnlyList<IFeeder> Feeders => [.. inner.Feeders.Select(f => new Feeder(f.Input, (batch, to) =>
        {
            f.Fill(batch, to);
            targets.Add(to.ToArray());
        }))];
    }

    /// <summary>Images that nobody wrote to a file.</summary>
    sealed class Raw : IDataset
    {
        public int Count => 64;

        public IReadOnlyList<string> Classes => ["dark", "bright"];

        public int Label(int index) => index % 2;

        public string Name(int index) => $"{index}";

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => throw new NotSupportedException();

        public Image Pixels(int index)
        {
            var image = Image.Rent(32, 32);
            var light = (byte)(40 + 150 * (index % 2) + index / 2);
            image.Fill(light, light, light);
            return image;
        }

        public void Dispose()
        {
        }
    }

    [TestMethod]
    public void ADataSetOfPixels()
    {
        var model = Zoo.Build("test_resnet", new() { NumClasses = 2, ImgSize = (32, 32) });
        Loader Make(bool training) => new(new Raw(), EvalTransform.Create(TinyTraining.Config),
            new() { BatchSize = 16, IsTraining = training });
        var parts = TinyTraining.Parts(Options("run"), new TinyTraining.View()) with
        {
            Trainee = Trainees.Of(model),
            Groups = ParamGroups.ByDecay(Trainees.Of(model), 0),
            Weights = null,
            Gradients = [],
            Batches = Make(true),
            Validation = Make(false),
        };
        using var trainer = new Trainer(parts);
        trainer.Run();
        Assert.IsGreaterThan(90, trainer.Results[^1].Eval!.Top1);
        using var session = Session.Open(Path.Combine(folder["run"], "model_best.onnx"));
        var right = 0;
        new ImageRunner(session, TinyTraining.Config, new Raw(), 8).Run(2,
            (i, row) => Interlocked.Add(ref right, row[i % 2] > row[1 - i % 2] ? 1 : 0), (_, e) => throw e);
        Assert.IsGreaterThan(57, right);
    }

    /// <summary>Turns colours around.</summary>
    sealed class Negative : IAugmentation
    {
        public Image Apply(Image image, CounterRandom random)
        {
            for (var y = 0; y < image.Height; y++)
                foreach (ref var x in image.Row(y))
                    x = (byte)(255 - x);
            return image;
        }
    }

    [TestMethod]
    public void AnOperationOfAugmentation()
    {
        var config = new TrainConfig
        {
            Data = TinyTraining.Config,
            HorizontalFlip = 0,
            Scale = new(1, 1),
            Ratio = new(1, 1),
            ColorJitter = [],
        };
        var plain = Only(TrainTransform.Create(config));
        var negative = Only(TrainTransform.Create(config with { Policy = new Negative() }));
        for (var i = 0; i < plain.Length; i++)
            Assert.AreEqual(-plain[i], negative[i], 1e-6);
    }

    static float[] Only(TrainTransform transform)
    {
        var pixels = new float[3 * 32 * 32];
        using var image = ((IDataset)new Raw()).Pixels(5)!;
        transform.Apply(image, new CounterRandom(1).At(0, 0), pixels);
        return pixels;
    }

    TrainOptions Options(string name, Action<TrainOptions>? change = null) =>
        TinyTraining.Options(folder[""], name, change);
}
