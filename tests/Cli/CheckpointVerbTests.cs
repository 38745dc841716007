using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>average and clean give what timm's scripts give, and take this program's own checkpoints.</summary>
[TestClass]
public sealed class CheckpointVerbTests
{
    static readonly string Folder = Paths.Golden("cli", "checkpoints");

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow("average -n 2")]
    [DataRow("average -n 10 --no-use-ema")]
    [DataRow("average --no-sort --filter **/*.pth.tar")]
    [DataRow("clean --no-hash")]
    [DataRow("clean --no-use-ema --clean-aux-bn")]
    public void WeightsAreThoseOfTimmsScripts(string command)
    {
        var words = command.Split(' ');
        string[] what = words[0] == "average" ? ["--input", Folder]
            : ["--checkpoint", Path.Combine(Folder, "checkpoint-2.pth.tar")];
        var output = Cli.Output([words[0], .. what, "--output", folder["o.safetensors"], .. words[1..]]);
        using var written = Checkpoint.Open(output.Split(": ")[0]);
        using var json = JsonDocument.Parse(File.ReadAllText(Paths.Golden("cli", "checkpoints.json")));
        var expected = json.RootElement.GetProperty(command).EnumerateObject().ToDictionary(t => t.Name, t => t.Value);
        CollectionAssert.AreEquivalent(expected.Keys, written.Keys);
        foreach (var (name, tensor) in written)
        {
            Assert.AreEqual(expected[name].GetProperty("dtype").GetString(), $"{tensor.Type}".ToLowerInvariant(), name);
            CollectionAssert.AreEqual(expected[name].GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())
                .ToArray(), tensor.Shape, name);
            CollectionAssert.AreEqual(expected[name].GetProperty("values").EnumerateArray()
                .Select(v => double.Parse(v.GetString()!, CultureInfo.InvariantCulture)).ToArray(), Values(tensor), name);
        }
    }

    [TestMethod]
    public void TheHashIsInTheName()
    {
        var output = Cli.Output("clean", "--checkpoint", Path.Combine(Folder, "checkpoint-0.pth.tar"),
            "--output", folder["net.safetensors"]);
        var file = Directory.GetFiles(folder[""]).Single();
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        Assert.AreEqual($"net-{hash[..8]}.safetensors", Path.GetFileName(file));
        StringAssert.Contains(output, $"SHA-256 {hash}");
    }

    [TestMethod]
    public void WhatIsThereIsNotOverwritten()
    {
        File.WriteAllText(folder["a.safetensors"], "mine");
        StringAssert.Contains(Cli.Error("average", "--input", Folder, "--output", folder["a.safetensors"]), "already");
        StringAssert.Contains(Cli.Error("clean", "--checkpoint", Path.Combine(Folder, "checkpoint-0.pth.tar"),
            "--output", folder["a"], "--no-hash"), "already");
        StringAssert.Contains(Cli.Error("average", "--input", Folder, "--output", folder["a.pth"]), "ends in .pth");
        Assert.AreEqual("mine", File.ReadAllText(folder["a.safetensors"]));
    }

    [TestMethod]
    [DataRow("No file in", "--filter", "*.pt")]
    [DataRow("says what it reached", "--filter", "below/*")]
    [DataRow("--count must be at least 1, not 0.", "-n", "0")]
    public void NothingToAverageIsSaid(string message, params string[] args) => StringAssert.Contains(
        Cli.Error(["average", "--input", Folder, "--output", folder["o.safetensors"], .. args]), message);

    [TestMethod]
    public void CheckpointsOfDifferentNetworksAreRefused()
    {
        Save("checkpoint-1", [2], "metric", "1");
        Save("checkpoint-2", [3], "metric", "2");
        StringAssert.Contains(Cli.Error("average", "--input", folder[""], "--output", folder["o"]),
            "\"w\" has another shape in");
        Assert.IsFalse(File.Exists(folder["o.safetensors"]));
    }

    /// <summary>Of a loss less is better, and the names of one file are one checkpoint.</summary>
    [TestMethod]
    public void OwnCheckpointsAreRankedByWhatTheyWereRankedBy()
    {
        foreach (var (epoch, loss) in new[] { 0.5, 0.2, 0.9, 0.3 }.Index())
            Save($"checkpoint-{epoch}", [1], "metric", loss.ToString(CultureInfo.InvariantCulture), epoch);
        Save("last", [1], "metric", "0.1", 100);
        Cli.Output("average", "--input", folder[""], "-n", "2", "--output", folder["o"]);
        using var written = Checkpoint.Open(folder["o.safetensors"]);
        CollectionAssert.AreEqual(new[] { (1 + 3) / 2f }, written["w"].ToFloats());
    }

    /// <summary>What the network is and what its classes are called stays with the weights.</summary>
    [TestMethod]
    public void OwnCheckpointsKeepWhatTheyKnow()
    {
        var (code, _, error) = Cli.Run("train", "--data-dir", Path.Combine(Paths.Root, "demo", "sign-digits"),
            "--train-split", "val", "--val-share", "0.1", "--model", "test_resnet", "--img-size", "40", "--epochs", "2",
            "--batch-size", "32", "--opt", "adamw", "--lr", "1e-2", "--warmup-epochs", "0", "--model-ema",
            "--model-ema-decay", "0.5", "--gp", "max", "--workers", "1", "--output", folder["run"], "--experiment", "x");
        Assert.AreEqual(0, code, error);
        var best = Path.Combine(folder["run"], "x", "model_best.safetensors");
        Cli.Output("average", "--input", Path.Combine(folder["run"], "x"), "--output", folder["a"]);
        Cli.Output("clean", "--checkpoint", best, "--output", folder["c"], "--no-hash");
        foreach (var name in new[] { "a", "c" })
        {
            using var weights = Checkpoint.Open(folder[$"{name}.safetensors"]);
            Assert.IsFalse(weights.Keys.Any(k => k.StartsWith("ema.") || k.StartsWith("optimizer.")), name);
            using var loaded = ModelLoader.Load(new("test_resnet") { Checkpoint = folder[$"{name}.safetensors"] });
            Assert.AreEqual((10, 40, 40), (loaded.Card.Labels.Count, loaded.Card.Preprocess.Height,
                loaded.Card.Preprocess.Width));
            Assert.AreEqual("max", loaded.Model.Net.Options.GlobalPool, name);
            Assert.IsFalse(loaded.Note.Contains("--use-ema"), loaded.Note);
            StringAssert.Contains(Cli.Error("train", "--resume", folder[$"{name}.safetensors"]), "holds weights");
        }
        using var average = Checkpoint.Open(best, useEma: true);
        using var clean = Checkpoint.Open(folder["c.safetensors"]);
        CollectionAssert.AreEqual(average["fc.weight"].ToFloats(), clean["fc.weight"].ToFloats());
    }

    void Save(string name, long[] shape, string key, string value, float content = 0) => SafetensorsWriter.Write(
        folder[$"{name}.safetensors"], [new("w", Tensor.Filled(content, shape))],
        new Dictionary<string, string> { [key] = value, [TrainCheckpoint.ArgsKey] = "eval_metric: loss\n" });

    static double[] Values(Tensor tensor) => tensor.Type switch
    {
        DType.Int64 => Array.ConvertAll(tensor.Span<long>().ToArray(), x => (double)x),
        DType.Float64 => tensor.Span<double>().ToArray(),
        _ => Array.ConvertAll(tensor.ToFloats(), x => (double)x),
    };
}
