using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Models;

/// <summary>An optimized export computes what timm computes, and nothing in it is left to do at run time.</summary>
[TestClass]
public sealed class ExportTests
{
    [TestMethod]
    [TestCategory("all")]
    public void EveryExportComputesWhatTimmComputes() => Check(GoldenZoo.Shared("zoo", "numbers.jsonl.gz"));

    [TestMethod]
    public void ASampleOfExportsComputesWhatTimmComputes()
    {
        var rows = GoldenZoo.Read(Paths.Golden("zoo", "numbers.jsonl.gz")).ToArray();
        new Random(DateTime.UtcNow.DayOfYear).Shuffle(rows);
        Check(rows.TakeLast(6));
    }

    [TestMethod]
    public void NoModelKeepsWhatCanBeFolded()
    {
        var faults = Zoo.Names.SelectMany(name => Leftovers(name, Zoo.Build(name).Graph)).ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults.Take(40)));
    }

    /// <summary>Without the folding of batch norms, which would read every weight.</summary>
    static IEnumerable<string> Leftovers(string name, Graph graph)
    {
        var folded = FoldConstants.Apply(StripTraining.Apply(graph), weights: true);
        return folded.Nodes
            .Where(n => n.Op is "Dropout" or "DropPath" or "Identity" || n.In.All(v => v is null || v.Data is not null))
            .Select(n => $"{name}: {GraphText.Of(n)}");
    }

    static void Check(IEnumerable<KeyValuePair<string, JsonElement>> rows)
    {
        var known = Zoo.Names.ToHashSet();
        var faults = rows.Where(r => known.Contains(r.Key)).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    static string[] Faults(KeyValuePair<string, JsonElement> row) =>
        ReferenceRun.Faults(row.Key, row.Value, graph => Export.Optimize(graph).Graph);
}
