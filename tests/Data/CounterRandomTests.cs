using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class CounterRandomTests
{
    /// <summary>Known answers of the authors' Random123 (kat_vectors).</summary>
    [TestMethod]
    [DataRow(0u, 0u, 0u, 0u, 0ul, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [DataRow(~0u, ~0u, ~0u, ~0u, ~0ul, 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [DataRow(0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u, 0x299F31D0A4093822ul, 0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u)]
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

    [TestMethod]
    public void NumbersHaveTheirDistributions()
    {
        var random = new CounterRandom(1).At(0, 0);
        var uniform = Enumerable.Range(0, 40_000).Select(_ => random.Uniform(-1, 3)).ToArray();
        var normal = Enumerable.Range(0, 40_000).Select(_ => random.Normal()).ToArray();
        var dice = Enumerable.Range(0, 60_000).Select(_ => random.Integer(1, 6)).CountBy(d => d).ToDictionary();
        Assert.AreEqual(1, uniform.Average(), 0.03);
        Assert.IsTrue(uniform.All(u => u is >= -1 and < 3));
        Assert.AreEqual(0, normal.Average(), 0.03);
        Assert.AreEqual(1, normal.Average(n => n * n), 0.03);
        Assert.AreEqual(6, dice.Count);
        Assert.IsTrue(dice.Values.All(count => Math.Abs(count - 10_000) < 500));
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
