using System.Globalization;
using System.Text.RegularExpressions;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>The pages that train and validate write.</summary>
[TestClass]
public sealed class ReportTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void AValidationHasItsPage()
    {
        string[] command = ["validate", "--model", "cifar_resnet20", "--num-classes", "10", "--img-size", "32",
            Path.Combine(Paths.Root, "demo", "sign-digits"), "--split", "val"];
        var (code, output, error) = Cli.Run([.. command, "--report", folder["v.html"]]);
        Assert.AreEqual(0, code, error);
        var page = File.ReadAllText(folder["v.html"]);
        var top1 = Regex.Match(output, "\"top1\": ([\\d.]+)").Groups[1].Value;
        StringAssert.Contains(page, $"<bdi>top1</bdi></dt><dd><bdi>{top1}</bdi>");
        var right = Regex.Matches(page, "<td class=\"right\"[^>]*>(\\d+)</td>").Sum(m => int.Parse(m.Groups[1].Value));
        Assert.AreEqual(double.Parse(top1, null), 100.0 * right / 140, 1e-4);
        Assert.HasCount(48, Regex.Matches(page, "<img "));
        StringAssert.Contains(page, "<pre>onnxtimm validate ");
        StringAssert.Contains(Cli.Run([.. command, "--report", folder[""]]).Error, "Cannot write");
    }

    /// <summary>
    /// Where an image may have several labels there is a row for each class, whose F1 have the mean that is printed.
    /// </summary>
    [TestMethod]
    public void SeveralLabelsHaveARowForEachClass()
    {
        var signs = Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar");
        File.WriteAllText(folder["s.csv"], "file,labels\n");
        using (var data = OnnxTimm.Data.Dataset.Open(signs))
        {
            Directory.CreateDirectory(folder["i"]);
            for (var i = 0; i < data.Count; i += 7)
            {
                var label = data.Label(i);
                File.WriteAllBytes(folder[$"i/{i}.jpg"], data.Read(i, new()).ToArray());
                File.AppendAllText(folder["s.csv"], $"i/{i}.jpg,{label};{(label + 1) % 10}\n");
            }
        }
        string[] set = ["--dataset", "csv/", folder["s.csv"], "--multi-label", "--multi-label-threshold", "0.3"];
        var (code, _, error) = Cli.Run(["train", .. set, "--train-split", "a", "--val-split", "a", "--model",
            "test_resnet", "--img-size", "32", "--epochs", "1", "--batch-size", "10", "--workers", "1", "--output",
            folder["out"], "--experiment", "run"]);
        Assert.AreEqual(0, code, error);
        var output = Cli.Output(["validate", .. set, "--model", folder["out/run/model_best.onnx"], "--report",
            folder["v.html"]]);
        var (page, of) = (File.ReadAllText(folder["v.html"]), File.ReadAllText(folder["out/run/report.html"]));
        Assert.AreEqual(ByClass(page), ByClass(of));
        StringAssert.StartsWith(ByClass(page), "<h2>By class");
        var rows = Regex.Matches(page, "<tr><td><bdi>[^<]*</bdi></td><td>(\\d+)</td><td>(\\d+)</td><td>(\\d+)</td>"
            + "<td>([\\d.]+) %</td><td>([\\d.]+) %</td>").Select(m => m.Groups.Values.Skip(1)
                .Select(g => double.Parse(g.Value, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        Assert.HasCount(10, rows);
        Assert.AreEqual(40, rows.Sum(r => r[0]));
        Assert.AreEqual(Printed("macro_f1"), rows.Average(r => r[4]), 0.05);
        Assert.AreEqual(Printed("map"), rows.Average(r => r[3]), 0.05);
        Assert.AreEqual(Printed("micro_f1"), 200 * rows.Sum(r => r[2]) / rows.Sum(r => r[0] + r[1]), 1e-3);
        StringAssert.Contains(page, $"<bdi>map</bdi></dt><dd><bdi>{Text("map")}</bdi>");

        double Printed(string name) => double.Parse(Text(name), CultureInfo.InvariantCulture);

        static string ByClass(string page) =>
            Regex.Match(page, "<h2>By class.*?</section>", RegexOptions.Singleline).Value;

        string Text(string name) => Regex.Match(output, $"\"{name}\": ([\\d.]+)").Groups[1].Value;
    }

    /// <summary>What repeats a run is what differs from the defaults, and means the same when it is read.</summary>
    [TestMethod]
    public void TheFlagsMakeTheSameOptions()
    {
        var options = new TrainOptions
        {
            Data = "a b",
            ValSplit = "",
            Lr = 1e-3,
            Scale = [0.7, 1],
            ModelEma = true,
            Opt = "adamw",
            Experiment = "x",
        };
        Assert.AreEqual("--lr 0.001|--model-ema|--opt adamw|--scale 0.7 1|--val-split |a b",
            string.Join('|', Sorted()));

        IEnumerable<string> Sorted() =>
            string.Join(' ', FlagText.Of(options, new TrainOptions(), "experiment")).Replace(" --", "|--").Split('|')
                .Order(StringComparer.Ordinal);
    }
}
