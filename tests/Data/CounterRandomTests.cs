using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class CounterRandomTests
{
    /// <summary>Moments and tail within four standard errors.</summary>
    [TestMethod]
    public void NormalsAreNormal()
    {
        const int count = 200_001;
        var values = new float[count];
        new CounterRandom(5).At(1, 2).Normals(values);
        var (mean, square) = (values.Average(v => (double)v), values.Average(v => (double)v * v));
        Assert.AreEqual(0, mean, 4 / Math.Sqrt(count));
        Assert.AreEqual(1, square, 4 * Math.Sqrt(2.0 / count));
        Assert.AreEqual(0, values.Zip(values.Skip(1), (a, b) => (double)a * b).Average(), 4 / Math.Sqrt(count));
        Assert.AreEqual(0.0455, values.Count(v => Math.Abs(v) > 2) / (double)count,
            4 * Math.Sqrt(0.0455 * 0.9545 / count));
        Assert.IsTrue(values.All(float.IsFinite));
    }

    /// <summary>Known answers of the authors' Random123 (kat_vectors).</summary>
    [TestMethod]
    [DataRow(0u, 0u, 0u, 0u, 0ul, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [DataRow(~0u, ~0u, ~0u, ~0u, ~0ul, 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [DataRow(
        0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u, 0x299F31D0A4093822ul,
        0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u)]
    public void IsPhilox(uint a, uint b, uint c, uint d, ulong key, uint w, uint x, uint y, uint z) =>
        Assert.AreEqual((w, x, y, z), CounterRandom.Philox((a, b, c, d), key));

    [TestMethod]
    public void APlaceAlwaysHasTheSameNumbers()
    {
        var random = new CounterRandom(7);
        var first = random.At(3, 4).NextDouble();
        Assert.AreNotEqual(first, random.NextDouble());
        Assert.AreNotEqual(first, random.At(4, 3).NextDouble());
        Assert.AreEqual(first, new CounterRandom(7).At(3, 4).NextDouble());
    }

    /// <summary>Means lie within five standard deviations of what they are drawn from.</summary>
    [TestMethod]
    public void NumbersHaveTheirDistributions()
    {
        const int n = 40_000;
        var random = new CounterRandom(1).At(0, 0);
        var uniform = Enumerable.Range(0, n).Select(_ => random.Uniform(-1, 3)).ToArray();
        var normal = Enumerable.Range(0, n).Select(_ => random.Normal()).ToArray();
        var dice = Enumerable.Range(0, n).Select(_ => random.Integer(1, 6)).CountBy(d => d).ToDictionary();
        Assert.AreEqual(1, uniform.Average(), 5 * Math.Sqrt(4 * 4 / 12.0 / n));
        Assert.IsTrue(uniform.All(u => u is >= -1 and < 3));
        Assert.AreEqual(0, normal.Average(), 5 * Math.Sqrt(1.0 / n));
        Assert.AreEqual(1, normal.Average(v => v * v), 5 * Math.Sqrt(2.0 / n));
        Assert.AreEqual("1 2 3 4 5 6", string.Join(' ', dice.Keys.Order()));
        foreach (var count in dice.Values)
            Assert.AreEqual(n / 6.0, count, 5 * Math.Sqrt(n * 5 / 36.0));
    }

    [TestMethod]
    public void ShuffleKeepsEveryItem()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        new CounterRandom(1).At(0, 0).Shuffle<int>(items);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 1000).ToArray(), items);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 1000).ToArray(), items);
    }
}
