using OnnxTimm.Data;

namespace OnnxTimm.Tests.Library;

/// <summary>Classifying by the library: every way in gives the same, from any number of threads.</summary>
[TestClass]
public sealed class ClassifierTests
{
    static readonly string Weights = Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors");

    static readonly string Photos = Path.Combine(Paths.Root, "demo", "photos");

    static readonly string Swan = Path.Combine(Photos, "n01860187_black_swan.JPEG");

    static readonly TempFolder Folder = new();

    static Classifier model = null!;

    static string File => Folder["lite0.onnx"];

    [ClassInitialize]
    public static void Open(TestContext context)
    {
        using var loaded = ModelLoader.Load(ModelRequest.Of("tf_efficientnet_lite0", Weights));
        loaded.Export(File);
        model = Classifier.Open(File);
    }

    [ClassCleanup]
    public static void Close()
    {
        model.Dispose();
        Folder.Dispose();
    }

    [TestMethod]
    public void APhotographIsClassified()
    {
        var best = model.Classify(Swan, top: 2);
        Assert.HasCount(2, best);
        Assert.AreEqual((100, "black swan, Cygnus atratus"), (best[0].Index, best[0].Label));
        Assert.IsGreaterThan(0.8f, best[0].Probability);
        Assert.AreEqual("black swan, Cygnus atratus 88.7%", best[0].ToString());
        Assert.AreEqual((1000, 1000), (model.Classes, model.Labels.Count));
    }

    /// <summary>A name with weights is the file that is written of it.</summary>
    [TestMethod]
    public void ANameIsItsFile()
    {
        using var named = Classifier.Create("tf_efficientnet_lite0", Weights);
        CollectionAssert.AreEqual(model.Classify(Swan), named.Classify(Swan));
        CollectionAssert.AreEqual(model.Embed(Swan), named.Embed(Swan));
    }

    [TestMethod]
    public async Task BytesAndStreamsAreTheFile()
    {
        var expected = model.Classify(Swan);
        var bytes = System.IO.File.ReadAllBytes(Swan);
        CollectionAssert.AreEqual(expected, model.Classify(bytes));
        CollectionAssert.AreEqual(expected, await model.ClassifyAsync(new MemoryStream(bytes)));
        CollectionAssert.AreEqual(model.Embed(Swan), await model.EmbedAsync(new MemoryStream(bytes)));
        CollectionAssert.AreEqual(expected[..3], await model.ClassifyAsync(new MemoryStream(bytes), 3));
    }

    [TestMethod]
    [DataRow(PixelFormat.Rgb24, 3)]
    [DataRow(PixelFormat.Rgba32, 4)]
    public void PixelsAreTheFile(PixelFormat format, int size)
    {
        using var image = ImageDecoder.Decode(Swan);
        var pixels = size == 3 ? image.ToRgb() : image.Bytes.ToArray();
        CollectionAssert.AreEqual(model.Classify(Swan), model.Classify(pixels, format, image.Width, image.Height));
        CollectionAssert.AreEqual(model.Embed(Swan), model.Embed(pixels, format, image.Width, image.Height));
    }

