using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// Level 1 of the ladder: names, shapes and order of all weights equal timm's, and ONNX Runtime, which infers all
/// shapes again, loads every graph.
/// </summary>
[TestClass]
public sealed class StructureTests
{
    static readonly Dictionary<string, JsonElement> Rows = GoldenZoo.Read(Paths.Golden("zoo", "structure.jsonl.gz"));

    [TestMethod]
    public void EveryModelHasTimmsWeightsAndLoads()
    {
        var modules = Zoo.Families.Select(f => f.Module).ToHashSet();
        var names = Rows.Where(r => modules.Contains(r.Value.GetProperty("module").GetString()!)).Select(r => r.Key);
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = 2 }, name => Check(name, faults));
        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join("\n", faults.Order().Take(40))}");
    }

    /// <summary>With timm's whole lists at hand, says what differs first.</summary>
    [TestMethod]
    public void EveryWeightIsTimms()
    {
        var shared = GoldenZoo.Shared("zoo", "structure.jsonl.gz");
        var known = Zoo.Names.Where(shared.ContainsKey);
        var faults = known.Select(name => Difference(name, GoldenZoo.Weights(shared[name]))).OfType<string>().ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(40))}");
    }

    static void Check(string name, ConcurrentBag<string> faults)
    {
        try
        {
            var model = Zoo.Build(name);
            var (weights, row) = (Weights(model), Rows[name]);
            if (model.ParamCount != row.GetProperty("param_count").GetInt64())
                faults.Add($"{name}: {model.ParamCount} parameters, timm has {row.GetProperty("param_count")}");
            if (Hash(weights) != row.GetProperty("sha256").GetString())
                faults.Add(Listed(name, row, weights));
            Ort.Load(OnnxFile.ToBytes(model.Graph, weightsAsInputs: true));
        }
        catch (Exception e) when (e is UserException or InvalidOperationException or OnnxRuntimeException)
        {
            faults.Add($"{name}: {e.Message}");
        }
    }

    static string Listed(string name, JsonElement row, string[] weights) => row.TryGetProperty("tensors", out _)
        ? Difference(name, GoldenZoo.Weights(row))!
        : $"{name}: {weights.Length} tensors, timm has {row.GetProperty("count")}; their list differs";

    static string[] Weights(Model model) =>
        [.. model.Graph.Weights.Select(w => $"{w.Name} {w.Shape} {(w.Role == Role.Param ? "param" : "stat")}")];

    static string Hash(string[] lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join("\n", lines))));

    static string? Difference(string name, string[] expected)
    {
        var got = Weights(Zoo.Build(name));
        var i = expected.Zip(got).TakeWhile(p => p.First == p.Second).Count();
        return i == expected.Length && i == got.Length ? null : $"{name}: at {i} of {expected.Length} ({got.Length}): "
            + $"timm {expected.ElementAtOrDefault(i)}, here {got.ElementAtOrDefault(i)}";
    }
}
