using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Level 4 of the ladder: logits, features and intermediate maps equal timm's for the same weights and image.</summary>
[TestClass]
public sealed class NumbersTests
{
    [TestMethod]
    [TestCategory("all")]
    public void EveryModelComputesWhatTimmComputes() => Check(GoldenZoo.Shared("zoo", "numbers.jsonl.gz"));

    static void Check(Dictionary<string, JsonElement> rows)
    {
        var known = Zoo.Names.ToHashSet();
        var faults = rows.Where(r => known.Contains(r.Key)).SelectMany(r => Faults(r.Key, r.Value)).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    static IEnumerable<string> Faults(string name, JsonElement row)
    {
        try
        {
            return [.. Compare(Run(name, row), new Reference(name, row))];
        }
        catch (Exception e) when (e is UserException or InvalidOperationException)
        {
            return [$"{name}: {e.Message}"];
        }
    }

    /// <summary>Runs a model on two images, with everything that the reference looked at as an output.</summary>
    static Dictionary<string, float[]> Run(string name, JsonElement row)
    {
        var model = Zoo.Build(name);
        var graph = Fill.Weights(model.Graph, row.GetProperty("gain").GetDouble());
        if (model.Net.Features is { } features)
            graph.Output("features_0", features);
        if (model.Net.PreLogits is { } head)
            graph.Output("pre_logits", head);
        foreach (var (i, tap) in model.Net.Taps.Index())
            graph.Output($"intermediates_{i}", tap.Map);
        long[] shape = [2, .. row.GetProperty("input_size").EnumerateArray().Select(d => d.GetInt64())];
        return Ort.Run(graph, ("input", Fill.Input(shape), shape));
    }

    static IEnumerable<string> Compare(Dictionary<string, float[]> got, Reference expected)
    {
        var logits = got.TryGetValue("logits", out var y) ? y : got["features"];
        return expected.Logits(logits[..(logits.Length / 2)], logits[(logits.Length / 2)..])
            .Concat(expected.Signature("pre_logits", [got.GetValueOrDefault("pre_logits")]))
            .Concat(expected.Signature("features", [got.GetValueOrDefault("features_0")]))
            .Concat(expected.Signature("intermediates",
                [.. Enumerable.Range(0, 1000).Select(i => got.GetValueOrDefault($"intermediates_{i}")).TakeWhile(m => m is not null)]));
    }
}
