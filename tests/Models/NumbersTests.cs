using System.Text.Json;

namespace OnnxTimm.Tests.Models;

/// <summary>Level 4 of the ladder: logits, features and maps equal timm's for the same weights and images.</summary>
[TestClass]
public sealed class NumbersTests
{
    [TestMethod]
    [TestCategory("all")]
    public void EveryModelComputesWhatTimmComputes() => Check(GoldenZoo.Shared("zoo", "numbers.jsonl.gz"));

    /// <summary>Other models each day, the same ones all day.</summary>
    [TestMethod]
    public void ASampleComputesWhatTimmComputes() =>
        Check(Asked.Sample(GoldenZoo.Read(Paths.Golden("zoo", "numbers.jsonl.gz")), row => row.Key, 6));

    static void Check(IEnumerable<KeyValuePair<string, JsonElement>> rows)
    {
        var faults = rows.Where(r => Asked.Has(r.Key)).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    static string[] Faults(KeyValuePair<string, JsonElement> row) =>
        ReferenceRun.Faults(row.Key, row.Value, graph => graph);
}
