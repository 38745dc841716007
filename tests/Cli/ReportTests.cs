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
        StringAssert.Contains(Cli.Error([.. command, "--multi-label", "--report", "x.html"]), "one label an image");
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