    [TestMethod]
    public void EightThreadsGetWhatOneGets()
    {
        var files = Directory.GetFiles(Photos);
        var expected = files.ToDictionary(file => file, file => (model.Classify(file), model.Embed(file)));
        Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, thread =>
        {
            foreach (var file in files.Skip(thread).Concat(files.Take(thread)))
            {
                CollectionAssert.AreEqual(expected[file].Item1, model.Classify(file));
                CollectionAssert.AreEqual(expected[file].Item2, model.Embed(file));
            }
        });
    }

    [TestMethod]
    public void AllComeInTheirOrderAndNoneTooEarly()
    {
        var files = Directory.GetFiles(Photos).Order(StringComparer.Ordinal).Reverse().ToArray();
        var asked = 0;
        var results = model.ClassifyAll(Enumerable.Repeat(files, 20).SelectMany(f => f).Select(file =>
        {
            asked++;
            return file;
        }), top: 1);
        Assert.AreEqual(0, asked);
        var first = results.Take(3).ToArray();
        CollectionAssert.AreEqual(files[..3], first.Select(r => r.File).ToArray());
        Assert.IsLessThan(8 * Environment.ProcessorCount, asked);
        CollectionAssert.AreEqual(model.Classify(files[2], top: 1), first[2].Predictions);
        CollectionAssert.AreEqual(files, model.EmbedAll(files).Select(r => r.File).ToArray());
    }

    [TestMethod]
    public void WhatIsNoImageIsSaid()
    {
        var text = Folder["text.jpg"];
        System.IO.File.WriteAllText(text, "no image");
        var message = Assert.ThrowsExactly<UserException>(() => model.Classify(text)).Message;
        Assert.Contains("text.jpg", message);
        Assert.ThrowsExactly<UserException>(() => model.ClassifyAll([Swan, text, Swan]).Count());
        var faults = new List<string>();
        Assert.AreEqual(2, model.ClassifyAll([Swan, text, Swan], fault: (file, e) => faults.Add(e.Message)).Count());
        CollectionAssert.AreEqual(new[] { message }, faults);
        Assert.Contains("There is no file", Assert.ThrowsExactly<UserException>(() => Classifier.Open("no.onnx")).Message);
        Assert.Contains("At least one class",
            Assert.ThrowsExactly<UserException>(() => model.Classify(Swan, top: 0)).Message);
    }

    [TestMethod]
    public void AStreamIsLeftWhenItIsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsExactly<TaskCanceledException>(() =>
            model.ClassifyAsync(new MemoryStream(new byte[9]), cancel.Token).GetAwaiter().GetResult());
    }

    [TestMethod]
    public void OptionsChangeWhatTheFileSays()
    {
        using var other = Classifier.Open(File, new()
        {
            Labels = ["zero"],
            Preprocess = own => own with { CropPct = 1 },
            Runtime = new() { Threads = 1 },
        });
        Assert.AreEqual(1, other.Preprocess.CropPct);
        var best = other.Classify(Swan)[0];
        Assert.AreEqual((100, "100"), (best.Index, best.Label));
        Assert.AreNotEqual(model.Classify(Swan)[0].Probability, best.Probability);
    }

    /// <summary>Calls that are in progress end; those that come later throw, and nothing crashes.</summary>
    [TestMethod]
    public void ItCanBeDisposedWhileItIsUsed()
    {
        for (var round = 0; round < 5; round++)
        {
            var used = Classifier.Open(File, new() { Runtime = new() { Threads = 1 } });
            var expected = used.Classify(Swan);
            var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                while (true)
                    CollectionAssert.AreEqual(expected, used.Classify(Swan));
            })).ToArray();
            Thread.Sleep(20 * round);
            used.Dispose();
            foreach (var caller in callers)
            {
                var e = Assert.ThrowsExactly<ObjectDisposedException>(() => caller.GetAwaiter().GetResult());
                Assert.AreEqual("Session", e.ObjectName);
            }
            used.Dispose();
        }
    }

    [TestMethod]
    public void WeightsAreAFileOrATag()
    {
        Assert.AreEqual(new ModelRequest("resnet18") { Pretrained = true }.ToString(),
            ModelRequest.Of("resnet18", null).ToString());
        Assert.AreEqual("resnet18.fb_ssl_yfcc100m_ft_in1k", ModelRequest.Of("resnet18", "fb_ssl_yfcc100m_ft_in1k").Name);
        Assert.AreEqual("absent.pth", ModelRequest.Of("resnet18", "absent.pth").Checkpoint);
        Assert.Contains("Did you mean", Assert.ThrowsExactly<UserException>(() =>
            Classifier.Create("resnet18", "a1_in2k")).Message);
        Assert.Contains("absent.pth", Assert.ThrowsExactly<UserException>(() =>
            Classifier.Create("resnet18", "absent.pth")).Message);
    }
}
