using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>The file of a training and the folder of a run.</summary>
[TestClass]
public sealed class CheckpointTests
{
    readonly string folder = Directory.CreateTempSubdirectory("onnxtimm").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        using var file = TrainCheckpoint.Read(Write("a", 3));
        CollectionAssert.AreEqual(new[] { "w", "ema.w", "optimizer.exp_avg.w" }, file.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f }, file["w"].ToFloats());
        Assert.AreEqual("3", file.Metadata[TrainProgress.UpdatesKey]);
    }

    [TestMethod]
    public void WeightsAreTakenOutByOtherPrograms()
    {
        var path = Path.Combine(folder, "a.safetensors");
        TrainCheckpoint.Write(path,
            [KeyValuePair.Create("w", Tensor.Of([1f], 1)), KeyValuePair.Create("ema.w", Tensor.Of([2f], 1)),
            KeyValuePair.Create("optimizer.exp_avg.w", Tensor.Of([3f], 1))], new Dictionary<string, string>());
        foreach (var (useEma, expected) in new[] { (true, 2f), (false, 1f) })
        {
            using var weights = Checkpoint.Open(path, useEma);
            CollectionAssert.AreEqual(new[] { "w" }, weights.Keys.ToArray());
            Assert.AreEqual(expected, weights["w"].ToFloats()[0]);
        }
    }

    [TestMethod]
    [DataRow("weights")]
    [DataRow("facts")]
    public void ADamagedFileIsOneClearMessage(string where)
    {
        var path = Write("a", 3);
        var bytes = File.ReadAllBytes(path);
        var place = where == "weights" ? bytes.Length - 2 : bytes.AsSpan().IndexOf("\"onnxtimm.updates\":\"3\""u8) + 20;
        bytes[place] ^= 1;
        File.WriteAllBytes(path, bytes);
        var message = Assert.ThrowsExactly<UserException>(() => TrainCheckpoint.Read(path)).Message;
        StringAssert.Contains(message, path);
        StringAssert.Contains(message, "damaged");
    }

    [TestMethod]
    public void EveryTruncationIsAnError()
    {
        var bytes = File.ReadAllBytes(Write("a", 3));
        var path = Path.Combine(folder, "short.safetensors");
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(path, bytes[..length]);
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => TrainCheckpoint.Read(path)).Message, path);
        }
    }

    [TestMethod]
    public void WeightsAloneAreNoCheckpoint()
    {
        var path = Path.Combine(folder, "w.safetensors");
        SafetensorsWriter.Write(path, Tensors());
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => TrainCheckpoint.Read(path)).Message,
            "--initial-checkpoint");
    }

    [TestMethod]
    public void ARunsFolderStandsForTheFileThatGoesFurthest()
    {
        Write("last", 30);
        Write("checkpoint-2", 30);
        var recovery = Write("recovery-3-7", 37);
        SafetensorsWriter.Write(Path.Combine(folder, "weights.safetensors"), Tensors());
        Assert.AreEqual(recovery, Found());
        File.WriteAllBytes(recovery, File.ReadAllBytes(recovery)[..^1]);
        Assert.AreEqual(Path.Combine(folder, "last.safetensors"), Found(recovery));
        // A number that is none may have been the largest.
        Change("checkpoint-2", "\"onnxtimm.updates\":\"30\""u8, 'x');
        Assert.AreEqual(Path.Combine(folder, "last.safetensors"),
            Found(recovery, Path.Combine(folder, "checkpoint-2.safetensors")));
        StringAssert.Contains(Fault(folder + "x"), "There is no checkpoint");
        var empty = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;
        StringAssert.Contains(Fault(empty), "no checkpoint of a training");
    }

    [TestMethod]
    [DataRow(false, "0:5 1:7 2:6 3:7 4:4", "1 3 2", 1)]
    [DataRow(true, "0:5 1:7 2:6 3:4 4:4", "3 4 0", 3)]
    [DataRow(false, "0:1 1:1 2:1 3:1", "0 1 2", 0)]
    public void TheBestCheckpointsAreKept(bool decreasing, string metrics, string kept, int best)
    {
        var history = CheckpointHistory.Empty;
        var run = new CheckpointFolder(folder);
        foreach (var pair in metrics.Split(' ').Select(m => m.Split(':')))
        {
            var (epoch, metric) = (int.Parse(pair[0]), double.Parse(pair[1]));
            var before = history;
            history = JsonSerializer.Deserialize<CheckpointHistory>(
                JsonSerializer.Serialize(before.Add(new(epoch, metric), 3, decreasing)))!;
            run.SaveEpoch(epoch, before, history, path => Replace(path, $"{epoch}"));
        }
        CollectionAssert.AreEqual(kept.Split(' '), history.Kept.Select(k => $"{k.Epoch}").ToArray());
        Assert.AreEqual(best, history.Best!.Epoch);
        Assert.AreEqual($"{best}", File.ReadAllText(run.PathOf("model_best")));
        Assert.AreEqual(metrics.Split(' ')[^1].Split(':')[0], File.ReadAllText(run.PathOf("last")));
        CollectionAssert.AreEquivalent(
            kept.Split(' ').Select(e => $"checkpoint-{e}.safetensors")
                .Concat(["last.safetensors", "model_best.safetensors"]).ToArray(),
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).ToArray());
    }

    [TestMethod]
    public void TwoRecoveriesAreKeptUntilTheEpochEnds()
    {
        var run = new CheckpointFolder(folder);
        for (var update = 1; update < 4; update++)
        {
            run.SaveRecovery(0, update, path => File.WriteAllText(path, ""));
            File.SetLastWriteTimeUtc(run.PathOf($"recovery-0-{update}"), DateTime.UnixEpoch.AddSeconds(update));
        }
        CollectionAssert.AreEquivalent(new[] { "recovery-0-2.safetensors", "recovery-0-3.safetensors" },
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).ToArray());
        run.SaveEpoch(0, CheckpointHistory.Empty, CheckpointHistory.Empty, path => File.WriteAllText(path, ""));
        Assert.HasCount(1, Directory.GetFiles(folder));
    }

    /// <summary>Writes a new file, as checkpoints are written: other names of the old one keep its content.</summary>
    static void Replace(string path, string text)
    {
        File.Delete(path);
        File.WriteAllText(path, text);
    }

    static KeyValuePair<string, Tensor>[] Tensors() =>
        [.. new[] { "w", "ema.w", "optimizer.exp_avg.w" }.Select(n =>
            KeyValuePair.Create(n, Tensor.Of([1f, 2, 3], 3)))];

    string Write(string name, int updates)
    {
        var path = Path.Combine(folder, name + TrainCheckpoint.Extension);
        TrainCheckpoint.Write(path, Tensors(), new TrainProgress
        {
            Epoch = 0,
            Batch = 0,
            Loss = (0, 0),
            Updates = updates,
            Schedule = [],
            Results = [],
            History = CheckpointHistory.Empty,
            Named = 0,
            Metric = null,
        }.ToFacts().ToDictionary());
        return path;
    }

    /// <summary>The file that is taken, after those that are named as skipped.</summary>
    string Found(params string[] skipped)
    {
        var faults = new List<string>();
        using var stored = CheckpointFolder.Open(folder, faults.Add);
        Assert.HasCount(skipped.Length, faults, string.Join('\n', faults));
        foreach (var file in skipped)
            Assert.IsTrue(faults.Any(f => f.Contains($"\"{file}\"", StringComparison.Ordinal)), file);
        return stored!.File.Source;
    }

    static string Fault(string path) =>
        Assert.ThrowsExactly<UserException>(() => CheckpointFolder.Open(path, _ => { })).Message;

    void Change(string name, ReadOnlySpan<byte> text, char last)
    {
        var path = Path.Combine(folder, name + TrainCheckpoint.Extension);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(text) + text.Length - 2] = (byte)last;
        File.WriteAllBytes(path, bytes);
    }
}
