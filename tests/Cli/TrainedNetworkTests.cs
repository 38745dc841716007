using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

/// <summary>A run's own checkpoint knows what its network needs.</summary>
[TestClass]
public sealed class TrainedNetworkTests
{
    static readonly string Digits = Path.Combine(Paths.Root, "demo", "sign-digits");

    readonly TempFolder folder = new();

    string Run => Path.Combine(folder["run"], "x");

    string Best => Path.Combine(Run, "model_best.safetensors");

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>The file that the training itself exports is what is right.</summary>
    [TestMethod]
    public void ACheckpointIsOpenedAsItWasTrained()
    {
        Train();
        var (_, _, notes) = Cli.Run("convert", Best, "--model", "cifar_resnet20", "--output", folder["c.onnx"]);
        StringAssert.Contains(notes, "images of 40x40 prepared as there, 10 labels; the average of the weights");
        var expected = Card(Path.Combine(Run, "model_best.onnx"));
        var found = Card(folder["c.onnx"]);
        Assert.AreEqual((40, 40, 0.9), (found.Preprocess.Height, found.Preprocess.Width, found.Preprocess.CropPct));
        CollectionAssert.AreEqual(new[] { 0.5, 0.4, 0.3 }, found.Preprocess.Mean.ToArray());
        CollectionAssert.AreEqual(expected.Labels.ToArray(), found.Labels.ToArray());
        Assert.AreEqual(Loss("--model", Path.Combine(Run, "model_best.onnx")), Loss("--model", folder["c.onnx"]));
        StringAssert.Contains(Cli.Output("verify", Path.Combine(Run, "model_best.onnx")), ": equal");
        using (var loaded = ModelLoader.Load(new("cifar_resnet20") { Checkpoint = Best, UseTestSize = true }))
            foreach (var key in new[] { "onnxtimm.preprocess", "onnxtimm.labels" })
                Assert.AreEqual(expected.ToMetadata()[key], loaded.Card.ToMetadata()[key]);
        Weights();
        Strangers();
    }

    /// <summary>The average is what made the best checkpoint the best; every other is taken as timm takes it.</summary>
    void Weights()
    {
        var last = Path.Combine(Run, "last.safetensors");
        using var average = Checkpoint.Open(Best, useEma: true);
        using var raw = Checkpoint.Open(Best, useEma: false);
        CollectionAssert.AreNotEqual(raw["fc.weight"].ToFloats(), average["fc.weight"].ToFloats());
        foreach (var (file, useEma, expected, note) in new (string, bool?, StateDict, string)[]
        {
            (Best, null, average, "the average of the weights (--no-use-ema"),
            (Best, false, raw, "the weights themselves (--use-ema"),
            (last, null, raw, "the weights themselves"),
            (last, true, average, "the average"),
        })
        {
            using var loaded = ModelLoader.Load(new("cifar_resnet20") { Checkpoint = file, UseEma = useEma });
            CollectionAssert.AreEqual(expected["fc.weight"].ToFloats(),
                loaded.Model.Graph.Find("fc.weight")!.Data!.ToFloats(), $"{file} {useEma}");
            StringAssert.Contains(loaded.Note, note);
        }
        StringAssert.Contains(Cli.Error("convert", Best, "--model", "cifar_resnet20", "--output", folder["d.onnx"],
            "--use-ema", "--no-use-ema"), "Either --use-ema or --no-use-ema");
    }

    /// <summary>Anyone can write such a file.</summary>
    void Strangers()
    {
        foreach (var (key, value) in new[]
        {
            ("onnxtimm.preprocess", "{}"), ("onnxtimm.preprocess", "null"), ("onnxtimm.labels", "[null"),
            ("onnxtimm.labels", "7"), ("args", "gp: [1, 2"),
            ("onnxtimm.preprocess", Preprocess("[40]", "[0.5,0.5,0.5]")),
            ("onnxtimm.preprocess", Preprocess("[2000000000,2000000000]", "[0.5,0.5,0.5]")),
            ("onnxtimm.preprocess", Preprocess("[40,40]", "[]")),
        })
        {
            using (var file = Checkpoint.Read(Best))
                SafetensorsWriter.Write(folder["forged.safetensors"],
                    [.. file.Root.Select(t => KeyValuePair.Create((string)t.Key, (Tensor)t.Value!))],
                    new Dictionary<string, string>(file.Metadata) { [key] = value });
            StringAssert.Contains(Cli.Error("convert", folder["forged.safetensors"], "--model", "cifar_resnet20",
                "--output", folder["e.onnx"]), "forged.safetensors", $"{key} = {value}");
        }
    }

    static string Preprocess(string size, string mean) => $$"""
        {"channels":3,"size":{{size}},"interpolation":"bicubic","crop_pct":1,"crop_mode":"center",
        "crop_border_pixels":0,"mean":{{mean}},"std":[1,1,1]}
        """;

    void Train()
    {
        var (code, _, error) = Cli.Run("train", "--data-dir", Digits, "--train-split", "val", "--val-share", "0.1",
            "--model", "cifar_resnet20", "--img-size", "40", "--mean", "0.5", "0.4", "0.3", "--crop-pct", "0.9",
            "--epochs", "1", "--batch-size", "32", "--opt", "adamw", "--lr", "1e-2", "--warmup-epochs", "0",
            "--model-ema", "--model-ema-decay", "0.5", "--workers", "1", "--output", folder["run"],
            "--experiment", "x");
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, "Test: [   0/0]");
    }

    static ModelCard Card(string file)
    {
        using var session = Session.Open(file);
        return ModelCard.Read(session.Metadata, file)!;
    }

    static double Loss(params string[] model)
    {
        var text = Cli.Output(["validate", "--data-dir", Path.Combine(Digits, "val.tar"), .. model]);
        return JsonDocument.Parse(text[text.IndexOf('{')..]).RootElement.GetProperty("loss").GetDouble();
    }
}
