using System.Text.Json.Nodes;
using OnnxTimm.Data;
using OnnxTimm.Tests.Passes;
using OnnxTimm.Train;
using OnnxTimm.Train.TensorBoard;
using View = OnnxTimm.Tests.Train.TinyTraining.View;

namespace OnnxTimm.Tests.Train;

/// <summary>Event files for TensorBoard, read by programs of others.</summary>
[TestClass]
public sealed class EventLogTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>The check value of the catalogue of CRCs, and RFC 3720's of 32 zeros.</summary>
    [TestMethod]
    public void TheChecksumIsCastagnolis()
    {
        Assert.AreEqual(0xE3069283u, TfRecord.Crc32C("123456789"u8));
        Assert.AreEqual(0x8A9136AAu, TfRecord.Crc32C(new byte[32]));
    }

    [TestMethod]
    public void AnotherReaderFindsWhatTheSummaryHas()
    {
        using (var trainer = Make(2, new View()))
            trainer.Run();
        var events = Events();
        Assert.AreEqual("brain.Event:2", events[0]!["file_version"]!.GetValue<string>());
        Assert.AreEqual("START", events[1]!["session_log"]!["status"]!.GetValue<string>());
        var rows = File.ReadAllLines(folder["run/summary.csv"]).Skip(1).Select(l => l.Split(',')).ToArray();
        Assert.HasCount(2, rows);
        string[] tags = ["train/loss", "eval/loss", "eval/top1", "eval/top5", "lr/mean"];
        foreach (var (epoch, row) in rows.Index())
            foreach (var (tag, cell) in tags.Zip(row[1..]))
                Assert.AreEqual(float.Parse(cell, null),
                    Value(events, epoch, tag)["simple_value"]!.GetValue<float>(), $"{tag} of {epoch}");
        Assert.AreEqual(Value(events, 1, "lr/group_1")["simple_value"]!.GetValue<float>() * 0.5f,
            Value(events, 1, "lr/group_0")["simple_value"]!.GetValue<float>(), 1e-9f);
    }

    [TestMethod]
    public void PicturesAndWeightsAreThere()
    {
        using (var trainer = Make(1, new View()))
            trainer.Run();
        var events = Events();
        var image = Value(events, 0, "train/first_batch")["image"]!;
        var jpeg = System.Convert.FromBase64String(image["encoded_image_string"]!.GetValue<string>());
        using var decoded = ImageDecoder.Decode(jpeg, "batch");
        Assert.AreEqual((image["width"]!.GetValue<int>(), image["height"]!.GetValue<int>()),
            (decoded.Width, decoded.Height));
        using var stored = TrainCheckpoint.Read(folder["run/last.safetensors"]);
        var weight = stored["conv1.0.weight"].ToFloats();
        var histogram = Value(events, 0, "weights/conv1.0.weight")["histo"]!;
        Assert.AreEqual(weight.Length, histogram["num"]!.GetValue<double>());
        Assert.AreEqual(weight.Min(), histogram["min"]!.GetValue<double>());
        Assert.AreEqual(weight.Sum(x => (double)x), histogram["sum"]!.GetValue<double>(), 1e-9);
        var (limits, counts) = (Numbers(histogram["bucket_limit"]), Numbers(histogram["bucket"]));
        Assert.AreEqual(weight.Length, counts.Sum());
        Assert.AreEqual(weight.Max(), limits[^1]);
        Assert.AreEqual(weight.Count(x => x < limits[20]), counts.Take(21).Sum(), 1);
    }

    /// <summary>A run that goes on takes back what it does again, in a file of its own.</summary>
    [TestMethod]
    public void AResumedRunBeginsAnotherFile()
    {
        using (var first = Make(1, new View()))
            first.Run();
        using (var second = Make(2, new View(), folder["run"]))
            second.Run();
        var files = Directory.GetFiles(folder["run"], "events.*").Order(StringComparer.Ordinal).ToArray();
        Assert.HasCount(2, files);
        var events = JsonNode.Parse(Consumers.ReadEvents(files[1]))!.AsArray();
        Assert.AreEqual(("START", 1), (events[1]!["session_log"]!["status"]!.GetValue<string>(),
            events[1]!["step"]!.GetValue<int>()));
    }

    /// <summary>Nothing about a log may cost a training.</summary>
    [TestMethod]
    public void AFileThatCannotBeWrittenEndsNoTraining()
    {
        var view = new View();
        view.OnUpdate = u =>
        {
            if ((u.Epoch, u.Update) == (0, 1))
                foreach (var file in Directory.GetFiles(folder["run"], "events.*"))
                {
                    File.Delete(file);
                    Directory.CreateDirectory(file);
                }
        };
        using var trainer = Make(2, view);
        Assert.IsTrue(trainer.Run());
        Assert.ContainsSingle(
            l => l.StartsWith("The event files are not written", StringComparison.Ordinal), view.Lines);
        Assert.HasCount(2, trainer.Results);
    }

    [TestMethod]
    [DataRow("--log-wandb", "--log-tensorboard writes event files")]
    [DataRow("--log-histograms", "give --log-tensorboard too")]
    public void WhatIsRefusedSaysWhatThereIs(string flag, string answer) =>
        StringAssert.Contains(Cli.Cli.Error("train", folder[""], flag), answer);

    static double[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(n => n!.GetValue<double>())];

    JsonArray Events() => JsonNode.Parse(Consumers.ReadEvents(
        Directory.GetFiles(folder["run"], "events.out.tfevents.*").Single()))!.AsArray();

    static JsonNode Value(JsonArray events, int step, string tag) => events
        .Where(e => (e!["step"]?.GetValue<int>() ?? 0) == step && e["summary"] is not null)
        .SelectMany(e => e!["summary"]!["value"]!.AsArray()).Single(v => v!["tag"]!.GetValue<string>() == tag)!;

    Trainer Make(int epochs, IProgress<TrainEvent> view, string resume = "")
    {
        var parts = TinyTraining.Parts(TinyTraining.Options(folder[""], "run", o =>
        {
            (o.LogTensorboard, o.LogHistograms, o.Epochs, o.ModelEma) = (true, true, epochs, false);
            (o.BatchSize, o.GradAccumSteps, o.Resume) = (4, 1, resume);
        }), view, new Dots(12), new Dots(8));
        return new(parts with
        {
            Groups = [.. parts.Groups.Select((g, i) => i == 0 ? g with { LrScale = 0.5 } : g)],
        });
    }
}
