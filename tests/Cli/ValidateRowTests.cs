using System.Text.Json;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

/// <summary>What validate can say besides accuracy, and where its rows go.</summary>
[TestClass]
public sealed class ValidateRowTests
{
    static readonly string[] Command = ["validate", "-m", "test_resnet", "--num-classes", "10", "--img-size", "32",
        "--data-dir", Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar"), "--num-samples", "20"];

    /// <summary>Values of scikit-learn 1.2 for labels 0 0 0 1 1 2 4 4 4 4, predicted 0 1 0 1 3 0 4 4 2 4.</summary>
    [TestMethod]
    [DataRow("micro", 60.0, 60.0, 60.0)]
    [DataRow("macro", 43.3333, 38.3333, 40.4762)]
    [DataRow("weighted", 70.0, 60.0, 64.2857)]
    public void AveragesAreThoseOfScikitLearn(string average, double precision, double recall, double f1)
    {
        var metrics = new PrecisionRecall(average);
        int[] labels = [0, 0, 0, 1, 1, 2, 4, 4, 4, 4], said = [0, 1, 0, 1, 3, 0, 4, 4, 2, 4];
        foreach (var (label, class_) in labels.Zip(said))
            metrics.Add(label, class_);
        CollectionAssert.AreEqual(
            new[] { ($"{average}_precision", precision), ($"{average}_recall", recall), ($"{average}_f1_score", f1) },
            metrics.Measure().Select(m => (m.Name, Math.Round(m.Value, 4))).ToArray());
    }

    /// <summary>The keys stand where timm has them; over all images each of the three is the accuracy.</summary>
    [TestMethod]
    public void MetricsAreInTheRow()
    {
        var row = JsonDocument.Parse(Cli.Output([.. Command, "--metrics-avg", "micro", "--json", "--retry"])).RootElement
            .EnumerateObject().ToArray();
        CollectionAssert.AreEqual(new[] { "top5_err", "micro_precision", "micro_recall", "micro_f1_score" },
            row[4..8].Select(p => p.Name).ToArray());
        Assert.IsTrue(row[5..8].All(p => p.Value.GetDouble() == row[1].Value.GetDouble()));
        StringAssert.Contains(Cli.Error([.. Command, "--metrics-avg", "makro"]), "No average \"makro\"");
    }

    [TestMethod]
    public void RowsAreAppended()
    {
        using var folder = new TempFolder();
        string[] append = [.. Command, "--results-file", folder["r.csv"], "--append"];
        Cli.Output(append);
        Cli.Output(append);
        var lines = File.ReadAllLines(folder["r.csv"]);
        Assert.HasCount(3, lines);
        Assert.AreEqual(lines[1], lines[2]);
        var (code, shown, error) = Cli.Run([.. append, "--metrics-avg", "macro"]);
        Assert.AreEqual(1, code);
        StringAssert.Contains(error, "has other columns");
        StringAssert.Contains(shown, "macro_recall", "what was measured is not lost");
        StringAssert.Contains(Cli.Error([.. Command, "--append"]), "CSV file of --results-file");
        CollectionAssert.AreEqual(lines, File.ReadAllLines(folder["r.csv"]));
        Cli.Output(append[..^1]);
        Assert.HasCount(2, File.ReadAllLines(folder["r.csv"]));
    }
}
