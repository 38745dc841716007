using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Policies draw with timm's probabilities: within four standard errors over 20,000 images.</summary>
[TestClass]
public sealed class PolicyDrawTests
{
    const int Draws = 20_000;

    static readonly PolicySettings Settings = new(0, RandomInterpolation.All);

    [TestMethod]
    [DataRow("rand-m9-n2-p0.5-inc1", 2.0 / 15 * 0.5)]
    [DataRow("rand-m9-n3-p0.7", 3.0 / 15 * 0.7)]
    [DataRow("rand-t3a-n1-p1", 1.0 / 3)]
    [DataRow("augmix-m3-w3", 3 * 2.0 / 13)]
    [DataRow("augmix-m3-w2-d1-b1", 2.0 / 13)]
    public void OperationsAreAsFrequentAsInTimm(string policy, double each)
    {
        var counts = Count(policy);
        foreach (var (name, count) in counts)
            Check(each, count, name, 3);
    }

    /// <summary>The first draw follows the weights; the second those that are left.</summary>
    [TestMethod]
    public void WeightsDrawWithoutReplacement()
    {
        var counts = Count("rand-t3aw-n2-p1-m5");
        var weights = PolicyTables.Weighted["3aw"];
        var sum = weights.Sum(w => w.Weight);
        foreach (var (name, weight) in weights)
        {
            var first = weight / sum;
            var second = weights.Where(w => w.Name != name)
                .Sum(w => w.Weight / sum * (weight / (sum - w.Weight)));
            Check(first + second, counts[name], name, 1);
        }
    }

    [TestMethod]
    public void SubPoliciesAreAsFrequentAsInTimm()
    {
        var counts = Count("v0");
        var steps = ((AutoAugment)AugmentPolicy.Parse("v0", Settings)).Policy.SelectMany(p => p);
        foreach (var group in steps.GroupBy(s => s.Operation.Name))
            Check(group.Sum(s => s.Probability) / 25, counts.GetValueOrDefault(group.Key), group.Key, 2);
    }

    [TestMethod]
    public void SignsAreEven()
    {
        var rotate = new PolicyStep(PolicyOperations.Find("Rotate"), 1, 9, Settings);
        var negative = 0;
        for (var i = 0; i < Draws; i++)
            Told(rotate, i, text => negative += text.Contains('-') ? 1 : 0);
        Check(0.5, negative, "negative", 1);
    }

    [TestMethod]
    public void LevelsFollowTheirDistributions()
    {
        var step = new PolicyStep(PolicyOperations.Find("Rotate"), 1, 5, Settings) { MagnitudeStd = 0.5 };
        Assert.AreEqual(5, Levels(step).Average(), 4 * 0.5 / Math.Sqrt(Draws));
        Assert.AreEqual(0.25, Levels(step).Average(l => (l - 5) * (l - 5)), 4 * 0.25 * Math.Sqrt(2.0 / Draws));
        var even = Levels(step with { MagnitudeStd = double.PositiveInfinity });
        Assert.AreEqual(2.5, even.Average(), 4 * 5 / Math.Sqrt(12.0 * Draws));
        Assert.IsTrue(even.All(l => l is >= 0 and <= 5));
        Assert.AreEqual(10, Levels(step with { Magnitude = 30 }).Max());
        Assert.AreEqual(20, Levels(step with { Magnitude = 30, MagnitudeMax = 20 }).Max());
    }

    /// <summary>Mean and variance of beta and Dirichlet, also where their gamma numbers underflow.</summary>
    [TestMethod]
    [DataRow(0.2)]
    [DataRow(1.0)]
    [DataRow(5.0)]
    public void MixingSharesFollowTheirDistributions(double alpha)
    {
        var random = new CounterRandom(3);
        double[] values = [.. Enumerable.Range(0, Draws).Select(i => random.At(0, i).Beta(alpha, alpha))];
        var variance = 1 / (4 * (2 * alpha + 1));
        Assert.AreEqual(0.5, values.Average(), 4 * Math.Sqrt(variance / Draws));
        Assert.AreEqual(variance, values.Average(v => (v - 0.5) * (v - 0.5)), 4 * variance / Math.Sqrt(Draws));
        double[] shares = [.. Enumerable.Range(0, Draws).Select(i => random.At(1, i).Dirichlet(alpha, 3)[0])];
        var spread = 2.0 / 9 / (3 * alpha + 1);
        Assert.AreEqual(1.0 / 3, shares.Average(), 4 * Math.Sqrt(spread / Draws));
        Assert.AreEqual(spread, shares.Average(v => Math.Pow(v - 1.0 / 3, 2)), 8 * spread / Math.Sqrt(Draws));
        Assert.IsTrue(double.IsFinite(random.At(2, 0).Beta(1e-4, 1e-4)));
    }

    static double[] Levels(PolicyStep step) =>
        [.. Enumerable.Range(0, Draws).Select(i => step.Level(new CounterRandom(4).At(0, i)))];

    static Dictionary<string, int> Count(string policy)
    {
        var (counts, parsed) = (new Dictionary<string, int>(), AugmentPolicy.Parse(policy, Settings));
        for (var i = 0; i < Draws; i++)
            Told(parsed, i, text =>
            {
                var name = text.Split(' ')[0];
                counts[name] = counts.GetValueOrDefault(name) + 1;
            });
        return counts;
    }

    static void Told(IAugmentation augmentation, int image, Action<string> tell)
    {
        var pixel = Image.Rent(1, 1);
        pixel.Fill(10, 20, 30);
        augmentation.Apply(pixel, new CounterRandom(9).At(0, image), tell).Dispose();
    }

    /// <param name="mean">Mean count of an image.</param>
    /// <param name="count">Count of all images.</param>
    /// <param name="what">What was counted.</param>
    /// <param name="most">Most of an image: the variance is at most that of so many draws at once.</param>
    static void Check(double mean, int count, string what, int most) =>
        Assert.AreEqual(mean, (double)count / Draws, 4 * Math.Sqrt(mean * most / Draws), what);
}
