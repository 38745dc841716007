using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>What features_only gives: channels and reductions equal timm's, for all models.</summary>
[TestClass]
public sealed class FeaturesTests
{
    /// <summary>Their windows without padding cost a map a few pixels more.</summary>
    static readonly string[] Unpadded = ["inception_v3"];

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
        (long Channels, long Reduction)[] expected = [.. Ints(features, "channels").Zip(Ints(features, "reduction"))];
        var (maps, size) = (model.Graph.Outputs, model.Graph.Inputs[0].Shape[2].Size);
        // A last pixel that is not whole may count or not.
        var most = Unpadded.Contains(name) ? 4 : 1;
        var equal = expected.Length == maps.Count
            && expected.Zip(maps, (e, map) => e.Channels == map.Channels
                && Math.Abs((double)size / e.Reduction - map.Height) < most).All(ok => ok);
        return equal ? [] : [$"{name} of {size}: timm {string.Join(" ", expected)}, here {string.Join(" ", maps)}"];
    }

    static IEnumerable<long> Ints(JsonElement features, string field) =>
        features.GetProperty(field).EnumerateArray().Select(v => v.GetInt64());
}
