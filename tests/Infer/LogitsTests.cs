using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class LogitsTests
{
    [TestMethod]
    public void TheBestComeFirst()
    {
        var logits = Fill.Input(1000);
        var top = Logits.Top(logits, 7);
        CollectionAssert.AreEqual(
            logits.Index().OrderByDescending(l => l.Item).Take(7).Select(l => l.Index).ToArray(), top.Index);
        CollectionAssert.AreEqual(top.Index.Select(i => logits[i]).ToArray(), top.Logit);
    }

    [TestMethod]
    public void ProbabilitiesAreASoftmax()
    {
        // e^0 : e^1 : e^2, whatever is added to all
        var top = Logits.Top([1000, 1002, 1001], 5);
        CollectionAssert.AreEqual(new[] { 1, 2, 0 }, top.Index);
        Assert.AreEqual(Math.Exp(2) / (1 + Math.E + Math.Exp(2)), top.Prob[0], 1e-6);
        Assert.AreEqual(1, top.Prob.Sum(), 1e-6);
    }

    [TestMethod]
    public void OfSeveralLabelsEachHasAProbability()
    {
        var top = Logits.Top([0, (float)Math.Log(3), -1000], 3, isMultiLabel: true);
        CollectionAssert.AreEqual(new[] { 1, 0, 2 }, top.Index);
        Assert.AreEqual(0.75, top.Prob[0], 1e-6);
        Assert.AreEqual(0.5, top.Prob[1], 1e-6);
        Assert.AreEqual(0, top.Prob[2], 1e-6);
    }

    [TestMethod]
    public void OfEqualsTheLowerIndexWins()
    {
        CollectionAssert.AreEqual(new[] { 1, 2, 0 }, Logits.Top([1, 3, 3], 3).Index);
        Assert.AreEqual(0, Logits.Rank([1, 3, 3], 1));
        Assert.AreEqual(1, Logits.Rank([1, 3, 3], 2));
    }

    /// <summary>As torch.topk orders: what is no number is above all numbers; but no label is right by it.</summary>
    [TestMethod]
    public void NotANumberIsNeverRight()
    {
        CollectionAssert.AreEqual(new[] { 1, 3, 2 }, Logits.Top([1, float.NaN, 3, float.NaN], 3).Index);
        Assert.AreEqual(1, Logits.Rank([1, float.NaN, 3], 2));
        Assert.IsGreaterThan(1000, Logits.Rank([float.NaN, 0], 0));
        var meters = new OnnxTimm.Train.EvalMeters();
        meters.Add([float.NaN, float.NaN, float.NaN, float.NaN], [0, 1]);
        Assert.AreEqual((0.0, 0.0), (meters.Top1.Mean, meters.Top5.Mean));
        var scores = new OnnxTimm.Cli.Results.Scores(1);
        scores.Add(0, [float.NaN, float.NaN], 0);
        Assert.AreEqual((0.0, 0.0), (scores.Top1, scores.Top5));
    }

    [TestMethod]
    public void CrossEntropyOfEqualScoresIsTheLogarithmOfTheirNumber() =>
        Assert.AreEqual(Math.Log(10), Logits.CrossEntropy(new float[10], 3), 1e-12);
}
