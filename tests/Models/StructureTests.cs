using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Level 1 of the ladder: names, shapes and order of all weights equal timm's.</summary>
[TestClass]
public sealed class StructureTests
{
    [TestMethod]
    public void EveryModelHasTimmsWeights()
    {
        var rows = GoldenZoo.Shared("zoo", "structure.jsonl.gz");
        var faults = new List<string>();
        foreach (var family in Zoo.Families)
            foreach (var name in rows.Where(r => r.Value.GetProperty("module").GetString() == family.Module).Select(r => r.Key))
                faults.AddRange(Faults(name, GoldenZoo.Weights(rows[name]), rows[name].GetProperty("param_count").GetInt64()));
        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join("\n", faults.Take(40))}");
    }

    static IEnumerable<string> Faults(string name, string[] expected, long parameters)
    {
        string[] got;
        Model model;
        try
        {
            model = Zoo.Build(name);
            got = [.. model.Graph.Weights.Select(w => $"{w.Name} {w.Shape} {(w.Role == Role.Param ? "param" : "stat")}")];
        }
        catch (Exception e) when (e is UserException or InvalidOperationException)
        {
            return [$"{name}: {e.Message}"];
        }
        if (!got.SequenceEqual(expected))
            return [$"{name}: {Difference(expected, got)}"];
        return model.ParamCount == parameters ? [] : [$"{name}: {model.ParamCount} parameters, timm has {parameters}."];
    }

    static string Difference(string[] expected, string[] got)
    {
        var i = expected.Zip(got).TakeWhile(p => p.First == p.Second).Count();
        return $"at {i} of {expected.Length} ({got.Length}): timm {expected.ElementAtOrDefault(i)}, here {got.ElementAtOrDefault(i)}";
    }
}
