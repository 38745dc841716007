using System.Globalization;
using System.Text.RegularExpressions;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Lines and files have timm's form, to the letter.</summary>
[TestClass]
public sealed partial class TrainTextTests
{
    [TestMethod]
    public void LinesAreTimms()
    {
        var lines = File.ReadAllLines(Paths.Golden("training", "train.txt"));
        foreach (var line in lines.Where(l => l.StartsWith("Train:", StringComparison.Ordinal)))
        {
            var n = Numbers(line);
            var info = new UpdateInfo((int)n[0], (int)n[1], (int)n[2], (int)Math.Round(n[6] * n[7]), n[10]);
            Assert.AreEqual(Masked(line),
                Masked(TrainLog.Update(info, Of(n[4], n[5]), Of(n[6], n[8]), Of(n[11], n[12]))));
        }
        foreach (var line in lines.Where(l => l.StartsWith("Test", StringComparison.Ordinal)))
        {
            var n = Numbers(line);
            var suffix = line.StartsWith("Test (EMA)", StringComparison.Ordinal) ? " (EMA)" : "";
            var meters = new EvalMeters();
            foreach (var (meter, i) in new[] { (meters.Loss, 4), (meters.Top1, 6), (meters.Top5, 8) })
                Set(meter, n[i], n[i + 1]);
            Assert.AreEqual(line, TrainLog.Test(suffix, (int)n[0], (int)n[1], Of(n[2], n[3]), meters));
        }
    }

    [TestMethod]
    public void ResultsAreTimms()
    {
        var results = new[] { (2.3332212368647256, 2.3049478054046633, 8.75, 1e-05),
            (2.335582454999288, 2.304951047897339, 8.75, 0.00075),
            (2.33160936832428, 2.304955768585205, 7.5, 0.0002500000000000001) }
            .Index().Select(r => new EpochResult(r.Index, r.Item.Item1, new(r.Item.Item2, r.Item.Item3, 50),
                r.Item.Item4)).ToArray();
        Assert.AreEqual(File.ReadAllText(Paths.Golden("training", "summary.csv")).ReplaceLineEndings("\n"),
            Summary.Table(results));
        var text = File.ReadAllText(Paths.Golden("training", "train.txt"));
        Assert.AreEqual(text[text.IndexOf("--result", StringComparison.Ordinal)..].TrimEnd(),
            Summary.Json(results, "top1", decreasing: false));
        var history = results.Aggregate(CheckpointHistory.Empty, (h, r) =>
            h.Add(new(r.Epoch, r.Eval!.Top1), 10, false));
        StringAssert.Contains(text, TrainLog.Checkpoints(history, name => $"out/run1/{name}.pth.tar"));
        StringAssert.Contains(text, TrainLog.Best(history.Best!));
        StringAssert.Contains(text, TrainLog.Schedule(Schedules.Create(new() { Epochs = 3, WarmupEpochs = 1 }, 0.1)));
    }

    [TestMethod]
    [DataRow(2.345, "2.35")]
    [DataRow(0.0, "0.00")]
    [DataRow(0.1, "0.100")]
    [DataRow(12.34, "12.3")]
    [DataRow(99.96, "100.")]
    [DataRow(123.4, "123.")]
    [DataRow(1234.0, "1.23e+03")]
    [DataRow(0.00012345, "0.000123")]
    [DataRow(0.0000123, "1.23e-05")]
    public void SignificantDigitsArePythons(double x, string text) => Assert.AreEqual(text, PythonText.Significant(x));

    [TestMethod]
    public void RanksCountTies()
    {
        var meters = new EvalMeters();
        meters.Add([1, 3, 3, 0, 2, -1, float.NaN, 0, 0, 0, 0, 0], [2, 0]);
        Assert.AreEqual(new EvalResult(double.NaN, 0, 50), meters.Result);
    }

    [TestMethod]
    public void CrossEntropyIsTimms()
    {
        var row = Golden.Json("training", "losses.json");
        var meters = new EvalMeters();
        meters.Add([.. row.GetProperty("logits").EnumerateArray().SelectMany(r => r.EnumerateArray())
            .Select(v => v.GetSingle())],
            [.. row.GetProperty("hard").EnumerateArray().Select(l => l.GetInt64())]);
        Assert.AreEqual(row.GetProperty("runs")[0].GetProperty("value")[0].GetDouble(), meters.Loss.Mean,
            Tolerances.Get("loss"));
    }

    [TestMethod]
    public void OptionsSurviveYaml()
    {
        var path = Path.GetTempFileName();
        var options = new TrainOptions
        {
            Opt = "lamb",
            Lr = 5e-3,
            Scale = [0.3, 1],
            ColorJitter = null,
            ModelEma = true,
            ClassMap = "a: b #c",
            OptKwargs = ["eps=1e-6"]
        };
        File.WriteAllText(path, OptionFiles.Write(options));
        var read = new TrainOptions();
        OptionFiles.Read(path, read);
        Assert.AreEqual(OptionFiles.Write(options), OptionFiles.Write(read));
        Assert.IsNull(read.ColorJitter);
        File.WriteAllText(path, "epochs: many\n");
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => OptionFiles.Read(path, read)).Message,
            "epochs must be a whole number, not \"many\"");
        File.Delete(path);
    }

    [TestMethod]
    public void TimmsOptionsAreRead()
    {
        var options = new TrainOptions { Epochs = 1, ValSplit = "", Smoothing = 0 };
        OptionFiles.Read(Paths.Golden("training", "args.yaml"), options);
        Assert.AreEqual((3, "val", 0.1, "adamw", 0.001, "test_resnet", true, 96),
            (options.Epochs, options.ValSplit, options.Smoothing, options.Opt, options.Lr, options.Model,
                options.ModelEma, options.ImgSize));
        CollectionAssert.AreEqual(new[] { 90, 180, 270 }, options.DecayMilestones.ToArray());
    }

    static Meter Of(double last, double mean)
    {
        var meter = new Meter();
        Set(meter, last, mean);
        return meter;
    }

    static void Set(Meter meter, double last, double mean)
    {
        meter.Add(last, 0);
        meter.Restore(mean, 1);
    }

    /// <summary>A line without the images a second, which cannot be computed from the rounded times.</summary>
    static string Masked(string line) => Rates().Replace(line, "#/s");

    static double[] Numbers(string line) =>
        [.. Number().Matches(line.Replace("Acc@1", "").Replace("Acc@5", ""))
            .Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@" *\d+\.\d+/s")]
    private static partial Regex Rates();

    [GeneratedRegex(@"\d+(\.\d+)?(e-\d+)?")]
    private static partial Regex Number();
}
