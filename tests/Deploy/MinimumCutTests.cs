using OnnxTimm.Deploy;

namespace OnnxTimm.Tests.Deploy;

/// <summary>The cheapest division, against all there are.</summary>
[TestClass]
public sealed class MinimumCutTests
{
    const int Things = 9;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void NoDivisionCostsLess(int seed)
    {
        var random = new Random(seed);
        var sides = Enumerable.Range(0, Things)
            .Select(_ => (First: random.Next(20), Second: random.Next(20))).ToArray();
        var pairs = Enumerable.Range(0, 25)
            .Select(_ => (First: random.Next(Things), Second: random.Next(Things), Cost: random.Next(8)))
            .Append((First: 0, Second: 1, Cost: 1000)).ToArray();
        var cut = new MinimumCut();
        int[] things = [.. sides.Select(s => cut.Add(s.First, s.Second))];
        foreach (var (first, second, cost) in pairs)
            cut.Part(things[first], things[second], cost == 1000 ? MinimumCut.Never : cost);
        var isFirst = cut.Solve();
        int Cost(Predicate<int> first) => sides.Select((s, i) => first(i) ? s.First : s.Second).Sum()
            + pairs.Where(p => first(p.First) && !first(p.Second)).Sum(p => p.Cost);
        var least = Enumerable.Range(0, 1 << Things).Min(set => Cost(i => (set >> i & 1) == 1));
        Assert.AreEqual(least, Cost(i => isFirst(things[i])));
    }
}
