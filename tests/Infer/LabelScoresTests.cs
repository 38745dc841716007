using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

/// <summary>Metrics of several labels an image against timm 1.0.31's.</summary>
[TestClass]
public sealed class LabelScoresTests
{
    /// <summary>
    /// The rows' numbers by the rule of the reference set: scores 3 u, rounded to parts where ties are wanted; labels
    /// where u is above 0.4, none of class 0.
    /// </summary>
    [TestMethod]
    public void EveryRowOfTimms()
    {
        foreach (var (number, row) in Golden.Json("training", "label_metrics.json").EnumerateArray().Index())
        {
            var (rows, classes) = (row.GetProperty("rows").GetInt32(), row.GetProperty("classes").GetInt32());
            float[] scores = [.. Fill.Uniform($"map:s:{number / 2}", rows * classes).Select(u => 3 * u)];
            float[] labels = [.. Fill.Uniform($"map:t:{number / 2}", rows * classes).Index()
                .Select(u => u.Item > 0.4f && u.Index % classes != 0 ? 1f : 0f)];
            if (row.GetProperty("rounded_to").GetInt32() is > 0 and var parts)
                scores = [.. scores.Select(s => MathF.Round(s * parts) / parts)];
            var all = new LabelScores(classes, row.GetProperty("threshold").GetDouble());
            // In any order: what is measured does not depend on it.
            foreach (var i in Enumerable.Range(0, rows).Reverse())
                all.Add(i, scores.AsSpan(i * classes, classes), labels.AsSpan(i * classes, classes));
            var expected = row.GetProperty("metrics");
            foreach (var (name, value) in all.Measure().Named())
                Assert.AreEqual(expected.GetProperty(name).GetDouble(), value,
                    Tolerances.Get("label_metrics"), $"row {number}: {name}");
        }
    }

    [TestMethod]
    public void WithoutImages() => Assert.AreEqual(new LabelMetrics(0, 0, 0, 0, 0), new LabelScores(3).Measure());

    /// <summary>By hand: one of the two images of the first class is found, and another is said to be of it.</summary>
    [TestMethod]
    public void ClassesOneByOne()
    {
        var scores = new LabelScores(2);
        scores.Add(0, [2, -1], [1, 0]);
        scores.Add(1, [-1, -1], [1, 0]);
        scores.Add(2, [1, -1], [0, 0]);
        var (first, none) = (scores.ByClass()[0], scores.ByClass()[1]);
        Assert.AreEqual((2, 2, 1, 50.0), (first.Images, first.Said, first.Right, first.F1));
        Assert.AreEqual(100 * (1.0 / 2 + 2.0 / 3 / 2), first.Precision, 1e-9);
        Assert.AreEqual(new LabelClass(0, 0, 0, 0, 0), none);
    }
}
