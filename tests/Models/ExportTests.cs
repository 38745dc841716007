using System.Text.Json;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Models;

/// <summary>An optimized export computes what timm computes.</summary>
[TestClass]
public sealed class ExportTests
{
    [TestMethod]
    [TestCategory("all")]
    public void EveryExportComputesWhatTimmComputes() => Check(GoldenZoo.Shared("zoo", "numbers.jsonl.gz"));

    [TestMethod]
    public void ASampleOfExportsComputesWhatTimmComputes() =>
        Check(Asked.Sample(GoldenZoo.Read(Paths.Golden("zoo", "numbers.jsonl.gz")), row => row.Key, 6));

    static void Check(IEnumerable<KeyValuePair<string, JsonElement>> rows)
    {
        var faults = rows.Where(r => Asked.Has(r.Key)).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    static string[] Faults(KeyValuePair<string, JsonElement> row) =>
        ReferenceRun.Faults(row.Key, row.Value, graph => Export.Optimize(graph).Graph);
}
