using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A checkpoint's metadata are anybody's: what cannot be is one message.</summary>
[TestClass]
public sealed class TrainProgressTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        using var stored = StoredTraining.Read(Write());
        var p = stored.Progress;
        Assert.AreEqual((2, 3, (1.5, 48.0), 30L, 1, 0.25), (p.Epoch, p.Batch, p.Loss, p.Updates, p.Named, p.Metric));
        CollectionAssert.AreEqual(new[] { 0.1, double.PositiveInfinity, 0 }, p.Schedule);
        Assert.AreEqual(Results, string.Join(' ', p.Results));
        CollectionAssert.AreEqual(new[] { "checkpoint-1", "checkpoint-1" },
            p.History.Kept.Append(p.History.Best!).Select(k => k.Name).ToArray());
    }

    /// <summary>The hash is right in each: it tells that a file is whole, not whose it is.</summary>
    [TestMethod]
    [DataRow("onnxtimm.position", "null")]
    [DataRow("onnxtimm.position", "[]")]
    [DataRow("onnxtimm.position", "[1, 2, 3]")]
    [DataRow("onnxtimm.position", "[-1, 0, 0, 0]")]
    [DataRow("onnxtimm.position", "[0, 0.5, 0, 0]")]
    [DataRow("onnxtimm.position", "[1e300, 0, 0, 0]")]
    [DataRow("onnxtimm.position", "[\"NaN\", 0, 0, 0]")]
    [DataRow("onnxtimm.position", "[0, 0, 0, -1]")]
    [DataRow("onnxtimm.updates", "3q")]
    [DataRow("onnxtimm.updates", "-1")]
    [DataRow("onnxtimm.updates", "99999999999999999999")]
    [DataRow("onnxtimm.schedule", "null")]
    [DataRow("onnxtimm.schedule", "[null]")]
    [DataRow("onnxtimm.schedule", "{}")]
    [DataRow("onnxtimm.results", "null")]
    [DataRow("onnxtimm.results", "[null]")]
    [DataRow("onnxtimm.results", "[{\"Epoch\":-1}]")]
    [DataRow("onnxtimm.history", "")]
    [DataRow("onnxtimm.history", "null")]
    [DataRow("onnxtimm.history", "{}")]
    [DataRow("onnxtimm.history", "{\"Kept\":[null]}")]
    [DataRow("onnxtimm.history", "{\"Kept\":[{\"Epoch\":-7,\"Metric\":1}]}")]
    [DataRow("onnxtimm.history", "{\"Kept\":[{\"Epoch\":1,\"Metric\":1},{\"Epoch\":1,\"Metric\":2}]}")]
    [DataRow("onnxtimm.history", "{\"Kept\":[],\"Best\":{\"Epoch\":1,\"Metric\":\"NaN\"}}")]
    [DataRow("onnxtimm.history", "[[[[[[[[[[")]
    [DataRow("epoch", "one")]
    [DataRow("metric", "best")]
    public void WhatCannotBeIsOneMessage(string key, string value)
    {
        var path = Write((key, value));
        var message = Assert.ThrowsExactly<UserException>(() => StoredTraining.Read(path)).Message;
        StringAssert.Contains(message, $"\"{path}\" is damaged: its metadata \"{key}\"");
    }

    /// <summary>
    /// A history's names were paths once: any file of the user's with that extension was at its mercy.
    /// </summary>
    [TestMethod]
    public void NamesOfAHistoryAreNotBelieved()
    {
        File.WriteAllText(folder["victim.safetensors"], "somebody's");
        const string victim = """{"Name":"../victim","Epoch":0,"Metric":1}""";
        var path = Write(("onnxtimm.history", $$"""{"Kept":[{{victim}}],"Best":{{victim}}}"""));
        Directory.CreateDirectory(folder["run"]);
        var run = new CheckpointFolder(folder["run"]);
        using var stored = StoredTraining.Read(path);
        var history = stored.Progress.History;
        run.NameEpoch(path, 0, history);
        run.SaveEpoch(1, history, history.Add(new(1, 2), 1, decreasing: false), p => File.WriteAllText(p, ""));
        Assert.AreEqual("somebody's", File.ReadAllText(folder["victim.safetensors"]));
        CollectionAssert.AreEquivalent(
            new[] { "checkpoint-1.safetensors", "last.safetensors", "model_best.safetensors" },
            Directory.GetFiles(folder["run"]).Select(f => Path.GetFileName(f)).ToArray());
    }

    const string Results = "EpochResult { Epoch = 1, TrainLoss = 0.5, "
        + "Eval = EvalResult { Loss = 1, Top1 = 25, Top5 = 100, Labels =  }, Lr = 0.1 }";

    string Write(params (string Key, string Value)[] changes)
    {
        var progress = new TrainProgress
        {
            Epoch = 2,
            Batch = 3,
            Loss = (1.5, 48),
            Updates = 30,
            Schedule = [0.1, double.PositiveInfinity, 0],
            Results = [new(1, 0.5, new(1, 25, 100), 0.1)],
            History = CheckpointHistory.Empty.Add(new(1, 0.25), 2, decreasing: false),
            Named = 1,
            Metric = 0.25,
        };
        var facts = progress.ToFacts().ToDictionary();
        foreach (var (key, value) in changes)
            facts[key] = value;
        TrainCheckpoint.Write(folder["a.safetensors"], [KeyValuePair.Create("w", Tensor.Of([1f], 1))], facts);
        return folder["a.safetensors"];
    }
}
