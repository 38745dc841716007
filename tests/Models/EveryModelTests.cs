using System.Collections.Concurrent;
using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// Level 1 of the ladder: each name is built once, and everything that its structure tells is checked on it. What needs
/// another network of the name is checked on a sample.
/// </summary>
[TestClass]
public sealed class EveryModelTests
{
    static readonly Dictionary<string, JsonElement> Rows = GoldenZoo.Read(Paths.Golden("zoo", "structure.jsonl.gz"));

    /// <summary>
    /// Weights by name, shape and order, layer groups, decay, classifiers and maps equal timm's; a third of the names, in
    /// turn by the day, load in ONNX Runtime and leave nothing to fold when they are exported.
    /// </summary>
    [TestMethod]
    public void EveryModelIsTimms()
    {
        var lists = Paths.HasShared("golden", "zoo") ? GoldenZoo.Shared("zoo", "structure.jsonl.gz") : [];
        var today = Asked.Names.Where((_, i) => Asked.IsSome || i % 3 == DateTime.UtcNow.DayOfYear % 3).ToHashSet();
        var faults = Faults([.. Asked.Names, .. Missing()], name =>
        {
            var model = Zoo.Build(name);
            var faults = ModelChecks.Of(model, Rows, lists);
            return today.Contains(name) ? [.. faults, .. ModelChecks.OfExport(model.Graph)] : faults;
        });
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(100))}");
        if (lists.Count == 0)
            Paths.Shared("golden", "zoo");
    }

    /// <summary>Names of timm's that a family of ours lacks: they cannot be built, which says so.</summary>
    static IEnumerable<string> Missing()
    {
        var (modules, names) = (Zoo.Modules, Zoo.Names.ToHashSet());
        return Rows.Where(r => modules.Contains(r.Value.GetProperty("module").GetString()!) && !names.Contains(r.Key))
            .Select(r => r.Key);
    }

    static string[] Faults(string[] names, Func<string, IEnumerable<string>> check)
    {
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = 2 }, name =>
        {
            try
            {
                foreach (var fault in check(name))
                    faults.Add($"{name}: {fault}");
            }
            catch (Exception e)
            {
                faults.Add($"{name}: {e.GetType().Name}: {e.Message}");
            }
        });
        return [.. faults.Order()];
    }
}
