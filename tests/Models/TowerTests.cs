using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Encoders that give tokens, and images that are not square, against timm in float64.</summary>
[TestClass]
public sealed class TowerTests
{
    [TestMethod]
    [TestCategory("all")]
    public void AnEncoderGivesTimmsTokens()
    {
        var rows = GoldenZoo.Rows(Paths.Shared("golden", "zoo", "towers.jsonl.gz")).Where(r => Asked.Has(Name(r)));
        string[] faults = [.. rows.SelectMany(Faults)];
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    static string Name(JsonElement row) => row.GetProperty("name").GetString()!;

    static IEnumerable<string> Faults(JsonElement row)
    {
        var size = row.GetProperty("img_size");
        var model = Zoo.Build(Name(row), new() { ImgSize = (size[0].GetInt32(), size[1].GetInt32()) });
        var graph = Fill.Weights(model.Graph, row.GetProperty("gain").GetDouble());
        long[] shape = [.. row.GetProperty("input").EnumerateArray().Select(d => d.GetInt64())];
        var got = Ort.Run(graph, ("input", Fill.Input(shape), shape))["features"];
        var expected = row.GetProperty("outputs").GetProperty("");
        var noise = Tolerances.Get("zoo/numbers.noise") * expected.GetProperty("noise").GetDouble();
        var bound = Tolerances.Get("zoo/numbers.floor") + noise;
        return from item in new[] { 0, 1 }
               let error = Signature.Worst(expected.GetProperty($"item_{item}"), got, item)
               let relative = error / expected.GetProperty("std").GetDouble()
               where !(relative <= bound)
               select $"{Name(row)} of {size}, image {item}: {relative:e1} of the deviation, allowed are {bound:e1}";
    }
}
