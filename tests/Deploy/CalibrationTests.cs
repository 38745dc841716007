using OnnxTimm.Deploy;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Histograms and the ranges that follow from them, against the numbers themselves.</summary>
[TestClass]
public sealed class CalibrationTests
{
    static readonly float[] Numbers = Normal(20_000, 3);

    /// <summary>A bin holds the numbers that lie in it, however often its width has doubled.</summary>
    [TestMethod]
    public void BinsCountTheirNumbers()
    {
        var histogram = new Histogram();
        foreach (var part in Numbers.Chunk(100))
            histogram.Add(part, part.Max(Math.Abs));
        for (var bin = 0; bin < histogram.Counts.Length; bin++)
        {
            var least = (bin - Histogram.Half) * histogram.Width;
            Assert.AreEqual(Numbers.Count(x => x >= least && x < least + histogram.Width), histogram.Counts[bin]);
        }
        Assert.IsLessThanOrEqualTo(Histogram.Half, Numbers.Max(Math.Abs) / histogram.Width);
        Assert.IsGreaterThan(Histogram.Half / 2, Numbers.Max(Math.Abs) / histogram.Width);
    }

    /// <summary>Whoever counts which numbers, in whatever order: the same sums, bit for bit.</summary>
    [TestMethod]
    public void StatisticsDoNotDependOnTheOrder()
    {
        var parts = Numbers.Chunk(500).ToArray();
        var one = Statistics(parts, channels: 5);
        var two = Statistics([.. parts.Reverse().Take(13)], channels: 5);
        two.Add(Statistics([.. parts.Take(parts.Length - 13)], channels: 5));
        Assert.AreEqual(one.Range, two.Range);
        CollectionAssert.AreEqual(one.Histogram.Counts.ToArray(), two.Histogram.Counts.ToArray());
        CollectionAssert.AreEqual(one.Means, two.Means);
    }

    [TestMethod]
    public void ChannelsHaveTheirMeans()
    {
        var s = Statistics([[1, 3, -5, 5], [5, 7, 1, 1]], channels: 2);
        CollectionAssert.AreEqual(new[] { 4.0, 0.5 }, s.Means);
        CollectionAssert.AreEqual(new[] { 7f, 5f }, s.Most.ToArray());
    }

    /// <summary>Two tokens of three features each: a feature is every third number.</summary>
    [TestMethod]
    public void RowsOfChannelsAreOneImage()
    {
        var s = new TensorStatistics(channels: 3, rows: 2);
        s.Add("x", [1, 2, 3, 5, -9, 3]);
        CollectionAssert.AreEqual(new[] { 3, -3.5, 3 }, s.Means);
        CollectionAssert.AreEqual(new[] { 5f, 9f, 3f }, s.Most.ToArray());
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void WhatIsNoNumberIsNamed(float number)
    {
        var e = Assert.Throws<UserException>(() => new TensorStatistics(0).Add("conv1", [0, number, 2]));
        Assert.Contains("conv1", e.Message);
    }

    /// <summary>One of ten thousand numbers is left out: half of them at either end.</summary>
    [TestMethod]
    public void APercentileLeavesOutOneOfTenThousand()
    {
        var sorted = Numbers.Order().ToArray();
        var s = Statistics([Numbers], channels: 0);
        var range = RangeMethod.Named("percentile").Range(s, Codes.UInt8);
        Assert.AreEqual(sorted[1], range.Least, s.Histogram.Width);
        Assert.AreEqual(sorted[^2], range.Most, s.Histogram.Width);
    }

    /// <summary>
    /// Its error on the numbers themselves is at most that of any other range; of 16 codes it pays to cut numbers off.
    /// </summary>
    [TestMethod]
    public void TheLeastErrorIsTheLeast()
    {
        var codes = new Codes(DType.UInt8, 0, 15, IsSymmetric: false);
        float[] numbers = [.. Numbers.Select(x => Math.Max(0, x))];
        var best = RangeMethod.Named("mse").Range(Statistics([numbers], 0), codes);
        var error = Error(numbers, best, codes);
        for (var most = 1.0; most <= numbers.Max(); most += 0.25)
            Assert.IsLessThanOrEqualTo(Error(numbers, new(0, most), codes) * 1.02, error, $"{most}");
        Assert.IsLessThan(0.9 * numbers.Max(), best.Most);
    }

    /// <summary>A few numbers far out do not decide the range; an even distribution is kept whole.</summary>
    [TestMethod]
    public void EntropyCutsOffWhatIsRare()
    {
        float[] rare = [.. Numbers, 60, -60];
        var method = RangeMethod.Named("entropy");
        Assert.IsLessThan(30, method.Range(Statistics([rare], 0), Codes.UInt8).Most);
        float[] even = [.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f)];
        Assert.AreEqual(1, method.Range(Statistics([even], 0), Codes.UInt8).Most, 0.02);
    }

    [TestMethod]
    public void AWrongMethodIsToldFromTheNearest() => Assert.Contains("Did you mean \"entropy\"?",
        Assert.Throws<UserException>(() => RangeMethod.Named("entropi")).Message);

    static TensorStatistics Statistics(float[][] images, int channels)
    {
        var s = new TensorStatistics(channels);
        foreach (var image in images)
            s.Add("x", image);
        return s;
    }

    static double Error(float[] numbers, Interval range, Codes codes)
    {
        var grid = Grid.Of(range, codes);
        return numbers.Sum(x => Math.Pow(grid.Round(x) - x, 2));
    }

    static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
            * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
