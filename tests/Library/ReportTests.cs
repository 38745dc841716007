using System.Globalization;
using System.Text.RegularExpressions;
using OnnxTimm.Data;
using OnnxTimm.Tests.Train;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Library;

/// <summary>The page about a training: its figures, what strangers put into it, and its size.</summary>
[TestClass]
public sealed class ReportTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>Of six images, by hand: two of a are right and one is taken for b, which is taken for c once.</summary>
    [TestMethod]
    public void WhatIsCountedIsRight()
    {
        var judged = new JudgedImages(8, ["a", "b", ""]);
        float[][] logits = [[9, 0, 0], [2, 1, 0], [0, 5, 0], [0, 1, 2], [0, 3, 0], [float.NaN, 1, 2]];
        foreach (var (i, (row, label)) in logits.Zip([0, 0, 0, 1, 1, 0]).Index())
            judged.Add(i, row, label);
        Assert.AreEqual((6, 50.0), (judged.Count, judged.Top1));
        CollectionAssert.AreEqual((ClassAccuracy[])[new("a", 4, 2), new("b", 2, 1)], judged.ByClass().ToArray());
        CollectionAssert.AreEquivalent(((int, int, int)[])[(0, 1, 1), (0, 2, 1), (1, 2, 1)],
            judged.Confusions().ToArray());
        CollectionAssert.AreEqual((int[])[0, 1, 2], judged.Occurring().ToArray());
        CollectionAssert.AreEqual((int[])[5, 2, 3], judged.Worst(3).Select(v => v.Index).ToArray());
        Assert.AreEqual("class 2", judged.Name(2));
        Assert.AreEqual(Math.Log(Math.Exp(0) + Math.Exp(1) + Math.Exp(2)) - 1, judged.Worst(3)[2].Loss, 1e-6);
    }

    [TestMethod]
    public void AnyOfTheRealLabelsIsRight()
    {
        var judged = new JudgedImages(3, ["a", "b", "c"]);
        judged.Add(0, [0, 9, 0], 0, [0, 1]);
        judged.Add(1, [0, 9, 0], 0, []);
        judged.Add(2, [0, 9, 0], 0, [2]);
        CollectionAssert.AreEqual(((int, int)[])[(1, 1), (2, 1)], judged.All.Select(v => (v.Label, v.Said)).ToArray());
    }

    /// <summary>Names of classes and files, options and commands are texts, never parts of the page.</summary>
    [TestMethod]
    public void WhatComesFromStrangersIsText()
    {
        const string evil = "</pre></style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\u202E\0";
        var judged = new JudgedImages(2, [evil, "b"]);
        judged.Add(0, [0, 1], 0);
        judged.Add(1, [1, 0], 1);
        var page = Page(new(evil)
        {
            Figures = [(evil, evil)],
            Judged = judged,
            Data = new Named(evil),
            Costs = [(evil, evil)],
            Command = evil,
            Options = evil,
        });
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.DoesNotContain('\0', page);
        Assert.HasCount(2, Regex.Matches(page, "<img alt=\"\" src=\"data:image/jpeg;base64,[A-Za-z0-9+/=]+\">"));
        Assert.HasCount(1, Regex.Matches(page, "</style>"));
        var open = Regex.Matches(page, @"<(\w+)[^>]*?(/?)>").Where(m => m.Groups[2].Value.Length == 0)
            .CountBy(m => m.Groups[1].Value).ToDictionary();
        foreach (var (tag, count) in open)
            if (tag is not ("meta" or "img" or "br"))
                Assert.HasCount(count, Regex.Matches(page, $"</{tag}>"), tag);
    }

    [TestMethod]
    public void AThousandClassesAndEpochsAreASmallPage()
    {
        var judged = new JudgedImages(50_000, [.. Enumerable.Range(0, 1000).Select(i => new string('n', 300) + i)]);
        var row = new float[1000];
        for (var i = 0; i < 50_000; i++)
        {
            row[i * 7 % 1000] = 9;
            judged.Add(i, row, i % 1000);
            row[i * 7 % 1000] = 0;
        }
        var page = Page(new("large")
        {
            Epochs = [.. Enumerable.Range(0, 10_000).Select(i => new EpochResult(i, 1.0 / (i + 1), null, double.NaN))],
            Judged = judged,
            Data = new Named("x"),
        });
        Assert.IsLessThan(5_000_000, page.Length);
        Assert.HasCount(Report.MostMistakes, Regex.Matches(page, "<img "));
        StringAssert.Contains(page, "The 100 least often right of 1000 classes.");
        Assert.DoesNotContain("NaN", page);
    }

    [TestMethod]
    public void OneEpochIsADot() =>
        StringAssert.Contains(Page(new("one") { Epochs = [new(0, 2, new(1, 50, 90), 0.1)] }), "<circle");

    /// <summary>The figures are those of summary.csv; the matrix adds up to them.</summary>
    [TestMethod]
    public void ATrainingLeavesItsPage()
    {
        var view = new TinyTraining.View();
        Train(view);
        var page = File.ReadAllText(folder["run/report.html"]);
        var best = File.ReadAllLines(folder["run/summary.csv"]).Skip(1).Select(l => l.Split(','))
            .Select(c => c.Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()).MaxBy(c => c[3])!;
        StringAssert.Contains(page, $"<bdi>top1</bdi></dt><dd><bdi>{best[3].ToString("0.####", null)}</bdi>");
        StringAssert.Contains(page, $"<bdi>{best[0]} of 0 to 1</bdi>");
        var right = Regex.Matches(page, "<td class=\"right\"[^>]*>(\\d+)</td>").Sum(m => int.Parse(m.Groups[1].Value));
        Assert.AreEqual(best[3], 100.0 * right / 40, 1e-9);
        var all = Regex.Matches(page, "<td class=\"(?:right|wrong)\"[^>]*>(\\d+)</td>");
        Assert.AreEqual(40, all.Sum(m => int.Parse(m.Groups[1].Value)));
        StringAssert.Contains(page, "<pre>onnxtimm train again</pre>");
        StringAssert.Contains(page, "batch_size: 16");
        Assert.Contains($"Wrote {folder["run/report.html"]}", view.Lines);
    }

    /// <summary>A report that fails is said; the run is complete.</summary>
    [TestMethod]
    public void APageThatCannotBeWrittenCostsNothing()
    {
        var view = new TinyTraining.View();
        view.OnUpdate = _ => Directory.CreateDirectory(folder["run/report.html/x"]);
        Train(view);
        Assert.ContainsSingle(l => l.StartsWith("There is no report", StringComparison.Ordinal), view.Lines);
        Assert.IsTrue(File.Exists(folder["run/model_best.onnx"]));
    }

    void Train(TinyTraining.View view)
    {
        var options = TinyTraining.Options(folder[""], "run", o => (o.Epochs, o.GradAccumSteps) = (2, 1));
        using var trainer = TinyTraining.Make(options, new TrainReport(view, "onnxtimm train again"));
        Assert.IsTrue(trainer.Run());
    }

    string Page(Report report)
    {
        report.Write(folder["page.html"]);
        return File.ReadAllText(folder["page.html"]);
    }

    /// <summary>Dots under another name.</summary>
    sealed class Named(string name) : IDataset
    {
        readonly Dots dots = new(4);

        public int Count => dots.Count;

        public IReadOnlyList<string> Classes => dots.Classes;

        public int Label(int index) => dots.Label(index);

        public string Name(int index) => name;

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => dots.Read(index, buffer);

        public void Dispose() => dots.Dispose();
    }
}
