using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>What features_only gives: channels and reductions equal timm's, for all models.</summary>
[TestClass]
public sealed class FeaturesTests
{
    [TestMethod]
    public void EveryModelGivesTimmsMaps()
    {
        var rows = GoldenZoo.Shared("zoo", "structure.jsonl.gz");
        var faults = Zoo.Names.Where(rows.ContainsKey)
            .Where(name => rows[name].TryGetProperty("features", out var f) && f.ValueKind == JsonValueKind.Object)
            .SelectMany(name => Faults(name, rows[name].GetProperty("features"))).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(40))}");
    }

    static IEnumerable<string> Faults(string name, JsonElement features)
    {
        var model = Zoo.Build(name, new() { FeaturesOnly = true });
        var expected = Ints(features, "channels").Zip(Ints(features, "reduction"), (c, r) => $"{c}/{r}");
        var size = model.Graph.Inputs[0].Shape[2].Size;
        var got = model.Graph.Outputs.Select(map => $"{map.Channels}/{Reduction(size, map.Height)}");
        return expected.SequenceEqual(got)
            ? []
            : [$"{name}: timm {string.Join(" ", expected)}, here {string.Join(" ", got)}"];
    }

    /// <summary>The power of two that makes one size of the other; a last pixel that is not whole counts.</summary>
    static long Reduction(long size, long map)
    {
        var reduction = 1L;
        while ((size + reduction - 1) / reduction > map)
            reduction *= 2;
        return reduction;
    }

    static IEnumerable<long> Ints(JsonElement features, string field) =>
        features.GetProperty(field).EnumerateArray().Select(v => v.GetInt64());
}
