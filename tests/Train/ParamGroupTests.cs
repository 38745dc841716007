using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Which parameters decay, and the rate of each layer, equal timm's.</summary>
[TestClass]
public sealed class ParamGroupTests
{
    public static IEnumerable<object[]> Names => Rows().Keys.Where(Zoo.Names.Contains)
        .Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void GroupsAreTimms(string name)
    {
        var row = Rows()[name];
        var model = Trainees.Of(Zoo.Build(name));
        var spared = row.GetProperty("no_decay").EnumerateArray().Select(n => n.GetString()!);
        var groups = ParamGroups.ByDecay(model, 0.05);
        CollectionAssert.AreEquivalent(spared.ToArray(), groups.Where(g => g.WeightDecay == 0).SelectMany(g => g.Names)
            .ToArray());
        Assert.AreEqual(2, groups.Length);

        var layered = ParamGroups.ByLayer(model, 0.05, 0.75)
            .SelectMany(g => g.Names.Select(n => (n, g))).ToDictionary(p => p.n, p => p.g);
        foreach (var p in row.GetProperty("layer_decay_0.75").EnumerateObject())
        {
            Assert.AreEqual(p.Value[0].GetDouble(), layered[p.Name].LrScale, 1e-9, p.Name);
            Assert.AreEqual(p.Value[1].GetDouble(), layered[p.Name].WeightDecay, p.Name);
        }
        Assert.HasCount(row.GetProperty("layer_decay_0.75").EnumerateObject().Count(), layered);
    }

    [TestMethod]
    public void LayersWithSmallRatesAreFrozen()
    {
        var model = Trainees.Of(Zoo.Build("resnet18"));
        var all = ParamGroups.ByLayer(model, 0, 0.5, minScale: 0.3).SelectMany(g => g.Names).ToArray();
        Assert.AreEqual(62, all.Length);
        Assert.IsTrue(ParamGroups.ByLayer(model, 0, 0.5, frozenBelow: 0.3).SelectMany(g => g.Names)
            .All(n => n.StartsWith("fc", StringComparison.Ordinal)
                || n.StartsWith("layer4.1", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void WithoutDecayThereIsOneGroup() =>
        Assert.HasCount(1, ParamGroups.ByDecay(Trainees.Of(Zoo.Build("resnet18")), 0));

    static Dictionary<string, JsonElement> Rows() => GoldenZoo.Read(Paths.Golden("training", "param_groups.jsonl.gz"));
}
