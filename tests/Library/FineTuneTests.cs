using OnnxTimm.Conversion;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Library;

/// <summary>Fine-tuning by the library, on the demo's digits and a network that is quick.</summary>
[TestClass]
public sealed class FineTuneTests
{
    readonly TempFolder folder = new();

    string Weights => folder["w.safetensors"];

    string Data => folder["data"];

    [TestInitialize]
    public void Fill()
    {
        Directory.CreateDirectory(Data);
        foreach (var split in (string[])["train.tar", "val.tar"])
            File.Copy(Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar"), Path.Combine(Data, split));
        using var loaded = ModelLoader.Load(new("cifar_resnet20"));
        SafetensorsWriter.Write(Weights,
            [.. loaded.Model.Graph.Weights.Select(w => KeyValuePair.Create(w.Name, w.Data!))]);
    }

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public async Task TheBestIsAFileThatClassifies()
    {
        var events = new Events();
        var run = await FineTune.RunAsync("cifar_resnet20", Data, Options("run") with { Epochs = 2 }, events);
        Assert.HasCount(2, run.Epochs);
        Assert.AreEqual(run.Epochs.Max(e => e.Eval!.Top1), run.Best.Result.Eval!.Top1);
        Assert.IsLessThan(run.Epochs[0].TrainLoss, run.Epochs[1].TrainLoss);
        CollectionAssert.AreEqual(run.Epochs.ToArray(),
            events.All.OfType<EpochEnded>().Select(e => e.Result).ToArray());
        Assert.HasCount(2 * (140 / 32), events.All.OfType<UpdateEnded>().ToArray());
        Assert.IsFalse(File.Exists(Path.Combine(run.Folder, "curves.png")));
        run.Best.Export(folder["best.onnx"]);
        using var model = Classifier.Open(folder["best.onnx"]);
        using var kept = run.Best.Open();
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(i => $"{i}").ToArray(), model.Labels.ToArray());
        var photo = Path.Combine(Paths.Root, "demo", "photos", "n01860187_black_swan.JPEG");
        CollectionAssert.AreEqual(kept.Classify(photo), model.Classify(photo));
    }

    [TestMethod]
    public async Task TheHeadAloneIsTrained()
    {
        var run = await FineTune.RunAsync("cifar_resnet20", Data, Options("run") with { Epochs = 1, HeadOnly = true });
        using var before = Checkpoint.Open(Weights);
        using var after = Checkpoint.Open(Path.Combine(run.Folder, "model_best.safetensors"));
        foreach (var (name, tensor) in before)
            Assert.AreEqual(!name.StartsWith("fc.", StringComparison.Ordinal),
                tensor.ToFloats().SequenceEqual(after[name].ToFloats()), name);
    }

    /// <summary>Stopped in the second epoch, and called again: the same bits as without a stop.</summary>
    [TestMethod]
    public async Task WhatIsStoppedGoesOn()
    {
        using var cancel = new CancellationTokenSource();
        var stop = new Events(e =>
        {
            if (e is UpdateEnded { Update: { Epoch: 1, Update: 1 } })
                cancel.Cancel();
        });
        var options = Options("stopped") with { Epochs = 2 };
        var message = await Assert.ThrowsAsync<OperationCanceledException>(() =>
            FineTune.RunAsync("cifar_resnet20", Data, options, stop, cancel.Token));
        Assert.Contains(folder["stopped"], message.Message);
        var run = await FineTune.RunAsync("cifar_resnet20", Data, options);
        var whole = await FineTune.RunAsync("cifar_resnet20", Data, options with { Folder = folder["whole"] });
        using var found = Checkpoint.Open(run.Best.File.Replace(".onnx", ".safetensors"));
        using var expected = Checkpoint.Open(whole.Best.File.Replace(".onnx", ".safetensors"));
        foreach (var (name, tensor) in expected)
            CollectionAssert.AreEqual(tensor.ToFloats(), found[name].ToFloats(), name);
    }

    /// <summary>Parts of one's own, and an image of each class where there is no split.</summary>
    [TestMethod]
    public async Task PartsCanBeOthers()
    {
        var run = await FineTune.RunAsync("cifar_resnet20", Path.Combine(Data, "val.tar"), Options("run") with
        {
            Epochs = 1,
            Parts = parts =>
            {
                Assert.AreEqual(10, parts.Validation!.Data.Count);
                return parts with
                {
                    Optimizer = Optimizers.Create("sgd"),
                    Lr = 0,
                    Schedule = updates => Schedules.Create(new() { Epochs = 1, UpdatesPerEpoch = updates }, 0),
                };
            },
        });
        using var before = Checkpoint.Open(Weights);
        using var after = Checkpoint.Open(Path.Combine(run.Folder, "model_best.safetensors"));
        CollectionAssert.AreEqual(before["fc.weight"].ToFloats(), after["fc.weight"].ToFloats());
    }

    [TestMethod]
    public async Task WhatCannotBeIsOneLine()
    {
        async Task<string> Fault(string name, string data, FineTuneOptions options) =>
            (await Assert.ThrowsExactlyAsync<UserException>(() => FineTune.RunAsync(name, data, options))).Message;
        Assert.AreEqual("Epochs must be at least 1, not 0.",
            await Fault("cifar_resnet20", Data, Options("a") with { Epochs = 0 }));
        Assert.Contains("cifar_resnet20", await Fault("cifar_resnet21", Data, Options("a")));
        Assert.Contains("There is no file or folder", await Fault("cifar_resnet20", folder["none"], Options("a")));
    }

    FineTuneOptions Options(string run) => new() { Weights = Weights, Folder = folder[run], SmallestCrop = 0.8 };

    sealed class Events(Action<TrainEvent>? seen = null) : IProgress<TrainEvent>
    {
        public List<TrainEvent> All { get; } = [];

        public void Report(TrainEvent value)
        {
            All.Add(value);
            seen?.Invoke(value);
        }
    }
}
