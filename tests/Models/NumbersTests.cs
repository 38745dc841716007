using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Level 4 of the ladder: logits, features and intermediate maps equal timm's for the same weights and images.</summary>
[TestClass]
public sealed class NumbersTests
{
    [TestMethod]
    [TestCategory("all")]
    public void EveryModelComputesWhatTimmComputes() => Check(GoldenZoo.Shared("zoo", "numbers.jsonl.gz"));

    /// <summary>Other models each day, the same ones all day.</summary>
    [TestMethod]
    public void ASampleComputesWhatTimmComputes()
    {
        var rows = GoldenZoo.Read(Paths.Golden("zoo", "numbers.jsonl.gz")).Where(r => Zoo.Names.Contains(r.Key)).ToArray();
        new Random(DateTime.UtcNow.DayOfYear).Shuffle(rows);
        Check(rows.Take(6));
    }

    static void Check(IEnumerable<KeyValuePair<string, JsonElement>> rows)
    {
        var known = Zoo.Names.ToHashSet();
        var faults = rows.Where(r => known.Contains(r.Key)).SelectMany(r => Faults(r.Key, r.Value)).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    static string[] Faults(string name, JsonElement row)
    {
        try
        {
            var (graph, image) = ReferenceRun.Of(name, row);
            // Unoptimized first: the runtime's blocked layouts round differently, which sharp gates amplify.
            var plain = Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, image);
            string[] faults = [.. new Reference(name, row, plain).Faults()];
            if (faults.Length > 0)
                faults = [.. new Reference(name, row, plain, Ort.Run(graph, GraphOptimizationLevel.ORT_ENABLE_ALL, image)).Faults()];
            return faults.Length > 0 && Float64.Knows(graph)
                ? [.. new Reference(name, row, Float64.Run(graph, image)).Faults()]
                : faults;
        }
        catch (Exception e) when (e is UserException or InvalidOperationException)
        {
            return [$"{name}: {e.Message}"];
        }
    }
}
